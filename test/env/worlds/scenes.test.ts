// Scenes that are painted when they are shown, and images of real numbers before the eye.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseOptions } from '../../../src/core/options.ts'
import { Rng } from '../../../src/core/rng.ts'
import { checkEnvironment } from '../../../src/env/check-environment.ts'
import { Box, Discrete, MultiDiscrete, type Space } from '../../../src/env/spaces.ts'
import { type Pixels, Retina } from '../../../src/env/vision/retina.ts'
import { Perception, perceptionOptions } from '../../../src/env/worlds/perception.ts'
import { type PaintedScenes, paintedScenes } from '../../../src/env/worlds/scenes.ts'

const near = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-6): void => {
  assert.is(actual.length, expected.length)
  for (let i = 0; i < expected.length; i++)
    assert.ok(Math.abs(actual[i]! - expected[i]!) < tolerance, `[${i}]: ${actual[i]}, expected ${expected[i]}`)
}

for (const { channels, scales, scaleFactor, side } of [
  { channels: 1, scales: 1, scaleFactor: 2, side: 3 },
  { channels: 3, scales: 3, scaleFactor: 2, side: 4 },
  { channels: 1, scales: 3, scaleFactor: 1.5, side: 5 },
])
  test(`real numbers are seen as bytes over 255 are: ${channels} channels, ${scales} scales ${scaleFactor} apart`, () => {
    const rng = Rng.of(1)
    const [height, width] = [13, 10]
    // multiples of 16, of which the means of 2x2, twice over, are whole: no byte is rounded
    const bytes = Uint8Array.from({ length: 2 * height * width * channels }, () => 16 * rng.integer(16))
    const numbers = Float32Array.from(bytes, (byte) => byte / 255)
    const background = 48
    const glimpses = (images: Pixels): Float32Array => {
      const retina = new Retina({ height, width, channels, glimpseSide: side, scales, scaleFactor, background })
      retina.show(images, [0, height * width * channels])
      const out = new Float32Array(4 * retina.size)
      // inside, across a border, in a corner, and on a line between two pixels
      retina.look([0, 1, 0, 1], Float32Array.of(0.13, -0.21, 0.9, 0.35, -1, -1, 0, 0.4), out)
      return out
    }
    near(glimpses(numbers), glimpses(bytes))
  })

test('an eye may be shown bytes, then real numbers, then bytes again', () => {
  const retina = new Retina({ height: 4, width: 4, channels: 1, glimpseSide: 2, scales: 2, scaleFactor: 2 })
  const bytes = Uint8Array.from({ length: 16 }, (_, i) => 16 * i)
  const look = (images: Pixels): Float32Array => {
    const out = new Float32Array(retina.size)
    retina.show(images, [0])
    retina.look([0], Float32Array.of(-0.8, 0.3), out)
    return out
  }
  const first = look(bytes)
  near(look(Float32Array.from(bytes, (byte) => byte / 255)), first)
  assert.equal(look(bytes), first)
})

const schema = perceptionOptions({ glimpses: 2, glimpseSide: 4, scales: 1 })

/** A world of 4x4 pixels, each as bright as the answer's numbers. */
function painted(
  space: Space,
  more: Partial<PaintedScenes> = {},
  options: Readonly<Record<string, unknown>> = {},
): Perception {
  const answer = (_item: number, rng: Rng): ArrayLike<number> => space.sample(rng)
  const source = paintedScenes({
    ...{ height: 4, width: 4, channels: 1, itemCount: 20, predictionSpace: space },
    paint(item, rng, out, at) {
      const values = answer(item, rng)
      for (let i = 0; i < 16; i++) out[at + i] = values[i % values.length]! * (out instanceof Float32Array ? 0.1 : 20)
    },
    answer,
    ...more,
  })
  return new Perception({ id: 'painted', batchSize: 3, source, options: parseOptions(schema, options, 'test') })
}

const kinds: Readonly<Record<string, Space>> = {
  class: new Discrete(4),
  'several classes': new MultiDiscrete([2, 5, 3]),
  coordinates: new Box(0, 5, [2]),
}

