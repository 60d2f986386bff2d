// A drawing made into a digit as MNIST has them: the ink scaled to fit a square of 20x20 pixels, its proportions kept, and
// laid into 28x28 with its centre of mass in the middle (LeCun et al. 1998). Each pixel is the exact average of the ink
// under it. Pure: no page here.

/** Pixels along one side of a digit. */
export const digitSide = 28

/** Digit i of uint8 [N, 28, 28]; a view, no copy. */
export const digitAt = (images: Uint8Array, i: number): Uint8Array =>
  images.subarray(i * digitSide ** 2, (i + 1) * digitSide ** 2)

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
  // ink smaller than a digit is not enlarged
  const cell = Math.max(1, Math.max(right - left + 1, bottom - top + 1) / inkSide)
  // by whole pixels of the digit, as MNIST's were: the ink's own edges stay sharp
  const begin = (first: number, mean: number): number => first - Math.round(middlePixel - (mean - first) / cell) * cell
  return averageCells(ink, side, begin(left, massX / mass), begin(top, massY / mass), cell)
}

/** The means of the ink, none being outside the sheet, under 28x28 squares of side `cell` from (left, top). */
function averageCells(ink: Uint8Array, side: number, left: number, top: number, cell: number): Uint8Array {
  const digit = new Uint8Array(digitSide * digitSide)
  for (let k = 0; k < digit.length; k++) {
    const x = left + (k % digitSide) * cell
    const y = top + Math.floor(k / digitSide) * cell
    let sum = 0
    for (let row = Math.max(Math.floor(y), 0); row < Math.min(y + cell, side); row++)
      for (let column = Math.max(Math.floor(x), 0); column < Math.min(x + cell, side); column++) {
        const across = Math.min(column + 1, x + cell) - Math.max(column, x)
        const down = Math.min(row + 1, y + cell) - Math.max(row, y)
        sum += across * down * ink[row * side + column]!
      }
    digit[k] = Math.round(sum / (cell * cell))
  }
  return digit
}
