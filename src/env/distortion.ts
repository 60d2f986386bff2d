// Training images drawn a little differently every time they are shown: turned, sheared, scaled, shifted and, where left and
// right are alike, mirrored at random, so that an agent that has seen a digit a hundred times has not seen the same one.
// After Simard, Steinkraus, Platt 2003 (affine part); the paper of the attention model has no such thing.

import type { Rng } from '../rng.ts'
import { type ImageSet, imageSize } from './image-set.ts'

/** The largest distortion at strength 1: radians, radians, shares of the size, and pixels of a 28-pixel image. */
const largest = { turn: 0.2, shear: 0.2, scale: 0.12, shift: 2 / 28 }

/** Each part of it is uniform within `strength` times its largest; with `mirror`, every other image is mirrored besides. */
export type Distortion = { readonly strength: number; readonly mirror: boolean }

/**
 * Draw image `image` of the set, distorted, into `out`, uint8 [H, W, C] from byte `start`: interpolated between its pixels
 * (bilinear), `background` beyond them.
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
  const { height, width, channels, images } = set
  const within = (bound: number): number => rng.uniform(-strength * bound, strength * bound)
  const [turn, shear, wider, taller] = [
    within(largest.turn),
    within(largest.shear),
    within(largest.scale),
    within(largest.scale),
  ]
  const [right, down] = [within(largest.shift) * width, within(largest.shift) * height]
  const side = mirror && rng.uniform(0, 1) < 0.5 ? -1 : 1
  // where each pixel of the outcome comes from, about the centre
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)]
  const [xx, xy] = [cos / (1 + wider), (sin + shear * cos) / (1 + wider)]
  const [yx, yy] = [-sin / (1 + taller), (cos - shear * sin) / (1 + taller)]
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2]
  const from = image * imageSize(set)
  const pixel = (row: number, column: number, channel: number): number =>
    row >= 0 && row < height && column >= 0 && column < width
      ? images[from + (row * width + column) * channels + channel]!
      : background
  let to = start
  for (let row = 0; row < height; row++) {
    const dy = row - middleY - down
    for (let column = 0; column < width; column++) {
      const dx = side * (column - middleX) - right
      const x = middleX + xx * dx + xy * dy
      const y = middleY + yx * dx + yy * dy
      const left = Math.floor(x)
      const top = Math.floor(y)
      const inside = left >= 0 && left + 1 < width && top >= 0 && top + 1 < height
      const corner = from + (top * width + left) * channels
      for (let channel = 0; channel < channels; channel++) {
        const at = corner + channel
        const a = inside ? images[at]! : pixel(top, left, channel)
        const b = inside ? images[at + channels]! : pixel(top, left + 1, channel)
        const c = inside ? images[at + width * channels]! : pixel(top + 1, left, channel)
        const d = inside ? images[at + (width + 1) * channels]! : pixel(top + 1, left + 1, channel)
        const upper = a + (b - a) * (x - left)
        const lower = c + (d - c) * (x - left)
        out[to++] = upper + (lower - upper) * (y - top) + 0.5 // cut off by the array
      }
    }
  }
}
