// A drawing made into a digit as MNIST has them: the ink scaled to fit a square of 20x20 pixels, its proportions kept, and
// laid into 28x28 with its centre of mass in the middle (LeCun et al. 1998). The scaling is a glance of the retina: a
// window of 28x28 cells averages exactly the ink under each cell. Pure: no page here.

import { Retina } from '../../src/env/retina.ts'

/** Pixels along one side of a digit. */
export const digitSide = 28
/** Pixels that the longer side of the ink comes to. */
const inkSide = 20
/** Where the centre of mass comes to lie, but for a rest of half a pixel: in the middle of pixel 14, as measured on MNIST. */
const middlePixel = 14.5

/**
 * @param ink uint8 [side, side]: 0 is paper, 255 is ink
 * @returns uint8 [28, 28], or undefined where there is no ink
 */
export function digitOf(ink: Uint8Array, side: number): Uint8Array | undefined {
  let [left, top, right, bottom] = [side, side, -1, -1]
  let [mass, massX, massY] = [0, 0, 0]
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const value = ink[y * side + x]!
      if (value === 0) continue
      ;[left, right] = [Math.min(left, x), Math.max(right, x)]
      ;[top, bottom] = [Math.min(top, y), Math.max(bottom, y)]
      mass += value
      massX += value * (x + 0.5)
      massY += value * (y + 0.5)
    }
  if (mass === 0) return undefined
  // the retina's cells are never smaller than a pixel of the ink
  const cell = Math.max(1, Math.max(right - left + 1, bottom - top + 1) / inkSide)
  const retina = new Retina({
    ...{ height: side, width: side, channels: 1 },
    ...{ glimpseSide: digitSide, scales: 2, scaleFactor: cell },
  })
  // by whole pixels of the digit, as MNIST's were: the ink's own edges stay sharp
  const middle = (first: number, mean: number): number =>
    first + (digitSide / 2 - Math.round(middlePixel - (mean - first) / cell)) * cell
  const centre = [middle(left, massX / mass), middle(top, massY / mass)].map((place) => (2 * place) / side - 1)
  const seen = new Float32Array(retina.size)
  retina.show(ink, [0])
  retina.look([0], Float32Array.from(centre), seen)
  return Uint8Array.from(seen.subarray(digitSide * digitSide), (value) => Math.round(255 * value))
}
