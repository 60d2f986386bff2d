// One process at a time trains in a directory: a file names the process that does. Node has no `flock`, so whoever wants the
// lock first lays a claim beside it, under a name that nobody else has, and goes on only while no other claim is there: of two
// who come at once, at least one sees the other.

import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { UserError } from '../core/errors.ts'
import { inWords, isMissing, readRegular } from './files.ts'

/** A process, told from a later one of the same number. */
type Identity = { readonly pid: number; readonly birth: string | undefined }

type Holder = Identity & {
  readonly host: string
  /** The process without which this one ends by itself, where it was started with a channel to one. */
  readonly parent?: Identity
  readonly since: string
  /** Tells this holding from any other. */
  readonly id: string
}

/** Bytes of a lock file at most. */
const largest = 65_536
/** Milliseconds for which others who want the lock at the same moment are waited for. */
const patience = 5000
/** Milliseconds for which a holder is waited for that is about to end. */
const patienceForEnding = 20_000
/** Linux's PF_EXITING among a process's flags, and signal 9 in a mask of signals. */
const [exiting, sigkill] = [0x4, 1n << 8n]
/** At the start: who loses its parent gets another. */
const parent = process.channel ? { pid: process.ppid, birth: birthOf(process.ppid) } : undefined

/**
 * Hold a lock file until it is released or the process ends. The lock of a process that is dead (kill -9) is taken over, and
 * that of one that is about to end is waited for: killed but still in the system's hands, or left by its parent.
 * @returns releases it
 * @throws UserError where a living process holds it.
 */
export function holdLock(path: string): () => void {
  const mine: Holder = {
    pid: process.pid,
    host: hostname(),
    birth: birthOf(process.pid),
    ...(parent ? { parent } : {}),
    since: new Date().toISOString(),
    id: randomUUID(),
  }
  awaitEnding(path)
  const claim = aloneWithClaim(path, mine)
  try {
    refuseLiving(path)
    renameSync(claim, path) // the claim becomes the lock, in one step
  } catch (error) {
    rmSync(claim, { force: true })
    throw inWords(error, `cannot write ${path}`)
  }
  const release = (): void => {
    process.off('exit', release)
    try {
      if (readHolder(path)?.id === mine.id) rmSync(path, { force: true })
    } catch {
      // a directory that is gone took the lock along
    }
  }
  process.on('exit', release)
  return release
}

/** Whether a living process holds the lock, as far as can be told from here. @throws UserError where the file cannot be read. */
export function isHeld(path: string): boolean {
  const holder = readHolder(path)
  return holder !== undefined && isAlive(holder)
}

/** Wait while the lock's holder is about to end, but not for ever. */
function awaitEnding(path: string): void {
  const deadline = performance.now() + patienceForEnding
  for (;;) {
    const holder = readHolder(path)
    if (!holder || !isAlive(holder) || !isEnding(holder) || performance.now() > deadline) return
    pause(10)
  }
}

/** @throws UserError where a living process holds the lock. */
function refuseLiving(path: string): void {
  const holder = readHolder(path)
  if (!holder || !isAlive(holder)) return
  throw new UserError(
    `${path}: process ${holder.pid} on ${holder.host} has been training here since ${holder.since}; stop it first, or choose another directory` +
      (holder.host === hostname() ? '' : ' (if it no longer runs, delete this file)'),
  )
}

/**
 * Lay a claim and wait until it is the only one: then nobody else can be between looking at the lock and taking it. Of several
 * the first by name waits for the others, who withdraw and come again.
 * @returns the claim's path
 */
function aloneWithClaim(path: string, mine: Holder): string {
  const claim = `${path}.claim-${mine.pid}-${mine.id}`
  const deadline = performance.now() + patience
  while (performance.now() < deadline) {
    try {
      writeFileSync(claim, `${JSON.stringify(mine)}\n`, { flag: 'wx' })
    } catch (error) {
      rmSync(claim, { force: true })
      throw inWords(error, `cannot write ${path}`)
    }
    let others = otherClaims(path, claim)
    while (others.length > 0 && others.every((other) => other > claim) && performance.now() < deadline) {
      pause(0.5)
      others = otherClaims(path, claim)
    }
    if (others.length === 0) return claim
    rmSync(claim, { force: true })
    // whoever comes again while others stand there only keeps them waiting, for ever where looking takes long
    do {
      refuseLiving(path) // mostly the winner is there by now
      pause(0.5 + 2 * Math.random())
    } while (otherClaims(path, claim).length > 0 && performance.now() < deadline)
  }
  throw new UserError(`${path}: another process is about to train here; try again, or choose another directory`)
}

/** The claims of others that live; those of the dead are cleared away. */
function otherClaims(path: string, mine: string): string[] {
  const prefix = `${basename(path)}.claim-`
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(dirname(path), name))
    .filter((claim) => {
      if (basename(claim) === basename(mine)) return false
      const holder = readHolder(claim)
      // one that cannot be read is being written, or has just gone
      const [pid] = basename(claim).slice(prefix.length).split('-').map(Number)
      if (holder ? isAlive(holder) : runs(pid!)) return true
      rmSync(claim, { force: true })
      return false
    })
}

/** Who holds the lock; undefined where nobody does or nobody can tell: killed while writing it. */
function readHolder(path: string): Holder | undefined {
  try {
    const holder = JSON.parse(readRegular(path, largest).toString()) as Partial<Holder> | null
    return typeof holder?.pid === 'number' ? (holder as Holder) : undefined
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return undefined
    throw inWords(error, `cannot read ${path}`)
  }
}

/** Whether the holder still runs, as far as can be told from here: a process of another machine might. */
function isAlive({ pid, host, birth }: Identity & { readonly host: string }): boolean {
  return host !== hostname() || (runs(pid) && birth === birthOf(pid))
}

/** Whether a holder that lives will end by itself: it was killed and is being taken down, or whom it worked for is gone. */
function isEnding({ pid, host, parent }: Holder): boolean {
  if (host !== hostname()) return false
  return isDying(pid) || (parent !== undefined && (!isAlive({ ...parent, host }) || isDying(parent.pid)))
}

/** On Linux, whether the system is taking a process down: it runs no more of its own code, but that it is dead takes a while to be seen. */
function isDying(pid: number): boolean {
  if ((Number(statOf(pid)[6] ?? 0) & exiting) !== 0) return true
  try {
    const pending = readFileSync(`/proc/${pid}/status`, 'utf8').matchAll(/^S(?:ig|hd)Pnd:\s*([0-9a-f]+)$/gm)
    return [...pending].some(([, mask]) => (BigInt(`0x${mask}`) & sigkill) !== 0n)
  } catch {
    return false
  }
}

/** Whether a process of this number runs here. One that is dead and that nobody has asked about yet (a zombie) does not. */
function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EPERM') return false
  }
  return !['Z', 'X'].includes(statOf(pid)[0] ?? '')
}

/** On Linux, what tells a process from a later one of the same number, after a reboot too; elsewhere undefined. */
function birthOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const start = statOf(pid)[19]
    return start === undefined ? undefined : `${boot}/${start}`
  } catch {
    return undefined
  }
}

/** On Linux, what the system says of a process, from its state (the third field) on; elsewhere nothing. */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // the second field, the command in brackets, may hold spaces
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}

/** Sleep, without letting anything else happen in this thread. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}
