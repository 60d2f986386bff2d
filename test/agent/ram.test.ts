// The agent's laws: what it puts out again is what it put out, rows do not mix, and its options do what they say.

import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-layers'
import { grad, setBackend, square, sum, tensor, tidy } from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { initialState } from '../../src/agent/agent.ts'
import { createRam } from '../../src/agent/ram.ts'
import { type RamOptions, ramOptions } from '../../src/agent/ram-options.ts'
import type { World } from '../../src/agent/registry.ts'
import { lengthOf, sizeOf, type Tensors } from '../../src/core/tensors.ts'
import { Box, Discrete } from '../../src/env/spaces.ts'
import { Laboratory, parametersOf, tinyPlan } from '../algorithms/laboratory.ts'

await setBackend('cpu')

const location = { name: 'location', space: new Box(-1, 1, [2]) }
const stop = { name: 'stop', space: new Discrete(2) }
const prediction = (n: number) => ({ name: 'prediction', space: new Discrete(n) })

const world: World = {
  observation: { glimpse: [1, 2, 2, 1], location: [2] },
  heads: [location, stop, prediction(3)],
  horizon: 3,
}
const small = { whatUnits: 4, whereUnits: 4, featureUnits: 5, hiddenUnits: 6, locatorUnits: 4 }
const ram = (options: Partial<RamOptions> = {}) => createRam(ramOptions.parse({ ...small, ...options }), world)

/** First parameters by name, as tensors. */
function named(agent: ReturnType<typeof ram>, seed = 0): Tensors {
  const vector = agent.init(seed)
  let offset = 0
  return Object.fromEntries(
    agent.layout.map(({ name, shape }) => {
      const values = vector.slice(offset, offset + sizeOf(shape))
      offset += values.length
      return [name, tensor(values, [...shape])]
    }),
  )
}

/** What an agent puts out for a batch of glimpses and locations, as plain arrays. */
function step(agent: ReturnType<typeof ram>, glimpses: number[][], locations: number[][], seed = 0) {
  return tidy(() => {
    const observation = {
      glimpse: tensor(glimpses.flat(), [glimpses.length, 1, 2, 2, 1]),
      location: tensor(locations.flat(), [glimpses.length, 2]),
    }
    const { heads, value } = agent.step(named(agent, seed), observation, initialState(agent, glimpses.length))
    const rows = Object.fromEntries(Object.entries(heads).map(([name, x]) => [name, x.arraySync() as number[][]]))
    return { location: rows.location!, prediction: rows.prediction!, stop: rows.stop!, value: value.arraySync() }
  })
}

const looks = { stop: true, glimpses: 4 }
for (const [core, environment, algorithm = {}] of [
  ['rnn', looks],
  ['lstm', looks],
  ['dram', looks],
  ['dram', { ...looks, contextSide: 3 }],
  ['rnn', looks, { spread: 'learned' }],
] as const)
  test(`${core}, context ${'contextSide' in environment}, spread ${algorithm.spread ?? 'scheduled'}: shown again what it saw, the agent puts out exactly what it put out while acting`, async () => {
    const plan = tinyPlan({ environment, agent: { core }, algorithm, training: { rollouts: 2 } })
    const laboratory = await Laboratory.open(plan)
    const played = await laboratory.play(parametersOf(plan))
    const again = await laboratory.unroll(parametersOf(plan), played)
    for (const name of ['head.location', 'head.stop', 'head.prediction', 'value'])
      assert.equal(
        [...again[name]!],
        played.outputs.flatMap((output) => [...output[name]!]),
        name,
      )
  })

test('rows do not mix: an episode is answered the same in any company', () => {
  const agent = ram()
  const glimpses = [
    [0.1, 0.9, 0.3, 0.5],
    [1, 0, 0, 0.2],
  ]
  const locations = [
    [0.5, -0.5],
    [-1, 1],
  ]
  const together = step(agent, glimpses, locations)
  for (const b of [0, 1]) {
    const alone = step(agent, [glimpses[b]!], [locations[b]!])
    assert.equal(alone.location[0], together.location[b])
    assert.equal(alone.prediction[0], together.prediction[b])
    assert.equal(alone.value[0], together.value[b])
    assert.equal(alone.stop[0], together.stop[b])
  }
})