for (const [what, space] of Object.entries(kinds)) {
  test(`a painted world whose answer is ${what} keeps the laws, in bytes and in real numbers, whatever is paid`, () => {
    for (const pixels of ['bytes', 'float'] as const)
      for (const options of [{}, { reward: 'gain', glimpsePrice: 0.1 }, { stop: true }, { reward: 'gain', stop: true }])
        checkEnvironment(painted(space, { pixels }, options))
  })

  test(`what is painted is what is right: ${what}`, () => {
    for (const pixels of ['bytes', 'float'] as const) {
      const world = painted(space, { pixels }, { start: 'centre' })
      const { observation, info } = world.reset({ seed: 4, items: [3, 7, 3] })
      const unit = pixels === 'float' ? 0.1 : 20 / 255
      for (let b = 0; b < 3; b++)
        for (let i = 0; i < 16; i++) {
          const value = info.target![b * space.size + (i % space.size)]!
          near(
            [observation.glimpse[b * 16 + i]!],
            [value * unit],
            space.kind === 'box' && pixels === 'bytes' ? 1 / 255 : 1e-6,
          )
        }
    }
  })
}

test('painted scenes are new for every seed, but for those that are fixed', () => {
  const picture = (fixed: string | false, seed: number): string => {
    const world = painted(new MultiDiscrete([9, 9, 9, 9]), { fixed })
    const { target } = world.reset({ seed, items: [1, 2] }).info
    return [...world.render(0).pixels, ...target!].join()
  }
  assert.is(picture(false, 1), picture(false, 1))
  assert.is.not(picture(false, 1), picture(false, 2))
  assert.is(picture('test', 1), picture('test', 2))
  assert.is.not(picture('test', 1), picture('validation', 1))
})

test('a background that is no black lies under what is painted, in both kinds of pixels', () => {
  for (const pixels of ['bytes', 'float'] as const) {
    const world = painted(new Discrete(2), { pixels, background: 51, paint() {} })
    world.reset({ seed: 1, items: [0, 1] })
    world.reset({ seed: 1, items: [0] })
    assert.equal([...world.render(0).pixels], new Array(16).fill(51))
    near(
      world.step({ location: Float32Array.of(-1, -1), prediction: Int32Array.of(0) }).observation.glimpse,
      new Float32Array(16).fill(0.2),
    )
  }
})

test('several classes are paid by the share that is right, coordinates by minus the squared distance', () => {
  const end = (space: Space, change: (target: Float32Array | Int32Array) => Float32Array | Int32Array): number => {
    const world = painted(space, {}, { glimpses: 1 })
    const { target } = world.reset({ seed: 2, items: [5] }).info
    return world.step({ location: new Float32Array(2), prediction: change(target!) }).reward[0]!
  }
  const three = new MultiDiscrete([2, 2, 2])
  near([end(three, (target) => target)], [1])
  near([end(three, (target) => target.map((value, i) => (i === 1 ? 1 - value : value)))], [2 / 3])
  near([end(three, (target) => target.map((value) => 1 - value))], [0])
  // 0.3^2 + 0.4^2
  near([end(new Box(0, 5, [2]), (target) => Float32Array.of(target[0]! + 0.3, target[1]! - 0.4))], [-0.25])
})

test('gains of several classes are those of their mean belief; of coordinates, of what is left of the squared distance', () => {
  const pair = painted(new MultiDiscrete([2, 4]), {}, { reward: 'gain' })
  const { target } = pair.reset({ seed: 2, items: [5] }).info
  // 3/4 and 1/2 in what is right: 0.625; a guess is right with (1/2 + 1/4) / 2 = 0.375
  const probabilities = new Float32Array(6)
  probabilities[target![0]!] = 0.75
  probabilities[2 + target![1]!] = 0.5
  near(pair.step({ location: new Float32Array(2), prediction: target!, probabilities }).reward, [0.25])
  const place = painted(new Box(-1, 1, [2]), {}, { reward: 'gain' })
  const [x, y] = place.reset({ seed: 2, items: [5] }).info.target!
  // from the middle of the box to 0.1 beside it, and then right: 1 less the distance that is left, 0
  const blind = x! ** 2 + y! ** 2
  near(place.step({ location: new Float32Array(2), prediction: Float32Array.of(x! + 0.1, y!) }).reward, [blind - 0.01])
  near(place.step({ location: new Float32Array(2), prediction: Float32Array.of(x!, y!) }).reward, [0.01])
})

test('an episode that is not in the batch cannot be drawn', () => {
  const world = painted(new Discrete(2))
  assert.throws(() => world.render(0), /render before the first reset/)
  world.reset({ seed: 1, items: [0, 1] })
  assert.throws(() => world.render(99), /painted: render: there is no episode 99 of 2/)
  assert.throws(() => world.render(2), RangeError)
  assert.throws(() => world.render(-1), RangeError)
})

test.run()
