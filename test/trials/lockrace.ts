// Do two processes ever hold one lock? Several take the same lock in the same millisecond, many times over, and the rounds are
// counted in which none, one or several hold it: `node --import tsx test/trials/lockrace.ts fresh|stale|empty <processes>
// <rounds> [milliseconds a round]`. Prints the counts as one line of JSON. The tests run it for a few rounds.

import { fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { holdLock } from '../../src/runs/lock.ts'

const [kind = 'fresh', processes = '4', rounds = '400', interval = '25'] = process.argv.slice(2)

type Answer = { readonly won: readonly number[]; readonly unexpected: readonly string[] }

/** In a directory of its own, as the lock of a run. */
const lockOf = (directory: string, round: number): string => join(directory, String(round), 'lock')

/** Take the lock of every round at its moment, and keep it. */
async function contend(directory: string, begin: number): Promise<Answer> {
  process.setMaxListeners(0)
  const [won, unexpected] = [[] as number[], [] as string[]]
  for (let round = 0; round < Number(rounds); round++) {
    const moment = begin + round * Number(interval)
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, moment - 2 - Date.now())))
    while (Date.now() < moment); // awake: the others are, too
    try {
      holdLock(lockOf(directory, round))
      won.push(round)
    } catch (error) {
      const { name, message } = error as Error
      if (name !== 'UserError' || !message.includes('has been training here since')) unexpected.push(message)
    }
  }
  return { won, unexpected }
}

if (process.env.SACCADE_LOCKRACE) {
  const [directory, begin] = process.env.SACCADE_LOCKRACE.split('|') as [string, string]
  process.send!(await contend(directory, Number(begin)))
  // whoever ends releases: not before all are counted
  await new Promise((resolve) => process.once('disconnect', resolve))
} else {
  const directory = mkdtempSync(join(tmpdir(), 'saccade-locks-'))
  const dead = { pid: 2 ** 22, host: hostname(), birth: 'x', since: 'y', id: 'z' }
  const before = { stale: JSON.stringify(dead), empty: '' }[kind]
  for (let round = 0; round < Number(rounds); round++) {
    mkdirSync(join(directory, String(round)))
    if (before !== undefined) writeFileSync(lockOf(directory, round), before)
  }
  const begin = Date.now() + 4000
  const holders = new Int32Array(Number(rounds))
  const unexpected: string[] = []
  const children = Array.from({ length: Number(processes) }, () =>
    fork(fileURLToPath(import.meta.url), process.argv.slice(2), {
      env: { ...process.env, SACCADE_LOCKRACE: `${directory}|${begin}` },
    }),
  )
  await Promise.all(
    children.map(
      (child) =>
        new Promise<void>((resolve) => {
          child.on('message', (answer: Answer) => {
            for (const round of answer.won) holders[round]!++
            unexpected.push(...answer.unexpected)
            resolve()
          })
          child.on('exit', () => resolve())
        }),
    ),
  )
  for (const child of children) if (child.connected) child.disconnect()
  const count = (matches: (holders: number) => boolean): number => holders.filter(matches).length
  const counts = { none: count((n) => n === 0), one: count((n) => n === 1), several: count((n) => n > 1) }
  console.log(JSON.stringify({ kind, processes: children.length, ...counts, unexpected: unexpected.slice(0, 3) }))
  rmSync(directory, { recursive: true, force: true })
}
