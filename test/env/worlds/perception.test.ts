// The task "look T times, then name the class", on images small enough to work out by hand.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseOptions } from '../../../src/core/options.ts'
import { checkEnvironment } from '../../../src/env/check-environment.ts'
import type { Action, Environment } from '../../../src/env/environment.ts'
import type { Split } from '../../../src/env/registry.ts'
import type { Canvas } from '../../../src/env/vision/canvas.ts'
import type { ImageSet } from '../../../src/env/vision/image-set.ts'
import {
  type ClassificationOptions,
  classification,
  classificationOptions,
} from '../../../src/env/worlds/image-scenes.ts'
import type { Perception } from '../../../src/env/worlds/perception.ts'

const schema = classificationOptions({ glimpses: 3, glimpseSide: 1, scales: 1 })

// three images of 2x2 pixels: 0 51 102 153 / 153 0 51 102 / 255 everywhere; labels 0, 1, 1
const set: ImageSet = {
  name: 'tiny',
  images: Uint8Array.of(0, 51, 102, 153, 153, 0, 51, 102, 255, 255, 255, 255),
  labels: Uint8Array.of(0, 1, 1),
  height: 2,
  width: 2,
  channels: 1,
  classNames: ['dark', 'light'],
  indices: Int32Array.of(2, 0, 1),
}

type Given = Partial<ClassificationOptions> & {
  split?: Split
  canvas?: Canvas
  batchSize?: number
  background?: number
}

function world({ split = 'train', canvas, batchSize = 2, background, ...options }: Given = {}): Perception {
  const parsed = parseOptions(schema, options, 'test')
  return classification({
    id: 'tiny',
    set,
    split,
    batchSize,
    ...(canvas && { canvas }),
    ...(background && { background }),
    options: parsed,
  })
}

const act = (locations: number[], predictions: number[], more: Partial<Action> = {}): Action => ({
  location: Float32Array.from(locations),
  prediction: Int32Array.from(predictions),
  ...more,
})

const round = (values: ArrayLike<number>): number[] => Array.from(values, (value) => Math.round(value * 1e4) / 1e4)

test('a context is a coarse view of the whole image, the same at every step', () => {
  const env = world({ contextSide: 1 })
  assert.equal(env.observationSpace.context!.shape, [1, 1, 1])
  const { observation } = env.reset({ seed: 1, items: [1, 0] })
  // the means of 0 51 102 153, rounded to a byte, and of 255 everywhere
  assert.equal(round(observation.context!), [round([77 / 255])[0], 1])
  const { observation: next } = env.step(act([1, 1, 1, 1], [0, 0]))
  assert.equal(next.context, observation.context)
  assert.equal(round(world({ contextSide: 2 }).reset({ seed: 1, items: [1] }).observation.context!), [0, 0.2, 0.4, 0.6])
  assert.throws(
    () => world({ contextSide: 3 }),
    /contextSide 3 given; a coarse view of 2x2 pixels has 2 cells a side at most/,
  )
})

test('an item is a place in the part, and its glimpses are of its own image', () => {
  const tiny = world({ start: 'centre' })
  // item 1 is image 0, item 2 image 1. A cell of one pixel at the centre averages all four: 306 / 4 / 255 = 0.3 for both
  const { observation, info } = tiny.reset({ seed: 0, items: [1, 2] })
  assert.equal(round(observation.glimpse), [0.3, 0.3])
  assert.equal([...observation.location], [0, 0, 0, 0])
  assert.equal([...info.target!], [0, 1])
  // the centres of the top-left and the bottom-right pixel
  const next = tiny.step(act([-0.5, -0.5, 0.5, 0.5], [0, 0])).observation
  assert.equal(round(next.glimpse), [0, 0.4])
  assert.equal([...next.location], [-0.5, -0.5, 0.5, 0.5])
})

test('T glimpses are seen, and the T-th prediction is the answer', () => {
  const tiny = world({ start: 'centre' })
  tiny.reset({ seed: 0, items: [0, 1, 1] }) // classes 1, 0, 0
  for (let time = 0; time < 2; time++) {
    const { reward, terminated } = tiny.step(act([0, 0, 0, 0, 0, 0], [1, 0, 0]))
    assert.equal([...reward, ...terminated], [0, 0, 0, 0, 0, 0])
  }
  const { reward, terminated, truncated } = tiny.step(act([0, 0, 0, 0, 0, 0], [1, 1, 0]))
  assert.equal([...reward], [1, 0, 1])
  assert.equal([...terminated, ...truncated], [1, 1, 1, 0, 0, 0])
})

test('with stop, an episode ends with the prediction of that step and costs what it saw', () => {
  const tiny = world({ start: 'centre', stop: true, glimpsePrice: 0.125 })
  tiny.reset({ seed: 0, items: [0, 1] }) // classes 1 and 0
  // the first stops at once, right: 1 - 1/8; the second looks on: -1/8
  const first = tiny.step(act([0.5, 0.5, 0.5, 0.5], [1, 1], { stop: Int32Array.of(1, 0) }))
  assert.equal([...first.reward], [0.875, -0.125])
  assert.equal([...first.terminated], [1, 0])
  assert.equal([...first.observation.location], [0, 0, 0.5, 0.5])
  // the one that ended is paid no more, whatever it says, and even what it says wrongly is not read
  const second = tiny.step(act([Number.NaN, 0, 0, 0], [9, 1], { stop: Int32Array.of(0, 0) }))
  assert.equal([...second.reward], [0, -0.125])
  const third = tiny.step(act([0, 0, 0, 0], [1, 1], { stop: Int32Array.of(0, 0) }))
  assert.equal([...third.reward], [0, -0.125])
  assert.equal([...third.terminated], [1, 1])
})

