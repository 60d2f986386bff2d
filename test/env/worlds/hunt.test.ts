// Rectangles seen through cells of any width, and the world made of them: the same light at any canvas, whatever its size.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import '../../../src/catalogue.ts'
import { Rng } from '../../../src/core/rng.ts'
import { checkEnvironment } from '../../../src/env/check-environment.ts'
import { make } from '../../../src/env/registry.ts'
import { Retina } from '../../../src/env/vision/retina.ts'
import { StrokeCanvas } from '../../../src/env/vision/strokes.ts'
import { huntScenes } from '../../../src/env/worlds/hunt.ts'

const near = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-6): void => {
  assert.is(actual.length, expected.length)
  for (let i = 0; i < expected.length; i++)
    assert.ok(Math.abs(actual[i]! - expected[i]!) < tolerance, `[${i}]: ${actual[i]}, expected ${expected[i]}`)
}

test('a cell is as light as the share of it that strokes cover', () => {
  // a white 2x1 stroke at (10, 10) and a half-light one of 4x4 at (100, 100), in another bucket
  const canvas = new StrokeCanvas(200, [
    { left: 10, right: 12, top: 10, bottom: 11, light: 1 },
    { left: 100, right: 104, top: 100, bottom: 104, light: 0.5 },
  ])
  const out = new Float32Array(5)
  // 2x2 cells of one pixel about (11, 11): the upper two are white
  canvas.look(11, 11, 2, 1, out, 1)
  near(out, [0, 1, 1, 0, 0])
  // half a pixel further right and down: left column sees half a pixel's width twice over, the rows half each
  canvas.look(11.5, 11.5, 2, 1, out, 1)
  near(out, [0, 0.5, 0.25, 0, 0])
  // one cell of 200 pixels: 2 + 8 of 40,000
  canvas.look(100, 100, 1, 200, out, 0)
  near(out.subarray(0, 1), [10 / 40_000])
})

test('through cells of 1, 2, 4 pixels it is what a retina averages of the painted canvas', () => {
  const hunt = { side: 96, distractors: 6, letterSide: 10, distractorLight: 0.4, itemCount: 9, fixed: false } as const
  const view = huntScenes(hunt).view({ glimpseSide: 8, scales: 1, scaleFactor: 2 })
  view.show(3, [5])
  const { pixels, height, width } = view.picture(0)
  assert.equal([height, width], [96, 96])
  const retina = new Retina({ height, width, channels: 1, glimpseSide: 8, scales: 1, scaleFactor: 2 })
  retina.show(pixels, [0])
  const rng = Rng.of(0)
  for (let n = 0; n < 50; n++) {
    const location = Float32Array.of(rng.uniform(-1, 1), rng.uniform(-1, 1))
    const [drawn, painted] = [new Float32Array(64), new Float32Array(64)]
    view.look([0], location, drawn)
    retina.look([0], location, painted)
    near(drawn, painted, 1e-5)
  }
})

test('a T stands to the side that is the target: its bar is there, and all letters are whole and apart', () => {
  const hunt = { side: 64, distractors: 0, letterSide: 10, distractorLight: 1, itemCount: 40, fixed: false } as const
  const source = huntScenes(hunt)
  const view = source.view({ glimpseSide: 8, scales: 1, scaleFactor: 2 })
  const seen = new Set<number>()
  for (let item = 0; item < 40; item++) {
    const target = new Int32Array(1)
    source.target(1, item, target, 0)
    seen.add(target[0]!)
    view.show(1, [item])
    const { pixels } = view.picture(0)
    const lit = Array.from(pixels.keys()).filter((i) => pixels[i]! > 0)
    assert.is(lit.length, 10 * 2 + 8 * 2)
    const [xs, ys] = [lit.map((i) => i % 64), lit.map((i) => Math.floor(i / 64))]
    const middle = (values: number[]): number => (Math.min(...values) + Math.max(...values)) / 2
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
    const [right, down] = [mean(xs) - middle(xs), mean(ys) - middle(ys)]
    // the weight of the bar is off the middle towards the side that it stands to
    const side = Math.abs(right) > Math.abs(down) ? (right > 0 ? 1 : 3) : down > 0 ? 2 : 0
    assert.is(side, target[0])
  }
  assert.is(seen.size, 4)
})

test('Hunt keeps the laws, on a canvas that nobody could paint as well', () => {
  for (const split of ['train', 'validation', 'test'] as const) checkEnvironment(make('Hunt', { split, batchSize: 3 }))
  checkEnvironment(make('Hunt', { canvasSide: 1_000_000, distractors: 500, scales: 15, batchSize: 3 }))
})

test('more letters than there is room for are refused', () => {
  assert.throws(() => make('Hunt', { canvasSide: 40, distractors: 4 }), /4 distractors .* do not fit .*; 3 at most/)
})

test('training may begin near the T: within a window about it, of any size from a letter to the canvas', () => {
  const shape = {
    side: 200,
    distractors: 9,
    letterSide: 10,
    distractorLight: 0.4,
    itemCount: 400,
    fixed: false,
  } as const
  const { firstLook, view } = huntScenes({ ...shape, nearStarts: 0.75 })
  assert.is(huntScenes(shape).firstLook, undefined)
  let [far, close, other] = [0, 0, 0]
  for (let item = 0; item < 400; item++) {
    const place = firstLook!(7, item, Rng.of(1, item))
    if (!place) {
      other++
      continue
    }
    const seen = view({ glimpseSide: 2, scales: 1, scaleFactor: 1 })
    seen.show(7, [item])
    const { pixels } = seen.picture(0)
    const white = pixels.indexOf(255)
    const [x, y] = place.map((value) => ((value + 1) / 2) * 200) as [number, number]
    assert.ok(x >= 0 && x <= 200 && y >= 0 && y <= 200)
    const distance = Math.max(Math.abs(x - (white % 200)), Math.abs(y - Math.floor(white / 200)))
    if (distance < 20) close++
    if (distance > 40) far++
  }
  assert.ok(other > 60 && other < 140, `${other} of 400 as the world draws them`)
  assert.ok(close > 60 && far > 20, `${close} close, ${far} far`)
})

test('a hunt has a context of its whole canvas, whose lights add up to those of the letters', () => {
  const world = make('Hunt', { contextSide: 16, canvasSide: 64, distractors: 0, glimpses: 2 })
  const { context } = world.reset({ seed: 1, items: [3] }).observation
  const lit = context!.reduce((sum, light) => sum + light * 4 * 4, 0)
  assert.ok(Math.abs(lit - 36) < 1e-3, `${lit} pixels lit, the T has 36`)
})

test.run()
