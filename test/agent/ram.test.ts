// The agent's laws: what it thinks again is what it thought, rows do not mix, and its options do what they say.

import '@tensorflow/tfjs-backend-cpu'
import { setBackend, tensor, tidy } from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { initialState, type Thought } from '../../src/agent/agent.ts'
import { createRam, type RamOptions, ramOptions } from '../../src/agent/ram.ts'
import type { World } from '../../src/agent/registry.ts'
import { Rng } from '../../src/core/rng.ts'
import { lengthOf, sizeOf, type Tensors } from '../../src/core/tensors.ts'
import { Laboratory, parametersOf, tinyPlan } from '../algorithms/laboratory.ts'

await setBackend('cpu')

const world: World = { glimpseShape: [1, 2, 2, 1], choiceCount: 3, stop: true }
const small = { whatUnits: 4, whereUnits: 4, featureUnits: 5, hiddenUnits: 6, locatorUnits: 4 }
const ram = (options: Partial<RamOptions> = {}) => createRam(ramOptions.parse({ ...small, ...options }), world)

/** First parameters by name, as tensors. */
function named(agent: ReturnType<typeof ram>, seed = 0): Tensors {
  const vector = agent.init(Rng.of(seed))
  let offset = 0
  return Object.fromEntries(
    agent.layout.map(({ name, shape }) => {
      const values = vector.slice(offset, offset + sizeOf(shape))
      offset += values.length
      return [name, tensor(values, [...shape])]
    }),
  )
}

/** One thought about a batch of glimpses and locations, as plain arrays. */
function think(agent: ReturnType<typeof ram>, glimpses: number[][], locations: number[][], seed = 0) {
  return tidy(() => {
    const sight = {
      glimpse: tensor(glimpses.flat(), [glimpses.length, 1, 2, 2, 1]),
      location: tensor(locations.flat(), [glimpses.length, 2]) as never,
    }
    const thought = agent.step(named(agent, seed), sight, initialState(agent, glimpses.length))
    const read = (name: keyof Thought) => (thought[name] as ReturnType<typeof tensor>).arraySync()
    return {
      locationMean: read('locationMean') as number[][],
      choiceLogits: read('choiceLogits') as number[][],
      value: read('value') as number[],
      stopLogit: read('stopLogit') as number[],
    }
  })
}

for (const core of ['rnn', 'lstm'])
  test(`${core}: shown again what it saw, the agent thinks exactly what it thought while acting`, async () => {
    const environment = { stop: true, glimpses: 4 }
    const plan = tinyPlan({ environment, agent: { core }, training: { rollouts: 2 } })
    const laboratory = await Laboratory.open(plan)
    const rollout = await laboratory.play(parametersOf(plan))
    const again = await laboratory.evaluate(parametersOf(plan), rollout)
    for (const name of ['locationMean', 'choiceLogits', 'value', 'stopLogit'])
      assert.equal(
        [...again[name]!],
        rollout.thoughts.flatMap((thought) => [...thought[name]!]),
        name,
      )
  })

test('rows do not mix: an episode is thought about the same in any company', () => {
  const agent = ram()
  const glimpses = [
    [0.1, 0.9, 0.3, 0.5],
    [1, 0, 0, 0.2],
  ]
  const locations = [
    [0.5, -0.5],
    [-1, 1],
  ]
  const together = think(agent, glimpses, locations)
  for (const b of [0, 1]) {
    const alone = think(agent, [glimpses[b]!], [locations[b]!])
    assert.equal(alone.locationMean[0], together.locationMean[b])
    assert.equal(alone.choiceLogits[0], together.choiceLogits[b])
    assert.equal(alone.value[0], together.value[b])
    assert.equal(alone.stopLogit[0], together.stopLogit[b])
  }
})

test('the location is seen as well as the glimpse', () => {
  const glimpse = [0.1, 0.9, 0.3, 0.5]
  const { choiceLogits } = think(
    ram(),
    [glimpse, glimpse],
    [
      [-1, -1],
      [1, 1],
    ],
  )
  assert.not.equal(choiceLogits[0], choiceLogits[1])
})

test('the mean location stays within the range of the gaze', () => {
  const glimpse = [[0.1, 0.9, 0.3, 0.5]]
  const free = think(ram({ tanhMean: false }), glimpse, [[0.5, 0.5]]).locationMean[0]!
  const bound = think(ram(), glimpse, [[0.5, 0.5]]).locationMean[0]!
  const half = think(ram({ gazeRange: 0.5 }), glimpse, [[0.5, 0.5]]).locationMean[0]!
  for (const axis of [0, 1]) {
    assert.ok(Math.abs(bound[axis]! - Math.tanh(free[axis]!)) < 1e-6)
    assert.ok(Math.abs(half[axis]! - 0.5 * Math.tanh(free[axis]!)) < 1e-6)
  }
})

