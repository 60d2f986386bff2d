// Distortions: by hand where a single part acts, and by their laws.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseOptions } from '../../../src/core/options.ts'
import { Rng } from '../../../src/core/rng.ts'
import type { Split } from '../../../src/env/registry.ts'
import { distort } from '../../../src/env/vision/distortion.ts'
import type { ImageSet } from '../../../src/env/vision/image-set.ts'
import { classification, classificationOptions } from '../../../src/env/worlds/image-scenes.ts'

const side = 28

/** One image, 28x28. */
const setOf = (images: Uint8Array, channels = 1): ImageSet => ({
  name: 'one',
  images,
  labels: Uint8Array.of(0),
  height: side,
  width: side,
  channels,
  classNames: ['one', 'other'],
  indices: Int32Array.of(0),
})

const noise = Uint8Array.from({ length: side * side }, (_, i) => (i * 37) % 251)

function distorted(set: ImageSet, strength: number, rng: Rng, background = 0, mirror = false): Uint8Array {
  const out = new Uint8Array(set.images.length + 5).fill(9)
  distort(set, 0, { strength, mirror }, background, rng, out, 5)
  assert.equal([...out.subarray(0, 5)], [9, 9, 9, 9, 9], 'nothing is written before the start')
  return out.subarray(5)
}

/** Draws 0 but for the k-th, which is the largest: turn, shear, wider, taller, right, down. */
const only = (k: number): Rng => {
  let drawn = 0
  return { uniform: (_low: number, high: number) => (drawn++ === k ? high : 0) } as unknown as Rng
}

test('without strength an image is drawn as it is', () => {
  assert.equal(distorted(setOf(noise), 0, Rng.of(1)), noise)
})

test('about every other image is mirrored, left to right, and the rest is as it was', () => {
  const mirrored = Uint8Array.from(noise, (_, i) => noise[i - (i % side) + side - 1 - (i % side)]!)
  const seen = Array.from({ length: 200 }, (_, i) => distorted(setOf(noise), 0, Rng.of(i), 0, true))
  const same = (image: Uint8Array) => (other: Uint8Array) => image.every((value, i) => value === other[i])
  const [turned, kept] = [seen.filter(same(mirrored)).length, seen.filter(same(noise)).length]
  assert.is(turned + kept, 200)
  assert.ok(turned > 70 && turned < 130, `${turned} of 200`)
})

test('a shift alone moves every pixel; what comes in is background', () => {
  // strength 0.5 of 2 pixels in 28 is one pixel
  const right = distorted(setOf(noise), 0.5, only(4), 33)
  const down = distorted(setOf(noise), 0.5, only(5), 33)
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      assert.is(right[row * side + column], column === 0 ? 33 : noise[row * side + column - 1])
      assert.is(down[row * side + column], row === 0 ? 33 : noise[(row - 1) * side + column])
    }
})

test('between two pixels lies their mean, rounded to the nearest, halves up', () => {
  // strength 0.25 of 2 pixels in 28 is half a pixel: columns of 10 and 15 in turn give 12.5, the first one (0 + 10) / 2
  const stripes = Uint8Array.from({ length: side * side }, (_, i) => ((i % side) % 2 === 0 ? 10 : 15))
  const right = distorted(setOf(stripes), 0.25, only(4))
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) assert.is(right[row * side + column], column === 0 ? 5 : 13)
})

test('a turn keeps the middle, and takes a bar over the middle with it', () => {
  // a bar along row 13 and 14 from the left border to the right one; turned by strength 2 x 0.2 = 0.4 rad. At 12 columns
  // from the middle it lies 12 tan(0.4) = 5.07 rows off: in rows 18 and 19 on one side, 8 and 9 on the other
  const bar = Uint8Array.from({ length: side * side }, (_, i) => ([13, 14].includes(Math.floor(i / side)) ? 200 : 0))
  const turned = distorted(setOf(bar), 2, only(0))
  const centreOf = (column: number): number => {
    const rows = Array.from({ length: side }, (_, row) => turned[row * side + column]!)
    return rows.reduce((sum, value, row) => sum + value * row, 0) / rows.reduce((sum, value) => sum + value, 0)
  }
  const [left, right] = [centreOf(2), centreOf(25)]
  assert.ok(Math.abs((left + right) / 2 - 13.5) < 0.1)
  assert.ok(Math.abs(Math.abs(right - left) / 2 - 11.5 * Math.tan(0.4)) < 0.2)
})

