// Labelled images as bytes, and their three parts: train, validation and test share no image.

import { UserError } from '../core/errors.ts'
import { Rng } from '../core/rng.ts'
import type { Split } from '../env/registry.ts'
import type { ImageSet } from '../env/vision/image-set.ts'

/** Every image of a data set, and where its own test images begin. */
export type Dataset = Omit<ImageSet, 'indices'> & {
  /** Images from this index on are the set's own test images; the number of images where it has none of its own. */
  readonly testFrom: number
}

/** How a data set is cut. */
export type SplitOptions = {
  readonly splitSeed: number
  /** In (0, 1): the part of the images that are not for the test which is kept for validation; 0.1 is 6,000 of MNIST's 60,000. */
  readonly validationShare: number
  /** In (0, 1): the part of the images kept for the test, where the set has no test images of its own. */
  readonly testShare: number
}

export const splitDefaults: SplitOptions = { splitSeed: 0, validationShare: 0.1, testShare: 0.1 }

/**
 * One part of a data set. The images that are not the set's own test images are shuffled by `splitSeed`; of that order
 * the first are for validation, then, where the set has no test images of its own, for the test, and the rest for
 * training. The set's own test images stay in their order.
 * @throws UserError where a part is empty.
 */
export function selectSplit(dataset: Dataset, split: Split, options: Partial<SplitOptions> = {}): ImageSet {
  const { splitSeed, validationShare, testShare } = { ...splitDefaults, ...options }
  const { testFrom, ...set } = dataset
  const count = set.labels.length
  const order = Rng.of(splitSeed, 'split').permutation(testFrom)
  const validationEnd = Math.round(testFrom * validationShare)
  const testEnd = validationEnd + (testFrom === count ? Math.round(testFrom * testShare) : 0)
  const ownTest = Int32Array.from({ length: count - testFrom }, (_, i) => testFrom + i)
  const indices = {
    train: order.slice(testEnd),
    validation: order.slice(0, validationEnd),
    test: testFrom === count ? order.slice(validationEnd, testEnd) : ownTest,
  }[split]
  if (indices.length === 0)
    throw new UserError(`${set.name}: no images are left for ${split}; ${count} are too few to be cut in three`)
  return { ...set, indices }
}

/** Bytes that worker threads can share. */
export const sharedBytes = (length: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(length))
