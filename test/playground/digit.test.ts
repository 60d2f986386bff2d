import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { loadDataset } from '../../src/datasets/store.ts'
import { digitOf, digitSide } from '../../web/playground/digit.ts'

/** Ink of a filled rectangle on a square sheet. */
function rectangle(side: number, left: number, top: number, width: number, height: number): Uint8Array {
  const ink = new Uint8Array(side * side)
  for (let y = top; y < top + height; y++) ink.fill(255, y * side + left, y * side + left + width)
  return ink
}

test('the longer side becomes 20 pixels, the proportions stay, the centre of mass is in the middle', () => {
  // 40 x 80 pixels, so cells of 80 / 20 = 4 pixels: 10 x 20, from column 14.5 - 5 = 9.5, so 10, and row 14.5 - 10 = 4.5, so 5
  const digit = digitOf(rectangle(140, 90, 3, 40, 80), 140)!
  for (let y = 0; y < digitSide; y++)
    for (let x = 0; x < digitSide; x++)
      assert.is(digit[y * digitSide + x], x >= 10 && x < 20 && y >= 5 && y < 25 ? 255 : 0, `(${x}, ${y})`)
})

test('where it is drawn and how large makes no difference', () => {
  const small = digitOf(rectangle(140, 2, 100, 20, 30), 140)
  const large = digitOf(rectangle(140, 30, 5, 80, 120), 140)
  assert.equal(small, large)
})

test('an empty sheet is no digit', () => {
  assert.is(digitOf(new Uint8Array(140 * 140), 140), undefined)
})

test('a digit of MNIST, drawn large and aside, is itself again', () => {
  // each pixel as 4 x 4 pixels of ink, moved aside
  const { images, testFrom } = loadDataset('mnist')
  let same = 0
  for (let n = 0; n < 100; n++) {
    const original = images.subarray((testFrom + n) * 784, (testFrom + n + 1) * 784)
    const ink = new Uint8Array(140 * 140)
    for (let y = 0; y < 112; y++)
      for (let x = 0; x < 112; x++) ink[(y + 28) * 140 + x] = original[(y >> 2) * 28 + (x >> 2)]!
    if (correlation(digitOf(ink, 140)!, original) > 0.99) same++
  }
  assert.ok(same >= 90, `${same} of 100`)
})

function correlation(a: Uint8Array, b: Uint8Array): number {
  const centred = (values: Uint8Array): Float64Array => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    return Float64Array.from(values, (value) => value - mean)
  }
  const [x, y] = [centred(a), centred(b)]
  const dot = (u: Float64Array, v: Float64Array): number => u.reduce((sum, value, i) => sum + value * v[i]!, 0)
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y))
}

test.run()
