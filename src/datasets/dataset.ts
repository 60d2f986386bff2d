// Labelled images as bytes, all of them, and where they come from.

import type { ImageSet } from '../env/vision/image-set.ts'

/** An open file, uint8 [pixels, `written`]. A file is open to all threads of a process: this goes to a worker as it is. */
export type PixelFile = {
  readonly descriptor: number
  /** Bytes that each pixel has in the file. */
  readonly written: 1 | 3
  /** Bytes that are wanted of each: all, or the first. */
  readonly channels: 1 | 3
}

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

/** Bytes that worker threads can share. */
export const sharedBytes = (length: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(length))
