// One process at a time trains in a directory: a file names the process that does.

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { UserError } from '../core/errors.ts'
import { inWords, isMissing } from './files.ts'

type Holder = {
  readonly pid: number
  readonly host: string
  readonly birth: string | undefined
  readonly since: string
}

/**
 * Hold a lock file until it is released or the process ends. The lock of a process that is dead (kill -9) is taken over.
 * @returns releases it
 * @throws UserError where a living process holds it.
 */
export function holdLock(path: string): () => void {
  const mine: Holder = {
    pid: process.pid,
    host: hostname(),
    birth: birthOf(process.pid),
    since: new Date().toISOString(),
  }
  if (!claim(path, mine)) {
    const holder = readHolder(path)
    if (holder && isAlive(holder))
      throw new UserError(
        `${path}: process ${holder.pid} on ${holder.host} has been training here since ${holder.since}; stop it first, or choose another directory` +
          (holder.host === mine.host ? '' : ' (if it no longer runs, delete this file)'),
      )
    rmSync(path, { force: true })
    if (!claim(path, mine)) throw new UserError(`${path}: another process has just begun to train here`)
  }
  const release = (): void => {
    process.off('exit', release)
    rmSync(path, { force: true })
  }
  process.on('exit', release)
  return release
}

/** Whether a living process holds the lock, as far as can be told from here. @throws UserError where the file cannot be read. */
export function isHeld(path: string): boolean {
  const holder = readHolder(path)
  return holder !== undefined && isAlive(holder)
}

/** Whether the file was made: it is not where another's lies. */
function claim(path: string, holder: Holder): boolean {
  try {
    writeFileSync(path, `${JSON.stringify(holder)}\n`, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EEXIST') return false
    throw inWords(error, `cannot write ${path}`)
  }
}

/** Who holds the lock; undefined where nobody does or nobody can tell: killed while writing it. */
function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return undefined
    throw inWords(error, `cannot read ${path}`)
  }
}

/** Whether the holder still runs, as far as can be told from here: a process of another machine might. */
function isAlive({ pid, host, birth }: Holder): boolean {
  if (host !== hostname()) return true
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EPERM') return false
  }
  return birth === birthOf(pid)
}

/** On Linux, what tells a process from a later one of the same number, after a reboot too; elsewhere undefined. */
function birthOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // the second field, the command in brackets, may hold spaces; the start time is the 22nd
    return `${boot}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`
  } catch {
    return undefined
  }
}
