// CIFAR-10: 60,000 photographs of 32x32 in colour, of ten classes (Krizhevsky 2009), as the set's own binary files: a byte
// of label and 3 x 1024 bytes of red, green and blue an image. They are read from the cache, which fetch-cifar10.ts
// fills, or from a directory of one's own; nothing is fetched here.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../core/errors.ts'
import { cacheOf } from './cache.ts'
import { type Dataset, sharedBytes } from './dataset.ts'

/** The six files, five for training and one for the test, with the MD5 of each as fetch-cifar10.ts writes it. */
export const cifarFiles = {
  'data_batch_1.bin': '5dd7e06a14cb22eb9f671a540d1b7c25',
  'data_batch_2.bin': '5ea93a67294ea407fff1d09f752e9692',
  'data_batch_3.bin': '942cd6a4bcdd0dd3c604fbe906cb4421',
  'data_batch_4.bin': 'ae636b3ba5c66a11e91e8cb52e771fcb',
  'data_batch_5.bin': '53f37980c15c3d472c316c40844f3f0d',
  'test_batch.bin': '803d5f7f4d78ea53de84dbe85f74fb6d',
} as const

/** Images a file, pixels an image, bytes an image with its label. */
export const cifarShape = { images: 10_000, pixels: 1024, record: 3073 } as const

const classNames = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck']

const side = 32

const help =
  'npm run data -- cifar10 (saccade data cifar10) fetches it, or set the option data to a directory with the binary files data_batch_1.bin to data_batch_5.bin and test_batch.bin'

/** CIFAR-10 from the cache, verified by checksum, or the six binary files in `data`, unverified. @throws UserError where they are missing or wrong. */
export function loadCifar10(data?: string, cache = cacheOf('cifar10')): Dataset {
  const directory = data || cache
  const names = Object.keys(cifarFiles) as (keyof typeof cifarFiles)[]
  const missing = names.filter((name) => !existsSync(join(directory, name)))
  if (missing.length > 0) throw new UserError(`CIFAR-10: ${directory} has no ${missing.join(', ')}; ${help}`)
  const count = names.length * cifarShape.images
  const images = sharedBytes(count * 3 * cifarShape.pixels)
  const labels = sharedBytes(count)
  names.forEach((name, n) => {
    const bytes = readBatch(join(directory, name), data ? undefined : cifarFiles[name])
    const from = n * cifarShape.images
    for (let i = 0; i < cifarShape.images; i++) unpackRecord(bytes, i, images, labels, from + i)
    const wrong = labels.subarray(from, from + cifarShape.images).findIndex((label) => label >= classNames.length)
    if (wrong >= 0)
      throw new UserError(
        `${join(directory, name)}: byte ${wrong * cifarShape.record}: expected a label in 0 ... 9, found ${labels[from + wrong]}; ${help}`,
      )
  })
  return {
    ...{ name: 'CIFAR10', images, labels, classNames, height: side, width: side, channels: 3 },
    testFrom: count - cifarShape.images,
    own: Boolean(data),
  }
}

/** The bytes of a file of as many records as it should have. */
function readBatch(path: string, checksum: string | undefined): Uint8Array {
  const expected = cifarShape.images * cifarShape.record
  const { size } = statSync(path)
  if (size !== expected)
    throw new UserError(
      `${path}: ${size} bytes, expected ${expected} (${cifarShape.images} images of ${cifarShape.record} bytes); ${help}`,
    )
  const bytes = readFileSync(path)
  const found = checksum && createHash('md5').update(bytes).digest('hex')
  if (found !== checksum)
    throw new UserError(`${path}: its MD5 is ${found}, expected ${checksum}; the file is damaged: remove it; ${help}`)
  return bytes
}

/** Record `i` as image and label number `to`: a plane each of red, green and blue becomes three bytes a pixel. */
function unpackRecord(bytes: Uint8Array, i: number, images: Uint8Array, labels: Uint8Array, to: number): void {
  const { pixels, record } = cifarShape
  labels[to] = bytes[i * record]!
  for (let c = 0; c < 3; c++) {
    const plane = i * record + 1 + c * pixels
    for (let p = 0; p < pixels; p++) images[(to * pixels + p) * 3 + c] = bytes[plane + p]!
  }
}
