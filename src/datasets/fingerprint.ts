// What identifies data: hashes of images and labels, of which is in which part, of images' names. Needs Node.

import { createHash } from 'node:crypto'
import type { Dataset } from './dataset.ts'
import { readPixels } from './pixel-file.ts'
import { type Parts, splits } from './split.ts'

const fingerprints = new WeakMap<object, string>()

/** 16 hex digits of SHA-256 over the shape, the class names, the labels and the pixels; the same data, the same digits. */
export function fingerprintOf(dataset: Omit<Dataset, 'testFrom'>): string {
  const known = fingerprints.get(dataset.images)
  if (known) return known
  const { height, width, channels, classNames, labels } = dataset
  const hash = createHash('sha256').update(JSON.stringify([height, width, channels, classNames]))
  hash.update(labels)
  for (const part of partsOf(dataset)) hash.update(part)
  const fingerprint = hash.digest('hex').slice(0, 16)
  fingerprints.set(dataset.images, fingerprint)
  return fingerprint
}

/** All pixels in their order, no more than 2 GiB at a time. */
function* partsOf({ images, file, labels, height, width, channels }: Omit<Dataset, 'testFrom'>): Generator<Uint8Array> {
  if (!file) for (let from = 0; from < images.length; from += 2 ** 28) yield images.subarray(from, from + 2 ** 28)
  else {
    const pixels = labels.length * height * width
    const block = new Uint8Array(channels * Math.min(2 ** 22, pixels))
    for (let from = 0; from < pixels; from += 2 ** 22) {
      const part = block.subarray(0, channels * Math.min(2 ** 22, pixels - from))
      readPixels(file, from, part)
      yield part
    }
  }
}

/** 16 hex digits of SHA-256 over which image is in which part. */
export function fingerprintOfSplit(parts: Parts): string {
  const hash = createHash('sha256')
  for (const split of splits) hash.update(`${split}:${parts[split].length};`).update(parts[split])
  return hash.digest('hex').slice(0, 16)
}

/** uint32 [N, 2]: what an image's part is drawn by, from its name. */
export function hashNames(names: readonly string[]): Uint32Array {
  const hashes = new Uint32Array(2 * names.length)
  names.forEach((name, i) => {
    const digest = createHash('sha256').update(name).digest()
    hashes[2 * i] = digest.readUInt32LE(0)
    hashes[2 * i + 1] = digest.readUInt32LE(4)
  })
  return hashes
}
