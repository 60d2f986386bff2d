// The retina against hand-worked numbers and against a slow, plain definition of what a glimpse is.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Rng } from '../../../src/core/rng.ts'
import { Retina, type RetinaShape } from '../../../src/env/vision/retina.ts'

/** One glimpse of one image. */
function glimpse(shape: RetinaShape, image: ArrayLike<number>, x: number, y: number): Float32Array {
  const retina = new Retina(shape)
  const out = new Float32Array(retina.size)
  retina.show(Uint8Array.from(image), [0])
  retina.look([0], Float32Array.of(x, y), out)
  return out
}

/** The area average of the image, the background around it, over a box; by clipping every pixel to the box. */
function boxAverage(shape: RetinaShape, image: ArrayLike<number>, left: number, top: number, side: number, c: number) {
  const { height, width, channels, background = 0 } = shape
  let sum = background * side * side
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const across = Math.min(column + 1, left + side) - Math.max(column, left)
      const down = Math.min(row + 1, top + side) - Math.max(row, top)
      if (across > 0 && down > 0) sum += across * down * (image[(row * width + column) * channels + c]! - background)
    }
  return sum / (side * side * 255)
}

/** The image halved: means of 2x2 pixels, rounded to a byte, the background where there is no image. */
function halved(shape: RetinaShape, image: ArrayLike<number>): [RetinaShape, number[]] {
  const { channels, background = 0 } = shape
  const [height, width] = [Math.ceil(shape.height / 2), Math.ceil(shape.width / 2)]
  const pixel = (row: number, column: number, c: number): number =>
    row < shape.height && column < shape.width ? image[(row * shape.width + column) * channels + c]! : background
  const half = Array.from({ length: height * width * channels }, (_, k) => {
    const c = k % channels
    const column = 2 * (Math.floor(k / channels) % width)
    const row = 2 * Math.floor(k / channels / width)
    const sum = [0, 1].flatMap((i) => [0, 1].map((j) => pixel(row + i, column + j, c))).reduce((a, b) => a + b)
    return Math.floor(sum / 4 + 0.5)
  })
  return [{ ...shape, height, width }, half]
}

/** The definition of a glimpse, cell by cell. */
function plainGlimpse(shape: RetinaShape, image: ArrayLike<number>, x: number, y: number): number[] {
  const { height, width, channels, glimpseSide, scales, scaleFactor } = shape
  const cells: number[] = []
  let [size, level, pixel] = [shape, image, 1]
  for (let s = 0; s < scales; s++) {
    const cell = scaleFactor ** s
    for (; 2 * pixel <= cell; pixel *= 2) [size, level] = halved(size, level)
    for (let i = 0; i < glimpseSide; i++)
      for (let j = 0; j < glimpseSide; j++)
        for (let c = 0; c < channels; c++) {
          const left = ((x + 1) / 2) * width + (j - glimpseSide / 2) * cell
          const top = ((y + 1) / 2) * height + (i - glimpseSide / 2) * cell
          cells.push(boxAverage(size, level, left / pixel, top / pixel, cell / pixel, c))
        }
  }
  return cells
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0)

const round = (values: Float32Array): number[] => Array.from(values, (value) => Math.round(value * 1e4) / 1e4)

const square = { height: 4, width: 4, channels: 1, glimpseSide: 2, scales: 1, scaleFactor: 2 }

// 0   51  102 153
// 204 255 0   51
// 102 153 204 255
// 0   51  102 153
const picture = [0, 51, 102, 153, 204, 255, 0, 51, 102, 153, 204, 255, 0, 51, 102, 153]

test('the centre of the image is (0, 0)', () => {
  // the four pixels about the centre: 255 0 / 153 204
  assert.equal(round(glimpse(square, picture, 0, 0)), [1, 0, 0.6, 0.8])
})

test('(-1, -1) is the top-left corner of the top-left pixel, and outside the image there is background', () => {
  // the window's lower right cell is pixel 0 (0), the rest lies outside; the background is 255
  assert.equal(round(glimpse({ ...square, background: 255 }, picture, -1, -1)), [1, 1, 1, 0])
  // at (1, 1) the upper left cell is the last pixel, 153 / 255 = 0.6
  assert.equal(round(glimpse(square, picture, 1, 1)), [0.6, 0, 0, 0])
})

test('x runs along a row and y down a column', () => {
  // a pixel is 0.5 of the location's range, so (0.5, 0) is centred one pixel to the right of the middle:
  // columns 2 and 3 of rows 1 and 2: 0 51 / 204 255
  assert.equal(round(glimpse(square, picture, 0.5, 0)), [0, 0.2, 0.8, 1])
  // columns 1 and 2 of rows 2 and 3: 153 204 / 51 102
  assert.equal(round(glimpse(square, picture, 0, 0.5)), [0.6, 0.8, 0.2, 0.4])
})

