// A directory with the four IDX files of MNIST and its kin, plain or gzipped, as one data set.

import { createHash } from 'node:crypto'
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { UserError } from '../core/errors.ts'
import { type Dataset, sharedBytes } from './dataset.ts'
import { checkCounts, parseIdxImages, parseIdxLabels } from './idx.ts'

/** The four files, by their usual names; a dot may stand for the last dash but one, and .gz may follow. */
export const idxFiles = {
  trainImages: 'train-images-idx3-ubyte',
  trainLabels: 'train-labels-idx1-ubyte',
  testImages: 't10k-images-idx3-ubyte',
  testLabels: 't10k-labels-idx1-ubyte',
} as const

export type IdxFile = keyof typeof idxFiles

/** MD5 of each unpacked file. */
export type Checksums = Readonly<Record<IdxFile, string>>

/**
 * Load the four files of a directory.
 * @throws UserError where the directory or a file is missing or unreadable, where a file is not what its name says, or
 * where it differs from `checksums`, if they are given.
 */
export function loadIdxDirectory(
  directory: string,
  { name, classNames, checksums }: { name: string; classNames: readonly string[]; checksums?: Checksums },
): Dataset {
  const paths = findFiles(directory, name)
  const read = (kind: IdxFile) => readIdxFile(paths[kind], checksums?.[kind])
  const [train, test] = (['train', 'test'] as const).map((part) => {
    const imageFile = paths[`${part}Images`]
    const labelFile = paths[`${part}Labels`]
    const images = parseIdxImages(read(`${part}Images`), imageFile)
    const labels = parseIdxLabels(read(`${part}Labels`), labelFile, classNames.length)
    checkCounts(images, imageFile, labels, labelFile)
    return { ...images, labels }
  }) as [Part, Part]
  if (train.height !== test.height || train.width !== test.width)
    throw new UserError(
      `${paths.testImages}: images of ${test.height}x${test.width}, but ${paths.trainImages} has ${train.height}x${train.width}; they must agree`,
    )
  return {
    name,
    images: joinBytes(train.images, test.images),
    labels: joinBytes(train.labels, test.labels),
    height: train.height,
    width: train.width,
    channels: 1,
    classNames,
    testFrom: train.count,
  }
}

type Part = ReturnType<typeof parseIdxImages> & { readonly labels: Uint8Array }

function findFiles(directory: string, name: string): Record<IdxFile, string> {
  const present = listDirectory(directory, name)
  const found = Object.entries(idxFiles).map(([kind, file]) => {
    const candidates = [file, file.replace('-idx', '.idx')].flatMap((plain) => [plain, `${plain}.gz`])
    const match = candidates.find((candidate) => present.includes(candidate))
    return [kind, match && join(directory, match)] as const
  })
  const missing = found.filter(([, path]) => !path).map(([kind]) => idxFiles[kind as IdxFile])
  if (missing.length > 0)
    throw new UserError(
      `${name}: ${directory} has no ${missing.join(', ')} (plain or .gz); the option data names a directory with the four IDX files`,
    )
  return Object.fromEntries(found) as Record<IdxFile, string>
}

function listDirectory(directory: string, name: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    throw new UserError(
      `${name}: cannot read directory ${directory}: ${(error as NodeJS.ErrnoException).code}; the option data names a directory with the four IDX files`,
    )
  }
}

/** The unpacked bytes of a file. */
function readIdxFile(path: string, checksum?: string): Uint8Array {
  const bytes = unpack(readFile(path), path)
  if (!checksum) return bytes
  const found = createHash('md5').update(bytes).digest('hex')
  if (found !== checksum)
    throw new UserError(
      `${path}: MD5 of the unpacked file is ${found}, expected ${checksum}; the file is damaged: install it again`,
    )
  return bytes
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

function unpack(bytes: Uint8Array, path: string): Uint8Array {
  if (!path.endsWith('.gz')) return bytes
  try {
    return gunzipSync(bytes)
  } catch (error) {
    throw new UserError(`${path}: not a whole gzip file (${(error as Error).message}); fetch it again`)
  }
}

/** Both in one shared array; in the first one's own memory where it has the room, for a second copy of a large file stays long. */
function joinBytes(first: Uint8Array, second: Uint8Array): Uint8Array {
  const length = first.length + second.length
  const roomy = first.buffer instanceof SharedArrayBuffer && first.byteOffset + length <= first.buffer.byteLength
  const joined = roomy ? new Uint8Array(first.buffer, first.byteOffset, length) : sharedBytes(length)
  if (!roomy) joined.set(first)
  joined.set(second, first.length)
  return joined
}
