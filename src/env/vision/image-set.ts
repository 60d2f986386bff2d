// Labelled images as an environment wants them: one run of bytes, and which of them may be shown.

/** A part of a data set. The bytes may be shared between parts and between threads, and are never written. */
export type ImageSet = {
  /** Such as `MNIST`. */
  readonly name: string
  /** uint8 [N, H, W, C]. */
  readonly images: Uint8Array
  /** uint8 [N] in [0, classNames.length). */
  readonly labels: Uint8Array
  /** Pixels. */
  readonly height: number
  /** Pixels. */
  readonly width: number
  /** C: 1 for grey, 3 for RGB. */
  readonly channels: number
  /** One name per class, in the order of the labels. */
  readonly classNames: readonly string[]
  /** int32: the images of this part, as indices in [0, N). Item i of an environment is image `indices[i]`. */
  readonly indices: Int32Array
  /** Short hex digits that are others when an image, a label, or which image is in which part has changed; where it is known. */
  readonly fingerprint?: string
}

/** How many bytes one image has. */
export const imageSize = ({ height, width, channels }: Pick<ImageSet, 'height' | 'width' | 'channels'>): number =>
  height * width * channels