test('stop is ignored where the world does not take it', () => {
  const tiny = world()
  tiny.reset({ seed: 0, items: [0] })
  assert.equal([...tiny.step(act([0, 0], [1], { stop: Int32Array.of(1) })).terminated], [0])
})

test("gains add up to the last belief less chance, beside the answer's reward", () => {
  const tiny = world({ reward: 'gain' })
  tiny.reset({ seed: 0, items: [1] }) // class 0 of 2: the prior is 0.5
  const beliefs = [
    [0.25, 0.75],
    [0.625, 0.375],
    [0.875, 0.125],
  ]
  const rewards = beliefs.map(
    (belief) => tiny.step(act([0, 0], [0], { probabilities: Float32Array.from(belief) })).reward[0],
  )
  // 0.25 - 0.5, 0.625 - 0.25, 0.875 - 0.625 + 1
  assert.equal(rewards, [-0.25, 0.375, 1.25])
  assert.throws(
    () => world({ reward: 'gain' }).reset({ items: [0] }) && tinyStep(world({ reward: 'gain' })),
    RangeError,
  )
})

function tinyStep(tiny: Environment) {
  tiny.reset({ items: [0] })
  return tiny.step(act([0, 0], [0]))
}

test('first locations fill the square of startReach, and differ between the repetitions of an item', () => {
  const tiny = world({ startReach: 0.25 })
  const { location } = tiny.reset({ seed: 1, items: new Array(400).fill(0) }).observation
  assert.ok(location.every((coordinate) => Math.abs(coordinate) <= 0.25))
  assert.ok(Math.max(...location) > 0.2 && Math.min(...location) < -0.2)
  assert.is(new Set(location).size > 700, true)
})

test('the repetitions of an item share its canvas', () => {
  const tiny = world({ canvas: { side: 9, clutter: 0, pieceSide: 2 }, glimpseSide: 9, start: 'centre' })
  const { glimpse } = tiny.reset({ seed: 5, items: [0, 1, 0] }).observation
  assert.equal(glimpse.subarray(0, 81), glimpse.subarray(162))
})

test("training canvases follow the reset's seed; those of validation and test do not", () => {
  const canvas = { side: 30, clutter: 2, pieceSide: 2 }
  const glimpses = (given: Given, seed: number) => {
    const { observation } = world({ canvas, glimpseSide: 30, start: 'centre', ...given }).reset({ seed, items: [0, 1] })
    return [...observation.glimpse].join()
  }
  assert.is.not(glimpses({}, 1), glimpses({}, 2))
  for (const split of ['validation', 'test'] as const) {
    assert.is(glimpses({ split }, 1), glimpses({ split }, 2))
    assert.is.not(glimpses({ split }, 1), glimpses({ split, evaluationSeed: 9 }, 1))
  }
})

test("first locations of validation and test follow the reset's seed", () => {
  const tiny = world({ split: 'test' })
  const look = (seed: number) => [...tiny.reset({ seed, items: [0] }).observation.location]
  assert.equal(look(1), look(1))
  assert.not.equal(look(1), look(2))
})

test('without items the batch is drawn from the seed, and without a seed the seeds go on', () => {
  const tiny = world({ batchSize: 50 })
  const targets = [...tiny.reset({ seed: 8 }).info.target!]
  // three items, two of them of class 1
  assert.ok(targets.includes(0) && targets.includes(1))
  const [next, again] = [tiny.reset(), world({ batchSize: 50 }).reset({ seed: 9 })]
  assert.equal(next, again)
})

test('the background is what is seen outside an image', () => {
  const tiny = world({ background: 204, glimpseSide: 2 })
  tiny.reset({ seed: 0, items: [1] })
  // at (-1, -1) the window's last cell is pixel 0 (0); 204 / 255 = 0.8 around it
  assert.equal(round(tiny.step(act([-1, -1], [0])).observation.glimpse), [0.8, 0.8, 0.8, 0])
})

test('render shows the whole picture, and it is not the world itself', () => {
  const tiny = world({ scales: 2, glimpseSide: 1 })
  tiny.reset({ seed: 0, items: [1] })
  const picture = tiny.render(0)
  assert.equal([...picture.pixels], [0, 51, 102, 153])
  assert.equal([picture.height, picture.width, picture.channels, ...picture.windows], [2, 2, 1, 1, 2])
  picture.pixels.fill(0)
  assert.is(set.images[1], 51)
})

test('every combination of options keeps the laws', () => {
  const worlds: Given[] = [
    {},
    { stop: true },
    { reward: 'gain', glimpsePrice: 0.1, scales: 2, scaleFactor: 1.5 },
    { stop: true, reward: 'gain', canvas: { side: 8, clutter: 3, pieceSide: 2 }, scales: 3, glimpseSide: 3 },
    { glimpses: 1, split: 'test', canvas: { side: 5, clutter: 0, pieceSide: 2 } },
  ]
  for (const given of worlds) checkEnvironment(world(given))
})

test('an empty part is refused', () => {
  const options = parseOptions(schema, {}, 'test')
  const empty = { ...set, indices: new Int32Array(0) }
  assert.throws(
    () => classification({ id: 'x', set: empty, split: 'test', batchSize: 1, options }),
    /tiny has no images for test/,
  )
})

test.run()