test('all parts together are a shift, a shear, a turn and a scaling, one after the other', () => {
  // a smooth hill aside of the middle, so that interpolation is exact but for rounding
  const height = (x: number, y: number): number => 240 * Math.exp(-((x - 16) ** 2 + 2 * (y - 11) ** 2) / 60)
  const hill = Uint8Array.from({ length: side * side }, (_, i) => Math.round(height(i % side, Math.floor(i / side))))
  const parts = [0.9, -0.8, 0.5, -0.7, 0.3, 0.6]
  let drawn = 0
  const rng = { uniform: (_low: number, high: number) => high * parts[drawn++]! } as unknown as Rng
  const seen = distorted(setOf(hill), 2, rng)
  const [turn, shear, wider, taller] = [0.4 * 0.9, 0.4 * -0.8, 0.24 * 0.5, 0.24 * -0.7]
  const [right, down] = [4 * 0.3, 4 * 0.6]
  for (let row = 3; row < side - 3; row++)
    for (let column = 3; column < side - 3; column++) {
      const [dx, dy] = [column - 13.5 - right, row - 13.5 - down]
      const sheared = dx + shear * dy
      const x = (Math.cos(turn) * sheared + Math.sin(turn) * dy) / (1 + wider)
      const y = (Math.cos(turn) * dy - Math.sin(turn) * sheared) / (1 + taller)
      const expected = height(13.5 + x, 13.5 + y)
      const found = seen[row * side + column]!
      // bilinear interpolation of a hill this steep is off by up to its bend, 240 / 15 / 8 = 2
      assert.ok(Math.abs(found - expected) < 4, `(${column}, ${row}): ${found}, expected ${expected}`)
    }
})

test('colours stay together, and the same stream gives the same drawing', () => {
  const rgb = Uint8Array.from({ length: side * side * 3 }, (_, i) => noise[Math.floor(i / 3)]! / ((i % 3) + 1))
  const once = distorted(setOf(rgb, 3), 1, Rng.of(3))
  assert.equal(once, distorted(setOf(rgb, 3), 1, Rng.of(3)))
  assert.not.equal(once, distorted(setOf(rgb, 3), 1, Rng.of(4)))
  for (let i = 0; i < once.length; i += 3) assert.ok(Math.abs(once[i]! / 2 - once[i + 1]!) <= 1.5)
})

/** What is seen first, at the centre, in a world of the one image. */
function firstGlimpse(split: Split, given: object, seed: number, canvas = false): Float32Array {
  const schema = classificationOptions({ glimpses: 2, glimpseSide: 8, scales: 1 })
  const options = parseOptions(schema, { ...given, start: 'centre' }, 'test')
  const world = classification({
    ...{ id: 'one', set: setOf(noise), split, batchSize: 1, options },
    ...(canvas && { canvas: { side, clutter: 0, pieceSide: 8 } }),
  })
  return world.reset({ seed, items: [0] }).observation.glimpse
}

test('images too large to count places in are refused', () => {
  const wide: ImageSet = { ...setOf(new Uint8Array(8193)), height: 1, width: 8193 }
  assert.throws(() => distorted(wide, 1, Rng.of(1)), /8193.*8192 pixels a side: set distortion 0/)
  assert.equal(distorted({ ...wide, width: 8192, images: new Uint8Array(8192).fill(7) }, 0, Rng.of(1)).at(-1), 7)
})

test('a world mirrors what it trains on alone', () => {
  const kinds = (split: Split): number =>
    new Set(Array.from({ length: 20 }, (_, seed) => firstGlimpse(split, { mirror: true }, seed).join())).size
  assert.is(kinds('train'), 2)
  assert.is(kinds('test'), 1)
})

test('a world distorts what it trains on, anew for every presentation, and never what it is tested on', () => {
  const glimpse = (split: Split, distortion: number, seed: number, canvas = false): Float32Array =>
    firstGlimpse(split, { distortion }, seed, canvas)
  for (const canvas of [false, true]) {
    assert.not.equal(glimpse('train', 1, 1, canvas), glimpse('train', 1, 2, canvas))
    assert.equal(glimpse('train', 1, 1, canvas), glimpse('train', 1, 1, canvas))
    assert.equal(glimpse('train', 1, 1, false), glimpse('train', 1, 1, true), 'on a canvas of its size it is the same')
    for (const split of ['validation', 'test'] as const)
      assert.equal(glimpse(split, 1, 1, canvas), glimpse(split, 0, 2, canvas))
  }
})

test.run()
