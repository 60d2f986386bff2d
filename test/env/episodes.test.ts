// Drawing the episodes of a batch, and what is refused before anything is done.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Action, Environment } from '../../src/env/environment.ts'
import { checkAction, EpisodeSampler, firstLocations } from '../../src/env/episodes.ts'
import { Box, Discrete, MultiDiscrete } from '../../src/env/spaces.ts'

const world = { id: 'w', batchSize: 4, itemCount: 10 }

test('repetitions are counted and scenes shared, in the order of their first appearance', () => {
  const { scene, sceneItems, repetition } = new EpisodeSampler(world).sample({ seed: 1, items: [7, 2, 7, 7, 2] })
  assert.equal([...sceneItems], [7, 2])
  assert.equal([...scene], [0, 1, 0, 0, 1])
  assert.equal([...repetition], [0, 0, 1, 2, 1])
})

test('without a seed, the seeds go on from the last one', () => {
  const sampler = new EpisodeSampler(world)
  const seeds = [sampler.sample(), sampler.sample(), sampler.sample({ seed: 40 }), sampler.sample()].map(
    ({ seed }) => seed,
  )
  assert.equal(seeds, [0, 1, 40, 41])
})

test('items that are not there are refused', () => {
  const sampler = new EpisodeSampler(world)
  assert.throws(() => sampler.sample({ items: [] }), /w: items is empty/)
  assert.throws(() => sampler.sample({ items: [10] }), /w: item 10 is not an integer in \[0, 10\)/)
  assert.throws(() => sampler.sample({ items: [0.5] }), /w: item 0\.5/)
  assert.throws(() => sampler.sample({ seed: 0.5 }), /w: seed 0\.5 must be an integer/)
  assert.equal([...new EpisodeSampler({ ...world, itemCount: Infinity }).sample({ items: [2 ** 40] }).items], [2 ** 40])
})

test('a first location depends on the seed, the item and the repetition alone', () => {
  const sampler = new EpisodeSampler(world)
  const whole = firstLocations(sampler.sample({ seed: 3, items: [5, 6, 5] }), 1)
  const part = firstLocations(sampler.sample({ seed: 3, items: [5, 5] }), 1)
  assert.equal([...part], [...whole.subarray(0, 2), ...whole.subarray(4, 6)])
  assert.equal([...firstLocations(sampler.sample({ seed: 3, items: [1] }), 0)], [0, 0])
})

test('an action is refused with the array, the episode and what was expected', () => {
  const world = {
    id: 'w',
    actionSpace: { location: new Box(-1, 1, [2]), stop: new Discrete(2) },
    predictionSpace: new MultiDiscrete([3, 2]),
    readsProbabilities: true,
  } as unknown as Environment
  const fine: Action = {
    location: Float32Array.of(0, 0, 5, -5), // which the environment clips
    stop: Int32Array.of(0, 1),
    prediction: Int32Array.of(0, 1, 2, 0),
    probabilities: new Float32Array(10),
  }
  const check = (wrong: Action = {}, ended = [0, 0]): void =>
    checkAction(world, { ...fine, ...wrong }, Uint8Array.from(ended))
  check()
  assert.throws(() => check({ location: new Float32Array(2) }), /^w: action\.location has 2 numbers; 4 expected$/)
  assert.throws(() => check({ stop: Int32Array.of(0) }), /^w: action\.stop has 1 numbers; 2 expected$/)
  assert.throws(() => check({ prediction: Int32Array.of(0, 1) }), /^w: action\.prediction has 2 numbers; 4 expected$/)
  const { probabilities: _, ...without } = fine
  assert.throws(
    () => checkAction(world, without, Uint8Array.of(0, 0)),
    /^w: action\.probabilities has no numbers; 10 expected$/,
  )
  // the second place of the second episode has two categories, the first has three
  assert.throws(
    () => check({ prediction: Int32Array.of(0, 0, 2, 2) }),
    /^w: action\.prediction 2 of episode 1 is not in \[0, 2\)$/,
  )
  assert.throws(
    () => check({ prediction: Int32Array.of(-1, 0, 0, 0) }),
    /^w: action\.prediction -1 of episode 0 is not/,
  )
  const nowhere = { location: Float32Array.of(0, 0, Number.NaN, 0) }
  assert.throws(() => check(nowhere), /^w: action\.location NaN of episode 1 is not a number$/)
  // what is said to an episode that has ended is not read
  check({ ...nowhere, prediction: Int32Array.of(0, 0, 9, 9) }, [0, 1])
})

test('a world without predictions takes no notice of one', () => {
  const world = { id: 'w', actionSpace: { move: new Discrete(3) } } as unknown as Environment
  checkAction(world, { move: Int32Array.of(2), prediction: Int32Array.of(99) }, Uint8Array.of(0))
})

test.run()
