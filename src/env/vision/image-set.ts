// Labelled images as an environment wants them: one run of bytes, or a way to read each, and which of them may be shown.

/** A part of a data set. The bytes may be shared between parts and between threads, and are never written. */
export type ImageSet = {
  /** Such as `MNIST`. */
  readonly name: string
  /** uint8 [N, H, W, C]; empty where there is `read`. */
  readonly images: Uint8Array
  /** Of images that are too many for memory: writes image `image`, uint8 [H, W, C], to `out` from `at`. */
  readonly read?: (image: number, out: Uint8Array, at: number) => void
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

/** Scratch of `pixelsOf`. */
let scratch = new Uint8Array(0)

/** Image `image` is [H, W, C] from `from` of `pixels`, until the next call. */
export function pixelsOf(set: ImageSet, image: number): { readonly pixels: Uint8Array; readonly from: number } {
  const size = imageSize(set)
  if (!set.read) return { pixels: set.images, from: image * size }
  if (scratch.length < size) scratch = new Uint8Array(size)
  set.read(image, scratch, 0)
  return { pixels: scratch, from: 0 }
}