test('between pixels the finest scale is bilinear interpolation', () => {
  // a single cell centred on the corner between pixels 255, 0, 153, 204: their mean, 612 / 4 / 255 = 0.6
  assert.equal(round(glimpse({ ...square, glimpseSide: 1 }, picture, 0, 0)), [0.6])
  // a quarter pixel to the right (x = 0.125): 1/4 of 255 and 153, 3/4 of 0 and 204, halved: (102 + 153) / 2 / 255 = 0.5
  assert.equal(round(glimpse({ ...square, glimpseSide: 1 }, picture, 0.125, 0)), [0.5])
})

test('a coarser scale averages wider cells about the same centre', () => {
  // two cells of 2x2 pixels a side cover the image: means of 0 51 204 255, 102 153 0 51, 102 153 0 51, 204 255 102 153
  // that is 127.5, 76.5, 76.5 and 178.5, rounded 128, 77, 77 and 179
  const both = round(glimpse({ ...square, scales: 2 }, picture, 0, 0))
  assert.equal(both.slice(0, 4), [1, 0, 0.6, 0.8])
  assert.equal(both.slice(4), round(Float32Array.of(128 / 255, 77 / 255, 77 / 255, 179 / 255)))
})

test('between the pixels of its level a coarser scale is bilinear interpolation, too', () => {
  // level 1 is 128 77 / 77 179; one cell of 2 pixels a side, centred one pixel right of the middle (x = 0.5), so over
  // the middle of the right-hand column: (77 + 179) / 2 = 128
  const shape = { ...square, glimpseSide: 1, scales: 2 }
  assert.equal(round(glimpse(shape, picture, 0.5, 0)).slice(1), round(Float32Array.of(128 / 255)))
  // half a pixel right of the middle (x = 0.25): 1/4 of the left column, 102.5, and 3/4 of the right one, 128: 121.625
  assert.equal(round(glimpse(shape, picture, 0.25, 0)).slice(1), round(Float32Array.of(121.625 / 255)))
})

test('an odd side is completed with background', () => {
  // a white image of 3x3, black around it: its level 1 is 255 and 127.5 / 127.5 and 63.75, rounded 255 128 / 128 64.
  // a window of 2x2 cells of 2 pixels from the image's corner is centred at pixel 2, so at 2 * 2 / 3 - 1 = 1/3
  const shape = { ...square, height: 3, width: 3, scales: 2 }
  const seen = glimpse(shape, new Uint8Array(9).fill(255), 1 / 3, 1 / 3)
  assert.equal(round(seen.subarray(4)), round(Float32Array.of(1, 128 / 255, 128 / 255, 64 / 255)))
})

test('a cell that lies half outside is half background', () => {
  // one cell of 4 pixels a side (factor 4), centred at the middle of the left side: columns -2 ... 2, rows 0 ... 4.
  // the image is one pixel of level 2: the mean of 128, 77, 77 and 179, 115.25, rounded 115; half of it and half of 100
  const [, coarse] = glimpse({ ...square, glimpseSide: 1, scales: 2, scaleFactor: 4, background: 100 }, picture, -1, 0)
  assert.ok(Math.abs(coarse! - 107.5 / 255) < 1e-6)
})

test('glimpses agree with the definition for any side, scale, factor, channels and image shape', () => {
  const rng = Rng.of(7)
  for (let trial = 0; trial < 200; trial++) {
    const shape = {
      height: 1 + rng.integer(12),
      width: 1 + rng.integer(12),
      channels: 1 + rng.integer(3),
      glimpseSide: 1 + rng.integer(6),
      scales: 1 + rng.integer(3),
      scaleFactor: rng.integer(2) === 0 ? 1 + rng.integer(4) : rng.uniform(1, 4),
      background: rng.integer(256),
    }
    const image = Uint8Array.from({ length: shape.height * shape.width * shape.channels }, () => rng.integer(256))
    const [x, y] = [Math.fround(rng.uniform(-1, 1)), Math.fround(rng.uniform(-1, 1))]
    const error = largestDifference(glimpse(shape, image, x, y), plainGlimpse(shape, image, x, y))
    assert.ok(error < 1e-6, `${JSON.stringify(shape)} at (${x}, ${y}) is off by ${error}`)
  }
})

test('a cell a hair wider than a pixel sees what a cell of one pixel sees', () => {
  const rng = Rng.of(3)
  const shape = { height: 9, width: 11, channels: 2, glimpseSide: 5, scales: 2, scaleFactor: 1 + 1e-9, background: 9 }
  const image = Uint8Array.from({ length: 9 * 11 * 2 }, () => rng.integer(256))
  for (const [x, y] of [
    [0, 0],
    [0.3, -0.7],
    [-1, 1],
    [0.99, 0.2],
  ] as const) {
    const both = glimpse(shape, image, x, y)
    assert.ok(largestDifference(both.subarray(0, 50), both.subarray(50)) < 1e-6)
  }
})