test('a relative gaze moves from the present location by what an absolute one would look at', () => {
  const glimpse = [[0.1, 0.9, 0.3, 0.5]]
  const [place] = think(ram(), glimpse, [[0.5, -0.25]]).locationMean
  const [moved] = think(ram({ gaze: 'relative' }), glimpse, [[0.5, -0.25]]).locationMean
  for (const [axis, from] of [0.5, -0.25].entries()) assert.ok(Math.abs(moved![axis]! - from - place![axis]!) < 1e-6)
})

test('a gain is as if more light fell into the eye', () => {
  const glimpse = [0.1, 0.4, 0.3, 0.05]
  const options = { locatorSees: true }
  const brighter = think(ram({ ...options, glimpseGain: 2 }), [glimpse], [[0.5, -0.25]])
  const seen = think(ram(options), [glimpse.map((light) => 2 * light)], [[0.5, -0.25]])
  for (const name of ['locationMean', 'choiceLogits'] as const)
    for (const [i, value] of brighter[name][0]!.entries()) assert.ok(Math.abs(value - seen[name][0]![i]!) < 1e-6)
})

test('a locator that sees adds the glimpse, through weights of its own, to what it reads from the core', () => {
  const glimpse = [0.1, 0.9, 0.3, 0.5]
  const options = { locatorUnits: 0, tanhMean: false }
  const seeing = ram({ ...options, locatorSees: true })
  const kernel = named(seeing)['location.sight.kernel']!.arraySync() as number[][] // [4, 2]
  const [blind] = think(ram(options), [glimpse], [[0, 0]]).locationMean
  const [both] = think(seeing, [glimpse], [[0, 0]]).locationMean
  for (const axis of [0, 1]) {
    const added = glimpse.reduce((sum, pixel, i) => sum + pixel * kernel[i]![axis]!, 0)
    assert.ok(Math.abs(both![axis]! - blind![axis]! - added) < 1e-6)
  }
})

test('convolutions see every scale with the same filters, before the what units do', () => {
  const seeing = (side: number, scales: number) =>
    createRam(ramOptions.parse({ ...small, whatFilters: 3 }), { ...world, glimpseShape: [scales, side, side, 1] })
  const shapes = (side: number, scales: number) =>
    Object.fromEntries(seeing(side, scales).layout.map(({ name, shape }) => [name, shape]))
  // 14 -> 6 -> 2 a side, twice
  const wide = shapes(14, 2)
  assert.equal(wide['glimpse.filters1.kernel'], [16, 3])
  assert.equal(wide['glimpse.filters2.kernel'], [16 * 3, 6])
  assert.equal(wide['glimpse.what.kernel'], [2 * 2 * 2 * 6, 4])
  // 8 -> 3, where no second fits
  const narrow = shapes(8, 1)
  assert.is(narrow['glimpse.filters2.kernel'], undefined)
  assert.equal(narrow['glimpse.what.kernel'], [3 * 3 * 3, 4])
  assert.throws(() => seeing(3, 1), /whatFilters 3 on a glimpse of side 3 .*--glimpse-side 4/)
})

test('first parameters are the same for the same generator, and as many as the layout says', () => {
  for (const options of [
    {},
    { core: 'lstm' },
    { whatLayers: 3 },
    { locatorUnits: 0 },
    { locatorSees: true },
  ] as Partial<RamOptions>[]) {
    const agent = ram(options)
    const vector = agent.init(Rng.of(3))
    assert.is(vector.length, lengthOf(agent.layout))
    assert.equal(vector, agent.init(Rng.of(3)))
    assert.not.equal(vector, agent.init(Rng.of(4)))
  }
})

test("the paper's default network on MNIST has the size that its layers add up to", () => {
  // what 64 -> 128, where 2 -> 128, joined 128 -> 256 twice, core 256 -> 256 and 256 x 256 without a bias,
  // a linear location network 256 -> 2, choice 256 -> 10, baseline 256 -> 1
  const count = 64 * 128 + 128 + (2 * 128 + 128) + 2 * (128 * 256 + 256) + (256 * 256 + 256) + 256 * 256
  const heads = 256 * 2 + 2 + (256 * 10 + 10) + (256 + 1)
  const agent = createRam(ramOptions.parse({ locatorUnits: 0 }), {
    glimpseShape: [1, 8, 8, 1],
    choiceCount: 10,
    stop: false,
  })
  assert.is(lengthOf(agent.layout), count + heads)
})

test('only an agent that may stop has a stop head', () => {
  const has = (stop: boolean) =>
    createRam(ramOptions.parse(small), { ...world, stop }).layout.some(({ name }) => name.startsWith('stop'))
  assert.ok(has(true))
  assert.not(has(false))
})

test.run()