for (const core of ['rnn', 'lstm', 'dram', 'attention'] as const)
  test(`${core}: a context starts the core, and later is not seen any more; a dram says nothing by it`, () => {
    const observation = { glimpse: [1, 2, 2, 1], location: [2], context: [2, 2, 1] }
    const agent = createRam(ramOptions.parse({ ...small, core }), { ...world, observation })
    const answers = tidy(() => {
      const p = named(agent)
      const seen = { glimpse: tensor([0.1, 0.9, 0.3, 0.5], [1, 1, 2, 2, 1]), location: tensor([0.5, -0.5], [1, 2]) }
      const dark = { ...seen, context: tensor([0, 0, 0, 0], [1, 2, 2, 1]) }
      const light = { ...seen, context: tensor([1, 0, 1, 1], [1, 2, 2, 1]) }
      const plain = ({ heads }: ReturnType<typeof agent.step>) => ({
        location: heads.location!.arraySync(),
        prediction: heads.prediction!.arraySync(),
      })
      const [first, other] = [agent.step(p, dark, initialState(agent, 1)), agent.step(p, light, initialState(agent, 1))]
      const later = [agent.step(p, dark, first.state), agent.step(p, light, first.state)]
      return { first: plain(first), other: plain(other), later: later.map(plain) }
    })
    assert.not.equal(answers.first.location, answers.other.location)
    if (core === 'dram') assert.equal(answers.first.prediction, answers.other.prediction)
    else assert.not.equal(answers.first.prediction, answers.other.prediction)
    assert.equal(answers.later[0], answers.later[1])
  })

test('a gain from scale to scale is one on the glimpses, each scale by its own', () => {
  const two = { ...world, observation: { glimpse: [2, 1, 2, 1], location: [2] } }
  const locationsOf = (options: Partial<RamOptions>, glimpse: number[]) =>
    tidy(() => {
      const agent = createRam(ramOptions.parse({ ...small, ...options }), two)
      const seen = { glimpse: tensor(glimpse, [1, 2, 1, 2, 1]), location: tensor([0.5, -0.5], [1, 2]) }
      return agent.step(named(agent), seen, initialState(agent, 1)).heads.location!.arraySync()
    })
  const gained = locationsOf({ scaleGain: 4, glimpseGain: 0.5 }, [0.2, 0.4, 0.1, 0.3])
  assert.equal(gained, locationsOf({}, [0.1, 0.2, 0.2, 0.6]))
  assert.not.equal(gained, locationsOf({}, [0.2, 0.4, 0.1, 0.3]))
})

test('the location is seen as well as the glimpse', () => {
  const glimpse = [0.1, 0.9, 0.3, 0.5]
  const { prediction } = step(
    ram(),
    [glimpse, glimpse],
    [
      [-1, -1],
      [1, 1],
    ],
  )
  assert.not.equal(prediction[0], prediction[1])
})

test('the mean location stays within its range', () => {
  const glimpse = [[0.1, 0.9, 0.3, 0.5]]
  const free = step(ram({ tanhMean: false }), glimpse, [[0.5, 0.5]]).location[0]!
  const bound = step(ram(), glimpse, [[0.5, 0.5]]).location[0]!
  const half = step(ram({ locationRange: 0.5 }), glimpse, [[0.5, 0.5]]).location[0]!
  for (const axis of [0, 1]) {
    assert.ok(Math.abs(bound[axis]! - Math.tanh(free[axis]!)) < 1e-6)
    assert.ok(Math.abs(half[axis]! - 0.5 * Math.tanh(free[axis]!)) < 1e-6)
  }
})

test('a relative location moves from the present location by what an absolute one would look at', () => {
  const glimpse = [[0.1, 0.9, 0.3, 0.5]]
  const [place] = step(ram(), glimpse, [[0.5, -0.25]]).location
  const [moved] = step(ram({ locationMode: 'relative' }), glimpse, [[0.5, -0.25]]).location
  for (const [axis, from] of [0.5, -0.25].entries()) assert.ok(Math.abs(moved![axis]! - from - place![axis]!) < 1e-6)
})

test('where its spread is learned, the location has the same mean, and says the spread behind it', () => {
  const learned: World = { ...world, heads: [{ ...location, kind: 'scaled-gaussian' }, stop, prediction(3)] }
  const glimpse = [[0.1, 0.9, 0.3, 0.5]]
  for (const locatorUnits of [0, 4]) {
    const options = ramOptions.parse({ ...small, locatorUnits })
    const [mean] = step(createRam(options, world), glimpse, [[0.5, 0.5]]).location
    const [both] = step(createRam(options, learned), glimpse, [[0.5, 0.5]]).location
    assert.equal(both!.slice(0, 2), mean)
    assert.is(both!.length, 4)
    assert.not.equal(both![2], both![3])
  }
})

test('a gain is as if more light fell into the eye', () => {
  const glimpse = [0.1, 0.4, 0.3, 0.05]
  const options = { locatorSees: true }
  const brighter = step(ram({ ...options, glimpseGain: 2 }), [glimpse], [[0.5, -0.25]])
  const seen = step(ram(options), [glimpse.map((light) => 2 * light)], [[0.5, -0.25]])
  for (const name of ['location', 'prediction'] as const)
    for (const [i, value] of brighter[name][0]!.entries()) assert.ok(Math.abs(value - seen[name][0]![i]!) < 1e-6)
})

