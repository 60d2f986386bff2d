// ap_gym's rules, on an image whose glimpses can be worked out in the head: 5x3 pixels, (x + 3 y) / 10 at column x, row y.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import '../../../src/catalogue.ts'
import { parseOptions } from '../../../src/core/options.ts'
import { Rng } from '../../../src/core/rng.ts'
import { checkEnvironment } from '../../../src/env/check-environment.ts'
import type { Action } from '../../../src/env/environment.ts'
import { make } from '../../../src/env/registry.ts'
import { Discrete } from '../../../src/env/spaces.ts'
import type { ImageSet } from '../../../src/env/vision/image-set.ts'
import { ActivePerception, activePerceptionOptions } from '../../../src/env/worlds/active-perception.ts'
import { circleSquareScenes } from '../../../src/env/worlds/circle-square.ts'
import { imageScenes } from '../../../src/env/worlds/image-scenes.ts'
import { paintedScenes } from '../../../src/env/worlds/scenes.ts'

const source = paintedScenes({
  ...{ height: 3, width: 5, channels: 1, itemCount: 4, pixels: 'float', predictionSpace: new Discrete(4) },
  paint(_item, _rng, out, at) {
    for (let i = 0; i < 15; i++) out[at + i] = ((i % 5) + 3 * Math.floor(i / 5)) / 10
  },
  answer: (item) => item,
})

function world(options: object = {}, locate = false): ActivePerception {
  const parsed = parseOptions(activePerceptionOptions, { glimpseSide: 1, glimpses: 2, ...options }, 'test')
  return new ActivePerception({ id: 'ramp', batchSize: 2, source, options: parsed, locate })
}

/** Of two episodes: moves, and the probabilities of four classes each. */
const act = (moves: number[], probabilities: number[] = new Array(8).fill(0.25)): Action => ({
  location: Float32Array.from(moves),
  prediction: Int32Array.of(0, 0),
  probabilities: Float32Array.from(probabilities),
})

const near = (actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-6): void => {
  assert.is(actual.length, expected.length)
  for (const [i, value] of expected.entries())
    assert.ok(Math.abs(actual[i]! - value) < tolerance, `[${i}]: ${actual[i]}, expected ${value}`)
}

test('a location of 1 is where the window touches the border, and glimpses lie between pixels', () => {
  const { glimpse, location } = world().reset({ seed: 3, items: [0, 1, 2, 3] }).observation
  // the middle is pixel (2, 1), the corner pixel (4, 2)
  const expected = [0, 1, 2, 3].map((b) => (2 + 2 * location[2 * b]! + 3 * (1 + location[2 * b + 1]!)) / 10)
  near(glimpse, expected)
  assert.ok(Math.max(...location) > 0.3 && Math.min(...location) < -0.3)
})

test('a move is cut to the disc, stops at the border, and costs its own length', () => {
  const ramp = world({ maxMove: 0.5, movePrice: 0.25, reward: 'none', glimpses: 20 })
  const [x0, y0] = ramp.reset({ seed: 3, items: [0, 0] }).observation.location as unknown as [number, number]
  // (0.5, -0.5) is sqrt 2 times too long; (0.3, 0.4) is as long as is allowed
  const first = ramp.step({ location: Float32Array.of(0.5, -0.5, 0.3, 0.4), prediction: Int32Array.of(0, 0) })
  near(first.reward, [-0.25 * Math.SQRT2, -0.25])
  const clip = (value: number): number => Math.min(1, Math.max(-1, value))
  near(first.observation.location.subarray(0, 2), [clip(x0 + Math.SQRT1_2 / 2), clip(y0 - Math.SQRT1_2 / 2)])
  // beyond its Box a move is what it is at the border of the Box
  const second = ramp.step({ location: Float32Array.of(7, 0, 7, 0), prediction: Int32Array.of(0, 0) })
  near(second.reward, [-0.25, -0.25])
  for (let t = 0; t < 8; t++) ramp.step({ location: Float32Array.of(0.5, 0, 0, 0.5), prediction: Int32Array.of(0, 0) })
  const last = ramp.step({ location: new Float32Array(4), prediction: Int32Array.of(0, 0) })
  assert.is(last.observation.location[0], 1)
  assert.is(last.observation.location[3], 1)
  assert.equal([...last.reward], [-0, -0])
})

