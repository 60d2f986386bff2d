// Canvases, by hand and by their laws.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { UserError } from '../../../src/core/errors.ts'
import { Rng } from '../../../src/core/rng.ts'
import { type Canvas, checkCanvas, paintCanvas } from '../../../src/env/vision/canvas.ts'
import type { ImageSet } from '../../../src/env/vision/image-set.ts'

/** Images of one grey each, 4x4. */
function greys(...values: number[]): ImageSet {
  const images = Uint8Array.from(values.flatMap((value) => new Array<number>(16).fill(value)))
  const labels = Uint8Array.from(values, (_, i) => i)
  const indices = Int32Array.from(values, (_, i) => i)
  return { name: 'greys', images, labels, height: 4, width: 4, channels: 1, classNames: values.map(String), indices }
}

function paint(canvas: Canvas, set: ImageSet, item: number, seed: number): Uint8Array {
  const out = new Uint8Array(canvas.side ** 2 * set.channels).fill(77)
  paintCanvas(canvas, set, item, Rng.of(seed), out, 0)
  return out
}

test('a translated image lies whole on a blank canvas', () => {
  const set = { ...greys(0), images: Uint8Array.from({ length: 16 }, (_, i) => i + 1) }
  for (let seed = 0; seed < 20; seed++) {
    const out = paint({ side: 7, clutter: 0, pieceSide: 2 }, set, 0, seed)
    const corner = out.indexOf(1)
    // row by row the image's 1 ... 16, seven bytes apart, and nothing else
    for (let row = 0; row < 4; row++)
      assert.equal(
        [...out.subarray(corner + 7 * row, corner + 7 * row + 4)],
        [1, 2, 3, 4].map((value) => value + 4 * row),
      )
    assert.is(out.filter((value) => value > 0).length, 16)
  }
})

test('an image lies where it is put, and the clutter is the same wherever that is', () => {
  const canvas = { side: 12, clutter: 3, pieceSide: 2 }
  const set = greys(9, 50)
  const clutter = paint({ ...canvas, place: { row: 8, column: 0 } }, greys(0, 50), 0, 3)
  const out = paint({ ...canvas, place: { row: 8, column: 0 } }, set, 0, 3)
  const elsewhere = paint({ ...canvas, place: { row: 2, column: 5 } }, set, 0, 3)
  for (let i = 0; i < out.length; i++) {
    const [row, column] = [Math.floor(i / 12), i % 12]
    assert.is(out[i], clutter[i]! + (row >= 8 && column < 4 ? 9 : 0))
    assert.is(elsewhere[i], clutter[i]! + (row >= 2 && row < 6 && column >= 5 && column < 9 ? 9 : 0))
  }
})

test('every place is equally likely, the first and the last row and column included', () => {
  // a 4x4 image on 6x6 has 3 x 3 places; of 1800 canvases 200 are expected at each, with a deviation of 13.3
  const counts = new Map<number, number>()
  for (let seed = 0; seed < 1800; seed++) {
    const corner = paint({ side: 6, clutter: 0, pieceSide: 2 }, greys(9), 0, seed).indexOf(9)
    counts.set(corner, (counts.get(corner) ?? 0) + 1)
  }
  assert.equal(
    [...counts.keys()].sort((a, b) => a - b),
    [0, 1, 2, 6, 7, 8, 12, 13, 14],
  )
  for (const count of counts.values()) assert.ok(Math.abs(count - 200) < 60)
})

test('pieces are added to what lies there, saturating at 255', () => {
  // image 0 (100) covers the canvas; each of 30 pieces of 2x2 of image 1 adds 60: values are 100 + 60 k, at most 255
  const out = paint({ side: 4, clutter: 30, pieceSide: 2 }, greys(100, 60), 0, 1)
  assert.ok(out.every((value) => [100, 160, 220, 255].includes(value)))
  assert.ok(out.includes(255))
})

test('clutter never comes from the image itself', () => {
  const set = greys(10, 0, 0)
  for (let seed = 0; seed < 50; seed++)
    assert.is(
      paint({ side: 9, clutter: 8, pieceSide: 3 }, set, 0, seed).reduce((sum, value) => sum + value),
      160,
    )
})

test('clutter comes from every other image of the part, and from no image outside it', () => {
  // images 1, 10, 100 and 200; the part holds 1, 10 and 100; pieces of one pixel on a canvas of the image's size
  const set = { ...greys(1, 10, 100, 200), indices: Int32Array.of(0, 1, 2) }
  const added = new Set<number>()
  for (let seed = 0; seed < 60; seed++)
    for (const value of paint({ side: 4, clutter: 1, pieceSide: 1 }, set, 1, seed)) added.add(value - 10)
  assert.equal(
    [...added].sort((a, b) => a - b),
    [0, 1, 100],
  )
})

test('a colour image keeps its channels together', () => {
  const set = { ...greys(0), channels: 3, images: Uint8Array.from({ length: 48 }, (_, i) => [10, 20, 30][i % 3]!) }
  const out = paint({ side: 5, clutter: 0, pieceSide: 2 }, set, 0, 2)
  for (let i = 0; i < 25; i++) assert.ok(['0,0,0', '10,20,30'].includes([...out.subarray(3 * i, 3 * i + 3)].join()))
})

test('a canvas too small for the image, or a piece too large for it, is refused in words', () => {
  const refusal = (canvas: Canvas): string => {
    try {
      checkCanvas(canvas, greys(1))
      return ''
    } catch (error) {
      assert.instance(error, UserError)
      return (error as Error).message
    }
  }
  assert.match(
    refusal({ side: 3, clutter: 0, pieceSide: 8 }),
    'canvasSide: 3 given; images of greys are 4x4, so at least 4 is needed',
  )
  assert.match(refusal({ side: 9, clutter: 1, pieceSide: 8 }), 'pieces of 8x8 do not fit in images of greys')
  assert.is(refusal({ side: 4, clutter: 0, pieceSide: 8 }), '')
})

test.run()
