// Labelled images as bytes, all of them, and where they come from.

import { createHash } from 'node:crypto'
import type { ImageSet } from '../env/vision/image-set.ts'
import { type PixelFile, readPixels } from './pixel-file.ts'

/** Every image of a data set: first those for training, then its own validation images, then its own test images. */
export type Dataset = Omit<ImageSet, 'indices' | 'read'> & {
  /** Where the images are that are too many for memory; `images` is then empty. */
  readonly file?: PixelFile
  /** Images from this index on are the set's own validation images; `testFrom`, or absent, where it has none of its own. */
  readonly validationFrom?: number
  /** Images from this index on are the set's own test images; the number of images where it has none of its own. */
  readonly testFrom: number
  /**
   * uint32 [N, 2]: a hash of each image's name. With it an image's part depends on its name and the seed alone; without
   * it on its index and the number of images.
   */
  readonly identities?: Uint32Array
  /** Whether the images are the user's own: what was found is then told before training. */
  readonly own?: boolean
  /** What was left out, changed or guessed when it was loaded, in sentences. */
  readonly notes?: readonly string[]
}

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

/** Bytes that worker threads can share. */
export const sharedBytes = (length: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(length))
