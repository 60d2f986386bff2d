// Which modules may run that only a file names: those that this user has named on this machine before, those that --trust vouches
// for, and those that somebody at the terminal says yes to. They are remembered by their absolute paths.

import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { printable } from '../../src/core/printable.ts'
import { readTextIfThere, writeWhole } from '../../src/runs/files.ts'
import type { Gatekeeper } from '../../src/runs/imports.ts'

/** Where they are remembered: JSON, a list. */
const memory = (): string =>
  join(process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'saccade', 'modules.json')

/** A package's name means another package elsewhere. */
const keyOf = (module: string): string => (isAbsolute(module) ? module : `${module} from ${process.cwd()}`)

/** Decides for this user. @param vouched by --trust */
export function userDecides(vouched: boolean): Gatekeeper {
  return {
    async admit(modules, source) {
      const known = remembered()
      const unknown = modules.filter((module) => !known.includes(keyOf(module)))
      if (unknown.length > 0 && !vouched && !(await ask(unknown, source))) return false
      remember(unknown)
      return true
    },
    remember,
  }
}

/** Ask at the terminal; no where there is none. */
async function ask(modules: readonly string[], source: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false
  const list = modules.map((module) => `  ${printable(module)}\n`).join('')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(
      `${printable(source)} names modules, which are code and would run here:\n${list}Run them, now and from now on? [y/N] `,
    )
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    terminal.close()
  }
}

function remembered(): string[] {
  try {
    const list: unknown = JSON.parse(readTextIfThere(memory(), 2 ** 20) ?? '[]')
    return Array.isArray(list) ? list.filter((module) => typeof module === 'string') : []
  } catch {
    return [] // what cannot be read vouches for nothing
  }
}

function remember(modules: readonly string[]): void {
  const known = remembered()
  const fresh = modules.map(keyOf).filter((key) => !known.includes(key))
  if (fresh.length === 0) return
  try {
    writeWhole(memory(), `${JSON.stringify([...known, ...fresh], undefined, 2)}\n`)
  } catch {
    // where nothing can be remembered, it is asked again
  }
}
