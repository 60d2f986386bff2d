// The wrappers: each keeps the laws, whatever it wraps, and does what it says.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseOptions } from '../../src/core/options.ts'
import { checkEnvironment } from '../../src/env/check-environment.ts'
import type { Action, Environment } from '../../src/env/environment.ts'
import { Box } from '../../src/env/spaces.ts'
import type { ImageSet } from '../../src/env/vision/image-set.ts'
import { Catch, catchOptions } from '../../src/env/worlds/catch.ts'
import { classification, classificationOptions } from '../../src/env/worlds/image-scenes.ts'
import { limitMoves, type RecordedEpisodes, recordEpisodes, timeLimit, withReward } from '../../src/env/wrappers.ts'

const schema = classificationOptions({ glimpses: 4, glimpseSide: 2, scales: 1 })

/** Six images of 4x4 pixels, all different, of two classes. */
const set: ImageSet = {
  name: 'tiny',
  images: Uint8Array.from({ length: 6 * 16 }, (_, i) => (i * 37) % 256),
  labels: Uint8Array.of(0, 1, 0, 1, 0, 1),
  ...{ height: 4, width: 4, channels: 1, classNames: ['a', 'b'], indices: Int32Array.of(0, 1, 2, 3, 4, 5) },
}

const looking = (options: Readonly<Record<string, unknown>> = {}): Environment =>
  classification({ id: 'tiny', set, split: 'train', batchSize: 2, options: parseOptions(schema, options, 'test') })
const catching = (): Environment =>
  new Catch('Catch', catchOptions.parse({ side: 6, glimpseSide: 3 }), { batchSize: 2 })

const wrappers: Readonly<Record<string, (environment: Environment) => Environment>> = {
  'limitMoves to places': (environment) => limitMoves(environment, { reach: 0.3 }),
  'limitMoves by moves': (environment) => limitMoves(environment, { reach: 0.3, action: 'move' }),
  timeLimit: (environment) => timeLimit(environment, 2),
  withReward: (environment) => withReward(environment, ({ reward }) => reward.map((paid) => 2 - paid)),
  recordEpisodes: (environment) => recordEpisodes(environment, () => {}),
  'all of them': (environment) =>
    recordEpisodes(
      withReward(timeLimit(limitMoves(environment, { reach: 0.5, action: 'move' }), 3), ({ terminated }) =>
        Float32Array.from(terminated),
      ),
      () => {},
    ),
}

const worlds: Readonly<Record<string, () => Environment>> = {
  'a world of classes': looking,
  'a world that may be stopped, and pays for beliefs': () => looking({ stop: true, reward: 'gain', glimpsePrice: 0.1 }),
  Catch: catching,
}

for (const [name, wrapped] of Object.entries(wrappers))
  for (const [what, world] of Object.entries(worlds))
    test(`${what} keeps the laws under ${name}`, () => checkEnvironment(wrapped(world())))

/** Look there, and say the first class. */
const lookAt = (...location: number[]): Action => ({
  location: Float32Array.from(location),
  prediction: new Int32Array(location.length / 2),
})

const near = (actual: ArrayLike<number>, expected: readonly number[]): void => {
  assert.is(actual.length, expected.length)
  for (const [i, value] of expected.entries())
    assert.ok(Math.abs(actual[i]! - value) < 1e-6, `[${i}]: ${actual[i]}, expected ${value}`)
}

test('an eye of limited moves goes towards a place, at most its reach, in a straight line, and says where it is', () => {
  const eye = limitMoves(looking({ start: 'centre' }), { reach: 0.5 })
  const free = looking({ start: 'centre' })
  eye.reset({ seed: 0, items: [0, 1] })
  free.reset({ seed: 0, items: [0, 1] })
  // (0.6, 0.8) is 1 away, so half of the way; (0.3, 0.4) is 0.5 away, within reach
  const first = eye.step(lookAt(0.6, 0.8, 0.3, 0.4)).observation
  near(first.location, [0.3, 0.4, 0.3, 0.4])
  assert.equal(first.glimpse, free.step(lookAt(...first.location)).observation.glimpse, 'the glimpse is taken there')
  // on from there: (0.6, 0.8) is now within reach; (0.3, -0.6) is 1 away, straight up
  near(eye.step(lookAt(0.6, 0.8, 0.3, -0.6)).observation.location, [0.6, 0.8, 0.3, -0.1])
})

test('an eye of moves takes the move itself, cut to its reach, and stays within the image', () => {
  const eye = limitMoves(looking({ start: 'centre' }), { reach: 0.5, action: 'move' })
  assert.is(eye.locationAction, 'move')
  assert.equal(eye.actionSpace.location, new Box(-0.5, 0.5, [2]))
  eye.reset({ seed: 0, items: [0, 1] })
  near(eye.step(lookAt(0.1, -0.2, 3, 4)).observation.location, [0.1, -0.2, 0.3, 0.4])
  near(eye.step(lookAt(0.1, 0, 0.3, 0.4)).observation.location, [0.2, -0.2, 0.6, 0.8])
  near(eye.step(lookAt(0, 0, 0.3, 0.4)).observation.location, [0.2, -0.2, 0.9, 1])
})

