// The four IDX files of MNIST and its kin, found in a directory as people have them, and unpacked.

import { closeSync, type Dirent, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { constants, gunzipSync } from 'node:zlib'
import { UserError } from '../core/errors.ts'
import { sharedBytes } from './dataset.ts'
import { declaredLength } from './idx.ts'

/** The four files, by their usual names. */
export const idxFiles = {
  trainImages: 'train-images-idx3-ubyte',
  trainLabels: 'train-labels-idx1-ubyte',
  testImages: 't10k-images-idx3-ubyte',
  testLabels: 't10k-labels-idx1-ubyte',
} as const

export type IdxFile = keyof typeof idxFiles

/** Where the four files are, and of which set. */
export type IdxPaths = {
  readonly paths: Readonly<Record<IdxFile, string>>
  /** What their names begin with, such as `emnist-letters`; '' for the usual names. */
  readonly set: string
  readonly notes: readonly string[]
}

const help = 'the option data names a directory with the four IDX files'

/** `emnist-letters-train-images-idx3-ubyte.gz`, `t10k-labels.idx1-ubyte` ... */
const fileName = /^(?:(.+)-)?(train|t10k|test)-(images|labels)[-.]idx[13]-ubyte(?:\.gz)?$/i

/**
 * Find the four files in a directory, or, where `place` names what its files begin with (`DIR/emnist-letters`), those. Each
 * may be packed, may lie in a folder of its own name, and may have an empty one beside it.
 * @throws UserError where one is missing or empty, or where there are several sets.
 */
export function findIdxFiles(place: string, name: string): IdxPaths {
  const isFolder = statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false
  const prefixed = !isFolder && statSync(dirname(place), { throwIfNoEntry: false })?.isDirectory()
  const directory = prefixed ? dirname(place) : place
  const candidates = candidatesIn(directory, name)
  const sets = [...new Set(candidates.map(({ set }) => set))].sort()
  if (prefixed && sets.length === 0) throw unreadable(place, name, 'ENOENT')
  const wanted = prefixed ? [basename(place).replace(/-$/, '')] : sets
  if (prefixed && !sets.includes(wanted[0]!))
    throw new UserError(
      `${name}: there is no ${place}, and no file in ${directory} begins with ${basename(place)}-train-images; ${help}`,
    )
  if (wanted.length > 1)
    throw new UserError(
      `${name}: ${directory} has the files of several sets; name one: ${wanted.map((set) => join(directory, set || idxFiles.trainImages)).join(', ')}`,
    )
  const set = wanted[0] ?? ''
  const notes: string[] = []
  const found = Object.keys(idxFiles).map((kind) => {
    const those = candidates.filter((file) => file.set === set && file.kind === kind)
    const [best] = those.filter(({ bytes }) => bytes > 0)
    const empty = those.filter(({ bytes }) => bytes === 0)
    if (best && empty.length > 0) notes.push(`${empty[0]!.path} is empty; ${best.path} is read instead`)
    if (!best && empty.length > 0) throw new UserError(`${empty[0]!.path} is empty (0 bytes); fetch it again`)
    return [kind, best?.path] as const
  })
  const missing = found.filter(([, path]) => path === undefined).map(([kind]) => idxFiles[kind as IdxFile])
  if (missing.length > 0)
    throw new UserError(
      `${name}: ${directory} has no ${missing.map((file) => (set ? `${set}-${file}` : file)).join(', ')} (plain or .gz); ${help}`,
    )
  return { paths: Object.fromEntries(found) as Record<IdxFile, string>, set, notes }
}

type Candidate = { readonly path: string; readonly kind: IdxFile; readonly set: string; readonly bytes: number }

/** Every file whose name is that of one of the four, plain ones before packed ones. */
function candidatesIn(directory: string, name: string): Candidate[] {
  return list(directory, name)
    .flatMap((entry): Candidate[] => {
      const match = fileName.exec(entry.name)
      if (!match) return []
      const [, set = '', part, what] = match
      const kind = `${part!.toLowerCase() === 'train' ? 'train' : 'test'}${what!.toLowerCase() === 'images' ? 'Images' : 'Labels'}`
      const path = join(directory, entry.name)
      const paths = statSync(path).isDirectory()
        ? list(path, name).flatMap((inner) => (fileName.test(inner.name) ? [join(path, inner.name)] : []))
        : [path]
      return paths.map((each) => ({ path: each, kind: kind as IdxFile, set, bytes: statSync(each).size }))
    })
    .sort((a, b) => Number(a.path.endsWith('.gz')) - Number(b.path.endsWith('.gz')))
}

function list(directory: string, name: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch (error) {
    throw unreadable(directory, name, (error as NodeJS.ErrnoException).code)
  }
}

const unreadable = (directory: string, name: string, code = 'unknown error'): UserError =>
  new UserError(`${name}: cannot read directory ${directory}: ${code}; ${help}`)

/** The unpacked bytes of a file, which is packed where it begins as gzip files do. @throws UserError where it cannot be read or unpacked. */
export function readIdxFile(path: string): Uint8Array {
  const bytes = readFile(path)
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? unpack(bytes, path) : bytes
}

/** A file in shared memory with room behind it for as much again as the test part is of the training part. */
function readFile(path: string): Uint8Array {
  try {
    const size = statSync(path).size
    const bytes = sharedBytes(size + Math.ceil(size / 4)).subarray(0, size)
    const file = openSync(path, 'r')
    try {
      for (let read = 0; read < size; ) {
        const more = readSync(file, bytes, read, size - read, read)
        if (more === 0) return bytes.subarray(0, read)
        read += more
      }
    } finally {
      closeSync(file)
    }
    return bytes
  } catch (error) {
    throw new UserError(`cannot read ${path}: ${(error as NodeJS.ErrnoException).code}`)
  }
}

/** gzip makes nothing smaller than this. */
const bestRatio = 1032

/** Unpack as many bytes as the header inside says, and no more. */
function unpack(bytes: Uint8Array, path: string): Uint8Array {
  try {
    const head = gunzipSync(bytes.subarray(0, 4096), { finishFlush: constants.Z_SYNC_FLUSH })
    // too short for a header: whole and small, or not whole
    if (head.length < 16) return gunzipSync(bytes, { maxOutputLength: bestRatio * 4096 })
    const length = declaredLength(head, path)
    if (length > bestRatio * bytes.length)
      throw new UserError(
        `${path}: its header promises ${length} bytes, more than a gzip file of ${bytes.length} can hold; fetch it again`,
      )
    return gunzipSync(bytes, { maxOutputLength: length })
  } catch (error) {
    if (error instanceof UserError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ERR_BUFFER_TOO_LARGE')
      throw new UserError(`${path}: it holds more bytes than its header says; fetch it again`)
    throw new UserError(`${path}: not a whole gzip file (${message}); fetch it again`)
  }
}