test('dense: every prediction costs its cross-entropy over that of a blind guess', () => {
  const ramp = world({ movePrice: 0 })
  ramp.reset({ seed: 0, items: [1, 3] })
  // ln 4 / ln 4 = 1 of the blind; ln 2 / ln 4 = 0.5
  near(ramp.step(act([0, 0, 0, 0], [0.25, 0.25, 0.25, 0.25, 0.5, 0, 0, 0.5])).reward, [-1, -0.5])
  near(ramp.step(act([0, 0, 0, 0], [0, 1, 0, 0, 0.25, 0.25, 0.25, 0.25])).reward, [0, -1])
  assert.equal([...ramp.step(act([0, 0, 0, 0])).reward], [0, 0])
})

test('sparse: only the last one costs; gain: each is paid for what it knows more', () => {
  const sparse = world({ movePrice: 0, reward: 'sparse' })
  sparse.reset({ seed: 0, items: [1, 3] })
  near(sparse.step(act([0, 0, 0, 0])).reward, [0, 0])
  near(sparse.step(act([0, 0, 0, 0])).reward, [-1, -1])
  const gain = world({ movePrice: 0, reward: 'gain' })
  gain.reset({ seed: 0, items: [1, 3] })
  near(gain.step(act([0, 0, 0, 0], [0, 0.75, 0.25, 0, 1, 0, 0, 0])).reward, [0.5, -0.25])
  near(gain.step(act([0, 0, 0, 0], [0, 1, 0, 0, 0, 0, 0, 1])).reward, [0.25, 1])
})

test('time runs from -1 up to, and never reaching, 1', () => {
  const ramp = world({ glimpses: 4 })
  const seen = [ramp.reset({ seed: 0 }).observation.timeStep![0]]
  for (let t = 0; t < 4; t++) seen.push(ramp.step(act([0, 0, 0, 0])).observation.timeStep![0])
  assert.equal(seen, [-1, -0.5, 0, 0.5, 0.5])
})

test('inverted labels are told with the first glimpse only, and half of the episodes have them', () => {
  const ramp = world({ invertLabels: true })
  const items = Array.from({ length: 200 }, () => 1)
  const { observation, info } = ramp.reset({ seed: 0, items })
  const told = observation.invertedLabel!
  for (const b of items.keys()) {
    const inverted = told[3 * b + 1]!
    assert.equal([...told.subarray(3 * b, 3 * b + 3)], [1 - inverted, inverted, 0])
    assert.is(info.target![b], inverted ? 2 : 1) // of 4 classes, 1 is named 2
  }
  const count = told.reduce((sum, value, i) => sum + (i % 3 === 1 ? value : 0), 0)
  assert.ok(count > 70 && count < 130, `${count} of 200`)
  const after = ramp.step({
    location: new Float32Array(400),
    prediction: new Int32Array(200),
    probabilities: new Float32Array(800).fill(0.25),
  })
  assert.equal([...after.observation.invertedLabel!.subarray(0, 3)], [0, 0, 1])
})

test('to locate: the glimpse that is shown is seen again where the target says, and errors cost their square over a third', () => {
  const ramp = world({ movePrice: 0, maxMove: 2, glimpses: 3 }, true)
  const { observation, info } = ramp.reset({ seed: 5, items: [0, 2] })
  const target = info.target as Float32Array
  const { targetGlimpse, location } = observation
  const there = target.map((x, i) => x - location[i]!)
  // no place is further than 2 from these locations
  let seen = ramp.step({ location: there, prediction: target })
  near(seen.reward, [0, 0])
  near(seen.observation.location, [...target], 1e-5)
  near(seen.observation.glimpse, [...targetGlimpse!], 1e-5)
  seen = ramp.step({ location: new Float32Array(4), prediction: target.map((x, i) => x + [0.6, 0, 0.3, 0.3][i]!) })
  // mean of squares 0.18 and 0.09, times 3
  near(seen.reward, [-0.54, -0.27], 1e-5)
})

