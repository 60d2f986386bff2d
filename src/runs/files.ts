// Files that are written whole or not at all, files of others that are read with care, and the file system's errors in one
// line of words.

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { UserError } from '../core/errors.ts'

/**
 * Write a file so that whoever reads it, at any moment and after any crash, finds either all of the old content or all
 * of the new: written beside it as `<path>.tmp`, synced, renamed. Makes the directory. One writer at a time.
 * @throws UserError where the system refuses: disk full, no permission, not a directory.
 */
export function writeWhole(path: string, data: string | Uint8Array): void {
  const beside = `${path}.tmp`
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeSynced(beside, data, 'w')
    renameSync(beside, path)
    syncDirectory(dirname(path))
  } catch (error) {
    try {
      rmSync(beside, { force: true })
    } catch {
      // what stops the writing stops this too; the first complaint is the one that helps
    }
    throw inWords(error, `cannot write ${path}`)
  }
}

/** Append a line to a file and wait until it is on the disk. @throws UserError where the system refuses. */
export function appendLine(path: string, line: string): void {
  try {
    writeSynced(path, `${line}\n`, 'a')
  } catch (error) {
    throw inWords(error, `cannot write ${path}`)
  }
}

/** The largest text file that is read, in bytes: far more than any run or sweep writes. */
export const largestText = 256 * 2 ** 20

/**
 * The bytes of a regular file, or of what a link to one leads to; never waits, as reading a FIFO would.
 * @param limit the most bytes that it may have
 * @throws UserError where it is anything else or larger, and the system's own error (ENOENT ...) where it cannot be opened.
 */
export function readRegular(path: string, limit = largestText): Buffer {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const stat = fstatSync(file)
    if (!stat.isFile())
      throw new UserError(`${path}: ${stat.isDirectory() ? 'a directory' : 'a special file'}, not a file`)
    if (stat.size > limit) throw new UserError(`${path}: ${inBytes(stat.size)}; at most ${inBytes(limit)} are read`)
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}

/** The text of a regular file, without a byte order mark; undefined where there is none. @throws UserError where it cannot be read. */
export function readTextIfThere(path: string, limit = largestText): string | undefined {
  try {
    return readRegular(path, limit)
      .toString('utf8')
      .replace(/^\uFEFF/, '')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw inWords(error, `cannot read ${path}`)
  }
}

/** The text of a regular file, without a byte order mark. @throws UserError where there is none or it cannot be read. */
export function readText(path: string, limit = largestText): string {
  const text = readTextIfThere(path, limit)
  if (text === undefined) throw new UserError(`cannot read ${path}: no such file or directory (ENOENT)`)
  return text
}

/** `12 bytes`, `3.4 MB`. */
export function inBytes(count: number): string {
  if (count < 1000) return `${count} bytes`
  const units = ['kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length, Math.floor(Math.log10(count) / 3))
  return `${Number((count / 1000 ** power).toPrecision(3))} ${units[power - 1]}`
}

/** An error of the file system as a UserError, `<doing>: <what is wrong> (<code>)`; any other error as it is. */
export function inWords(error: unknown, doing: string): unknown {
  const { code, errno } = (error ?? {}) as { code?: unknown; errno?: unknown }
  if (error instanceof UserError || typeof code !== 'string' || typeof errno !== 'number') return error
  return new UserError(`${doing}: ${words[code] ?? 'the system refuses'} (${code})`, { cause: error })
}

/** Whether an error says that nothing can be written here now, whoever tries: the disk is full, read-only or failing. */
export const isDiskBroken = ({ cause }: { readonly cause?: unknown }): boolean =>
  ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'].includes((cause as { code?: string } | undefined)?.code ?? '')

/** Whether an error says that there is no such file. */
export const isMissing = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === 'ENOENT'

const words: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'a file of that name is in the way',
  EFBIG: 'the file would be too large',
  EIO: 'the disk fails',
  EISDIR: 'it is a directory',
  ELOOP: 'its links lead in a circle',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'no such file or directory',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is not a directory',
  ENXIO: 'it is no file',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
}

function writeSynced(path: string, data: string | Uint8Array, flag: 'w' | 'a'): void {
  const file = openSync(path, flag)
  try {
    writeFileSync(file, data)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Make a rename last: the directory that holds the name is a file too. Not every system lets one sync it. */
function syncDirectory(path: string): void {
  if (process.platform === 'win32') return
  const directory = openSync(path, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