test('limited moves are refused where there is no place to go to, and where the reach is none', () => {
  assert.throws(() => limitMoves(looking(), { reach: 0 }), /limitMoves: reach 0 on tiny: reach must be positive/)
  assert.throws(() => limitMoves(looking(), { reach: Number.NaN }), RangeError)
  const moving = limitMoves(looking(), { reach: 0.5, action: 'move' })
  assert.throws(() => limitMoves(moving, { reach: 0.5 }), /one whose action location is a place/)
})

test('a time limit truncates what would have gone on, not what has ended, and shows the next observation once more', () => {
  const whole = looking({ stop: true, start: 'centre' })
  const limited = timeLimit(looking({ stop: true, start: 'centre' }), 2)
  assert.equal([limited.horizon, limited.truncates], [2, true])
  const act = (stop: number[], ...location: number[]): Action => ({
    ...lookAt(...location),
    stop: Int32Array.from(stop),
  })
  for (const world of [whole, limited]) {
    world.reset({ seed: 0, items: [0, 1, 2] })
    world.step(act([1, 0, 0], 0.1, 0.1, 0.2, 0.2, 0.3, 0.3))
  }
  const last = act([0, 1, 0], 0.4, 0.4, 0.5, 0.5, 0.6, 0.6)
  const [unlimited, end] = [whole.step(last), limited.step(last)]
  assert.equal([...end.terminated], [1, 1, 0])
  assert.equal([...end.truncated], [0, 0, 1])
  assert.equal([...end.reward], [...unlimited.reward])
  assert.equal(end.observation, unlimited.observation, 'the third has looked on, the others have not')
  near(end.observation.location.subarray(4), [0.6, 0.6])
  const beyond = limited.step(act([0, 0, 0], 0, 0, 0, 0, 0, 0))
  assert.equal([...beyond.reward, ...beyond.terminated, ...beyond.truncated], [0, 0, 0, 1, 1, 0, 0, 0, 1])
  assert.equal(beyond.observation, end.observation)
  // the next reset begins anew
  limited.reset({ seed: 0, items: [0] })
  assert.equal([...limited.step(act([0], 0, 0)).truncated], [0])
})

test('a time limit that is none is the world itself, and one that cannot be is refused', () => {
  const world = looking()
  assert.is(timeLimit(world, 4), world)
  assert.throws(() => timeLimit(world, 0), /timeLimit: steps 0 is not a positive integer/)
  assert.throws(() => timeLimit(world, 1.5), RangeError)
})

test('other rewards take the place of the first ones, are given the action, and are 0 once an episode has ended', () => {
  const far = withReward(
    looking({ stop: true, start: 'centre' }),
    (_step, { location }) => Float32Array.from({ length: 2 }, (_, b) => (location as Float32Array)[2 * b]!),
    [-4, 4],
  )
  assert.equal(far.returnRange, [-4, 4])
  far.reset({ seed: 0, items: [0, 1] })
  const act = (stop: number[]): Action => ({ ...lookAt(0.25, 0, 0.5, 0), stop: Int32Array.from(stop) })
  assert.equal([...far.step(act([1, 0])).reward], [0.25, 0.5], 'the last step is paid')
  assert.equal([...far.step(act([0, 0])).reward], [0, 0.5])
})

test('a range of returns that other rewards make untrue is not kept', () => {
  assert.equal(looking().returnRange, [0, 1])
  assert.not('returnRange' in withReward(looking(), ({ reward }) => reward))
})

test('what is recorded is what was played: copies, at the end of all episodes and at every reset', () => {
  const kept: RecordedEpisodes[] = []
  const world = recordEpisodes(looking({ stop: true, start: 'centre' }), (episodes) => kept.push(episodes))
  const act = (stop: number[]): Action => ({ ...lookAt(0.25, 0, 0.5, 0), stop: Int32Array.from(stop) })
  const start = world.reset({ seed: 0, items: [0, 1] })
  const before = start.observation.glimpse.slice()
  const actions = [act([1, 0]), act([0, 1])]
  const first = world.step(actions[0]!)
  assert.is(kept.length, 0, 'one episode is still running')
  const second = world.step(actions[1]!)
  const seen = { reward: [first.reward.slice(), second.reward.slice()], terminated: second.terminated.slice() }
  // what the caller does with its arrays afterwards is its own affair
  start.observation.glimpse.fill(9)
  for (const { reward, terminated } of [first, second]) {
    reward.fill(9)
    terminated.fill(9)
  }
  actions[1]!.stop!.fill(9)
  assert.is(kept.length, 1)
  assert.equal(kept[0]!.start.observation.glimpse, before)
  assert.equal(
    kept[0]!.steps.map(({ reward }) => reward),
    seen.reward,
  )
  assert.equal(kept[0]!.steps[1]!.terminated, seen.terminated)
  assert.equal([...kept[0]!.steps[1]!.action.stop!], [0, 1])
  // what was broken off by a reset is kept too, and a reset after the end keeps nothing twice
  world.reset({ seed: 0, items: [0, 1] })
  world.step(act([0, 0]))
  world.reset()
  assert.equal(
    kept.map(({ steps }) => steps.length),
    [2, 1],
  )
})

test('a wrapped world is drawn as it is, and one that cannot be drawn does not claim to be', () => {
  const world = timeLimit(looking(), 2)
  world.reset({ seed: 0, items: [3] })
  assert.equal([...world.render!(0).pixels], [...set.images.subarray(3 * 16, 4 * 16)])
  const { render: _, ...blind } = timeLimit(looking(), 2)
  assert.not('render' in withReward(blind as Environment, ({ reward }) => reward))
})

test.run()