test('a target is where the image looks like no other part of it', () => {
  const spot = paintedScenes({
    ...{ height: 28, width: 28, channels: 1, itemCount: 50, predictionSpace: new Discrete(2) },
    paint(_item, _rng, out, at) {
      for (let y = 6; y < 9; y++) for (let x = 18; x < 21; x++) out[at + 28 * y + x] = 255
    },
    answer: () => 0,
  })
  const options = parseOptions(activePerceptionOptions, {}, 'test')
  const finding = new ActivePerception({ id: 'spot', batchSize: 1, source: spot, options, locate: true })
  const { observation } = finding.reset({ seed: 0, items: Array.from({ length: 50 }, (_, i) => i) })
  for (let b = 0; b < 50; b++) {
    const seen = observation.targetGlimpse!.subarray(25 * b, 25 * b + 25)
    assert.ok(Math.max(...seen) > 0, `episode ${b} is asked for a place without anything`)
  }
})

test('a circle covers the disc about its middle, a square the square, and the gradient falls with the distance', () => {
  const { pixels, starts } = circleSquareScenes({ side: 28, extent: 8, gradient: true }).show(0, [
    2 * (10 + 28 * 20), // a square about (10, 20)
    1 + 2 * (10 + 28 * 20), // a circle there
  ])
  const at = (n: number, x: number, y: number): number => pixels[starts[n]! + 28 * y + x]!
  assert.equal([at(0, 14, 24), at(0, 6, 16)], [1, 1])
  assert.ok(at(0, 15, 20) < 1 && at(1, 14, 24) < 1)
  assert.equal([at(1, 14, 20), at(1, 10, 16), at(1, 12, 23)], [1, 1, 1]) // 2, 3 away: within 4
  near([at(0, 0, 20), at(1, 10, 0)], [1 - 10 / (28 * Math.SQRT2), 1 - 20 / (28 * Math.SQRT2)])
  const counted = [0, 1].map((n) => pixels.subarray(starts[n]!, starts[n]! + 784).filter((value) => value === 1).length)
  assert.equal(counted, [81, 49])
})

test('CircleSquare keeps the laws under every rule', () => {
  for (const options of [
    {},
    { reward: 'sparse' },
    { reward: 'gain' },
    { reward: 'none' },
    { invertLabels: true },
    { gradient: false, side: 15 },
  ])
    checkEnvironment(make('CircleSquare', { batchSize: 3, ...options }))
  checkEnvironment(world({ glimpses: 5 }, true))
})

test('photographs in colour are seen by the same rules: 32x32 pixels of three channels', () => {
  const rng = Rng.of(4)
  const set: ImageSet = {
    name: 'photographs',
    images: Uint8Array.from({ length: 4 * 32 * 32 * 3 }, () => rng.integer(256)),
    labels: Uint8Array.of(0, 1, 2, 0),
    ...{ height: 32, width: 32, channels: 3 },
    classNames: ['a', 'b', 'c'],
    indices: Int32Array.of(0, 1, 2, 3),
  }
  const source = imageScenes({ set, split: 'test', options: { distortion: 0, mirror: false, evaluationSeed: 0 } })
  const options = parseOptions(activePerceptionOptions, {}, 'test')
  const photographs = new ActivePerception({ id: 'photographs', batchSize: 3, source, options })
  assert.equal(photographs.observationSpace.glimpse.shape, [1, 5, 5, 3])
  // the window moves (32 - 5) / 2 = 13.5 pixels each way
  const { span } = photographs.reset({ items: [0] }) && photographs.render(0)
  near(span!, [13.5 / 16, 13.5 / 16])
  checkEnvironment(new ActivePerception({ id: 'photographs', batchSize: 3, source, options }))
})

test('what does not fit is refused', () => {
  assert.throws(() => world({ glimpseSide: 3 }), /glimpseSide 3 must be less than the image's 5x3 pixels/)
  assert.throws(() => world({ invertLabels: true }, true), /invertLabels needs a world of classes/)
})

test.run()