test('a locator that sees adds the glimpse, through weights of its own, to what it reads from the core', () => {
  const glimpse = [0.1, 0.9, 0.3, 0.5]
  const options = { locatorUnits: 0, tanhMean: false }
  const seeing = ram({ ...options, locatorSees: true })
  const kernel = named(seeing)['location.sight.kernel']!.arraySync() as number[][] // [4, 2]
  const [blind] = step(ram(options), [glimpse], [[0, 0]]).location
  const [both] = step(seeing, [glimpse], [[0, 0]]).location
  for (const axis of [0, 1]) {
    const added = glimpse.reduce((sum, pixel, i) => sum + pixel * kernel[i]![axis]!, 0)
    assert.ok(Math.abs(both![axis]! - blind![axis]! - added) < 1e-6)
  }
})

test('convolutions see every scale with the same filters, before the what units do', () => {
  const seeing = (side: number, scales: number) =>
    createRam(ramOptions.parse({ ...small, whatFilters: 3 }), {
      ...world,
      observation: { glimpse: [scales, side, side, 1], location: [2] },
    })
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

test('first parameters are the same for the same seed, and as many as the layout says', () => {
  for (const options of [
    {},
    { core: 'lstm' },
    { whatLayers: 3 },
    { locatorUnits: 0 },
    { locatorSees: true },
  ] as Partial<RamOptions>[]) {
    const agent = ram(options)
    const vector = agent.init(3)
    assert.is(vector.length, lengthOf(agent.layout))
    assert.equal(vector, agent.init(3))
    assert.not.equal(vector, agent.init(4))
  }
})

test("the paper's default network on MNIST has the size that its layers add up to", () => {
  // what 64 -> 128, where 2 -> 128, joined 128 -> 256 twice, core 256 -> 256 and 256 x 256 without a bias,
  // a linear location network 256 -> 2, prediction 256 -> 10, baseline 256 -> 1
  const count = 64 * 128 + 128 + (2 * 128 + 128) + 2 * (128 * 256 + 256) + (256 * 256 + 256) + 256 * 256
  const heads = 256 * 2 + 2 + (256 * 10 + 10) + (256 + 1)
  const agent = createRam(ramOptions.parse({ locatorUnits: 0 }), {
    observation: { glimpse: [1, 8, 8, 1], location: [2] },
    heads: [location, prediction(10)],
    horizon: 6,
  })
  assert.is(lengthOf(agent.layout), count + heads)
})

test('a further observation is seen, through weights of its own, and its gradient reaches them', () => {
  const seeing = createRam(ramOptions.parse(small), {
    ...world,
    observation: { ...world.observation, speed: [2, 1] },
  })
  const parameters = named(seeing)
  const names = [
    'observation.speed.kernel',
    'observation.speed.bias',
    'glimpse.from.speed.kernel',
    'glimpse.from.speed.bias',
  ]
  for (const name of names) assert.ok(parameters[name], name)
  assert.equal(parameters['observation.speed.kernel']!.shape, [2, 4])
  const logits = (speed: number[], given: Tensors = parameters) =>
    seeing.step(
      given,
      {
        glimpse: tensor([0.1, 0.9, 0.3, 0.5], [1, 1, 2, 2, 1]),
        location: tensor([[0, 0]]),
        speed: tensor(speed, [1, 2, 1]),
      },
      initialState(seeing, 1),
    ).heads.prediction!
  tidy(() => {
    assert.not.equal([...logits([1, 2]).dataSync()], [...logits([-2, 1]).dataSync()])
    for (const name of names) {
      const slope = grad((x) => sum(square(logits([1, 2], { ...parameters, [name]: x }))))(parameters[name]!)
      assert.ok(Math.max(...slope.dataSync().map(Math.abs)) > 1e-4, name)
    }
  })
})

test('a wider layer elsewhere changes no other first value', () => {
  const [narrow, wide] = [named(ram(), 3), named(ram({ locatorUnits: 9, core: 'lstm' }), 3)]
  const same = (name: string) => assert.equal([...wide[name]!.dataSync()], [...narrow[name]!.dataSync()], name)
  for (const name of [
    'glimpse.what.kernel',
    'glimpse.fromWhere.bias',
    'prediction.kernel',
    'stop.kernel',
    'baseline.bias',
  ])
    same(name)
  assert.not.equal(wide['location.hidden.kernel']!.shape, narrow['location.hidden.kernel']!.shape)
})

test('only an agent that may stop has a stop head', () => {
  const has = (heads: World['heads']) =>
    createRam(ramOptions.parse(small), { ...world, heads }).layout.some(({ name }) => name.startsWith('stop'))
  assert.ok(has(world.heads))
  assert.not(has([location, prediction(3)]))
})

test.run()
