// One part of a data set as an environment wants it, its images in memory or read from their file.

import type { Split } from '../env/registry.ts'
import type { ImageSet } from '../env/vision/image-set.ts'
import type { Dataset } from './dataset.ts'
import { readPixels } from './pixel-file.ts'
import { cutDataset, type Parts, type SplitOptions } from './split.ts'

/** One part of a data set. @throws UserError where a part is empty. */
export function selectSplit(dataset: Dataset, split: Split, options: Partial<SplitOptions> = {}): ImageSet {
  return partOf(dataset, cutDataset(dataset, options), split)
}

/** The images of one part as an environment wants them. */
export function partOf(dataset: Dataset, parts: Parts, split: Split): ImageSet {
  const { name, images, labels, height, width, channels, classNames, file } = dataset
  const size = height * width
  return {
    ...{ name, images, labels, height, width, channels, classNames, indices: parts[split] },
    ...(file && {
      read: (image, out, at) => readPixels(file, image * size, out.subarray(at, at + size * channels)),
    }),
  }
}
