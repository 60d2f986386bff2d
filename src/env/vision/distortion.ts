// Training images drawn a little differently every time they are shown: turned, sheared, scaled, shifted and, where left and
// right are alike, mirrored at random, so that an agent that has seen a digit a hundred times has not seen the same one.
// After Simard, Steinkraus, Platt 2003 (affine part); the paper of the attention model has no such thing.

import { OptionError } from '../../core/errors.ts'
import type { Rng } from '../../core/rng.ts'
import { type ImageSet, pixelsOf } from './image-set.ts'

/** The largest distortion at strength 1: radians, radians, shares of the size, and pixels of a 28-pixel image. */
const largest = { turn: 0.2, shear: 0.2, scale: 0.12, shift: 2 / 28 }

/** A pixel in the whole numbers that places are counted in, of which the upper eight bits behind the point interpolate. */
const one = 65536
/** Pixels; with them, and the most that the options allow, places stay below 2^31. */
const largestSide = 8192

/** Each part of it is uniform within `strength` times its largest; with `mirror`, every other image is mirrored besides. */
export type Distortion = { readonly strength: number; readonly mirror: boolean }

/**
 * Draw image `image` of the set, distorted, into `out`, uint8 [H, W, C] from byte `start`: interpolated between its pixels
 * (bilinear, in steps of 1/256 pixel), `background` beyond them.
 * @throws RangeError on images with a side of more than 8192 pixels.
 */
export function distort(
  set: ImageSet,
  image: number,
  { strength, mirror }: Distortion,
  background: number,
  rng: Rng,
  out: Uint8Array,
  start: number,
): void {
  const { height, width, channels } = set
  if (Math.max(height, width) > largestSide)
    throw new OptionError(
      `distortion: images of ${width}x${height} given; distorted are those of up to ${largestSide} pixels a side: set distortion 0, or make the images smaller`,
    )
  const turn = draw(rng, strength * largest.turn)
  const shear = draw(rng, strength * largest.shear)
  const wider = draw(rng, strength * largest.scale)
  const taller = draw(rng, strength * largest.scale)
  const right = draw(rng, strength * largest.shift) * width
  const down = draw(rng, strength * largest.shift) * height
  const side = mirror && rng.uniform(0, 1) < 0.5 ? -1 : 1
  // where each pixel of the outcome comes from, about the centre
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)]
  const [xx, xy] = [cos / (1 + wider), (sin + shear * cos) / (1 + wider)]
  const [yx, yy] = [-sin / (1 + taller), (cos - shear * sin) / (1 + taller)]
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2]
  const framed = frame(set, image, background)
  const stride = (width + 3) * channels
  // int32, which the compiler is told by `| 0`, of 1 / 65536 of a pixel, in the frame, beyond which there is nothing else
  const [lastX, lastY] = [(width + 1) * one, (height + 1) * one]
  const [stepX, stepY] = [Math.round(xx * side * one) | 0, Math.round(yx * side * one) | 0]
  const first = -side * middleX - right
  let to = start
  for (let row = 0; row < height; row++) {
    const dy = row - middleY - down
    let freeX = Math.round((middleX + 1 + xx * first + xy * dy) * one) | 0
    let freeY = Math.round((middleY + 1 + yx * first + yy * dy) * one) | 0
    for (let column = 0; column < width; column++) {
      const x = freeX < 0 ? 0 : freeX > lastX ? lastX : freeX
      const y = freeY < 0 ? 0 : freeY > lastY ? lastY : freeY
      freeX = (freeX + stepX) | 0
      freeY = (freeY + stepY) | 0
      const alongX = (x >>> 8) & 255
      const alongY = (y >>> 8) & 255
      const corner = (y >>> 16) * stride + (x >>> 16) * channels
      for (let at = corner; at < corner + channels; at++) {
        const a = framed[at]!
        const c = framed[at + stride]!
        const upper = (a << 8) + (framed[at + channels]! - a) * alongX
        const lower = (c << 8) + (framed[at + stride + channels]! - c) * alongX
        out[to++] = ((upper << 8) + (lower - upper) * alongY + one / 2) >>> 16
      }
    }
  }
}

const draw = (rng: Rng, bound: number): number => rng.uniform(-bound, bound)

/** Scratch of `frame`. */
let scratch = new Uint8Array(0)

/** The image in a frame of background: a pixel before its first row and column, two behind its last. Valid until the next. */
function frame(set: ImageSet, image: number, background: number): Uint8Array {
  const { height, width, channels } = set
  const stride = (width + 3) * channels
  const size = (height + 3) * stride
  if (scratch.length < size) scratch = new Uint8Array(size)
  scratch.fill(background, 0, size)
  const row = width * channels
  const { pixels, from: first } = pixelsOf(set, image)
  let from = first
  for (let y = 0; y < height; y++) {
    const to = (y + 1) * stride + channels
    for (let i = 0; i < row; i++) scratch[to + i] = pixels[from++]!
  }
  return scratch
}