test('an image of background looks the same everywhere, so that the border is no cue', () => {
  const shape = { height: 5, width: 7, channels: 1, glimpseSide: 4, scales: 3, scaleFactor: 1.7, background: 80 }
  for (const [x, y] of [
    [0, 0],
    [-1, -1],
    [1, 0.3],
  ] as const) {
    const seen = glimpse(shape, new Uint8Array(35).fill(80), x, y)
    assert.ok(seen.every((value) => Math.abs(value - 80 / 255) < 1e-6))
  }
})

test('a glimpse never leaves [0, 1], whatever rounding does', () => {
  const rng = Rng.of(11)
  const shape = { height: 64, width: 64, channels: 1, glimpseSide: 7, scales: 3, scaleFactor: 1.37 }
  for (const value of [0, 1, 254, 255])
    for (let trial = 0; trial < 50; trial++) {
      const image = new Uint8Array(64 * 64).fill(value)
      image[rng.integer(image.length)] = 255
      const seen = glimpse(shape, image, rng.uniform(-1, 1), rng.uniform(-1, 1))
      assert.ok(seen.every((cell) => cell >= 0 && cell <= 1))
    }
})

test('a coarse cell is a true area average but for rounding, where it covers whole pixels of its level', () => {
  // 8 x 8 pixels, three times halved: each rounding moves a mean by at most half a byte
  const rng = Rng.of(5)
  const shape = { height: 64, width: 64, channels: 1, glimpseSide: 8, scales: 4, scaleFactor: 2 }
  const image = Uint8Array.from({ length: 64 * 64 }, () => rng.integer(256))
  const coarsest = glimpse(shape, image, 0, 0).subarray(3 * 64)
  for (let i = 0; i < 64; i++) {
    const average = boxAverage(shape, image, 8 * (i % 8), 8 * Math.floor(i / 8), 8, 0)
    assert.ok(Math.abs(coarsest[i]! - average) <= 1.5 / 255 + 1e-6)
  }
})

test('a white image of 4096x4096 is white at every scale', () => {
  const shape = { height: 4096, width: 4096, channels: 1, glimpseSide: 3, scales: 2, scaleFactor: 64 }
  const white = new Uint8Array(4096 * 4096).fill(255)
  assert.equal(Array.from(glimpse(shape, white, 0.9, 0.9)), new Array(18).fill(1))
})

test('what was shown before leaves no trace, be it more images or fewer', () => {
  const rng = Rng.of(13)
  const shape = { height: 9, width: 7, channels: 2, glimpseSide: 4, scales: 3, scaleFactor: 2, background: 30 }
  const size = 9 * 7 * 2
  const images = Uint8Array.from({ length: 5 * size }, () => rng.integer(256))
  const retina = new Retina(shape)
  for (const shown of [[3, 1], [0, 4, 2, 1, 3], [2]]) {
    retina.show(
      images,
      Float64Array.from(shown, (n) => n * size),
    )
    for (const [scene, n] of shown.entries()) {
      const out = new Float32Array(retina.size)
      retina.look([scene], Float32Array.of(0.4, -0.9), out)
      const image = images.subarray(n * size, (n + 1) * size)
      assert.ok(largestDifference(out, plainGlimpse(shape, image, Math.fround(0.4), Math.fround(-0.9))) < 1e-6)
    }
  }
})

test('a batch looks at several images, each episode at its own, and sleepers see nothing new', () => {
  // two images of one pixel, 51 and 255, seen by one cell each
  const retina = new Retina({ height: 1, width: 1, channels: 1, glimpseSide: 1, scales: 1, scaleFactor: 1 })
  retina.show(Uint8Array.of(9, 51, 255), [1, 2])
  const out = new Float32Array(5).fill(-1)
  retina.look([1, 0, 1], new Float32Array(6), out, 1)
  assert.equal(round(out), [-1, 1, 0.2, 1, -1])
  retina.look([0, 0, 0], new Float32Array(6), out, 1, Uint8Array.of(0, 1, 1))
  assert.equal(round(out), [-1, 0.2, 0.2, 1, -1])
})

test('shapes that cannot be are refused by name', () => {
  assert.throws(() => new Retina({ ...square, glimpseSide: 0 }), /glimpseSide 0 must be a positive integer/)
  assert.throws(() => new Retina({ ...square, scaleFactor: 0.5 }), /scaleFactor 0.5 must be a number of at least 1/)
  assert.throws(() => new Retina({ ...square, scales: 9, scaleFactor: 8 }), /makes cells 16777216 pixels wide/)
  assert.throws(() => new Retina({ ...square, background: 256 }), /background 256 must be an integer in \[0, 255\]/)
  const retina = new Retina(square)
  assert.throws(() => retina.show(new Uint8Array(17), [2]), /image 0 of 4x4x1 at 2 exceeds 17 numbers/)
  retina.show(new Uint8Array(16), [0])
  assert.throws(() => retina.look([0], new Float32Array(2), new Float32Array(3)), /do not hold 1 glimpses of 4/)
})

test.run()
