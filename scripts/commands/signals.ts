// How a command ends early. The first SIGINT (Ctrl-C), SIGTERM or SIGHUP (the terminal is gone) saves and ends, the second
// ends at once; the exit code is 128 + the signal's number. Under `nohup`, SIGHUP is ignored.

import { readFileSync, readlinkSync } from 'node:fs'
import type { Io } from './run.ts'

/** What shells report of a process that was ended by a signal. */
const codes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const
type Signal = keyof typeof codes

/** npm passes on to its child what the terminal has sent to both: one Ctrl-C may come twice, this many milliseconds apart. */
const echo = 300

/** What a command does about signals, until `done`. */
export type Signals = {
  /** The first that came. */
  readonly signal: Signal | undefined
  /** From now on, call this to save and end; undefined: there is nothing to save, end at once. */
  onStop(stop: (() => void) | undefined): void
  /** Leave the signals to Node again; after one came, the process will end with its code. */
  done(): void
}

/**
 * Listen for signals. A parent that goes away, where there is a channel to it, counts as SIGHUP: nobody is left to end us.
 * @param saving what is said after the first, such as `stopping after this iteration`
 * @param abandon done at once where there is nothing to save, or on the second signal
 */
export function listenForSignals(io: Io, saving: string, abandon: () => void = () => {}): Signals {
  let [signal, at] = [undefined as Signal | undefined, 0]
  let stop: (() => void) | undefined
  const end = (code: number): never => {
    abandon()
    process.exit(code)
  }
  const handle = (name: Signal): void => {
    if (signal && performance.now() - at < echo) return
    if (signal || !stop) end(codes[name])
    ;[signal, at] = [name, performance.now()]
    stop!()
    io.error.write(`${saving}; again to quit at once\n`)
  }
  const orphaned = (): void => handle('SIGHUP')
  const ignored = isUnderNohup()
  const handlers = (Object.keys(codes) as Signal[]).map(
    (name) => [name, name === 'SIGHUP' && ignored ? () => {} : () => handle(name)] as const,
  )
  for (const [name, handler] of handlers) process.on(name, handler)
  process.on('disconnect', orphaned)
  process.channel?.unref()
  if (process.connected === false) orphaned() // before anybody listened
  return {
    get signal() {
      return signal
    },
    onStop(how) {
      stop = how
    },
    done() {
      for (const [name, handler] of handlers) process.off(name, handler)
      process.off('disconnect', orphaned)
      if (signal) process.exitCode = codes[signal]
    },
  }
}

/**
 * Whether `nohup` started this process. Node forgets at its start which signals were ignored, but nohup leaves two traces: it
 * puts /dev/null, open for writing alone, where the terminal was to be read, and a shell's `_` names it.
 */
function isUnderNohup(): boolean {
  if (/(^|\/)nohup$/.test(process.env._ ?? '')) return true
  try {
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync('/proc/self/fdinfo/0', 'utf8'))?.[1] ?? '0'
    return readlinkSync('/proc/self/fd/0') === '/dev/null' && (Number.parseInt(flags, 8) & 3) === 1
  } catch {
    return false // no /proc here
  }
}
