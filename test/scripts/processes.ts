// Commands as processes of their own: started, listened to, and ended by signals as a terminal sends them.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../scripts/saccade.ts', import.meta.url))

export type Started = {
  readonly child: ChildProcess
  out: string
  error: string
  /** The exit code, or the name of the signal that ended it. */
  readonly done: Promise<number | string | null>
}

/** The command line of a command, for a shell. */
export const commandLine = (...args: readonly string[]): string =>
  [process.execPath, '--import', import.meta.resolve('tsx'), program, ...args].map((word) => `'${word}'`).join(' ')

/** Start a command; with `shell`, as part of a command line such as `{} 2>&1 | tee log`, in a process group of its own. */
export function start(args: readonly string[], shell = 'exec {}', env: NodeJS.ProcessEnv = {}): Started {
  const child = spawn('bash', ['-c', shell.replace('{}', commandLine(...args))], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, ...env },
  })
  const done = once(child, 'close').then(([code, signal]) => code ?? signal)
  const started: Started = { child, out: '', error: '', done }
  child.stdout?.on('data', (chunk) => {
    started.out += chunk
  })
  child.stderr?.on('data', (chunk) => {
    started.error += chunk
  })
  return started
}

/** Until the process has printed something; it must not end before. */
export async function printed(started: Started, pattern: RegExp): Promise<void> {
  while (!pattern.test(started.out)) {
    const ended = await Promise.race([
      once(started.child.stdout!, 'data').then(() => false),
      started.done.then(() => true),
    ])
    if (ended && !pattern.test(started.out)) throw new Error(`ended before ${pattern}: ${started.out}${started.error}`)
  }
}

/** What Ctrl-C in a terminal does: every process of the group gets it. */
export const toGroup = ({ child }: Started, signal: NodeJS.Signals): boolean => process.kill(-child.pid!, signal)
