// Dealing the episodes of a batch, and what is refused before anything is done.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Environment } from '../../src/env/environment.ts'
import { checkAction, Dealer, firstLooks } from '../../src/env/episodes.ts'
import { Box, Discrete } from '../../src/env/spaces.ts'

const world = { id: 'w', batchSize: 4, itemCount: 10 }

test('repetitions are counted and scenes shared, in the order of their first appearance', () => {
  const { scene, sceneItems, repetition } = new Dealer(world).deal({ seed: 1, items: [7, 2, 7, 7, 2] })
  assert.equal([...sceneItems], [7, 2])
  assert.equal([...scene], [0, 1, 0, 0, 1])
  assert.equal([...repetition], [0, 0, 1, 2, 1])
})

test('without a seed, the seeds go on from the last one', () => {
  const dealer = new Dealer(world)
  const seeds = [dealer.deal(), dealer.deal(), dealer.deal({ seed: 40 }), dealer.deal()].map(({ seed }) => seed)
  assert.equal(seeds, [0, 1, 40, 41])
})

test('items that are not there are refused', () => {
  const dealer = new Dealer(world)
  assert.throws(() => dealer.deal({ items: [] }), /w: items is empty/)
  assert.throws(() => dealer.deal({ items: [10] }), /w: item 10 is not an integer in \[0, 10\)/)
  assert.throws(() => dealer.deal({ items: [0.5] }), /w: item 0\.5/)
  assert.throws(() => dealer.deal({ seed: 0.5 }), /w: seed 0\.5 must be an integer/)
  assert.equal([...new Dealer({ ...world, itemCount: Infinity }).deal({ items: [2 ** 40] }).items], [2 ** 40])
})

test('a first look depends on the seed, the item and the repetition alone', () => {
  const dealer = new Dealer(world)
  const whole = firstLooks(dealer.deal({ seed: 3, items: [5, 6, 5] }), 1)
  const part = firstLooks(dealer.deal({ seed: 3, items: [5, 5] }), 1)
  assert.equal([...part], [...whole.subarray(0, 2), ...whole.subarray(4, 6)])
  assert.equal([...firstLooks(dealer.deal({ seed: 3, items: [1] }), 0)], [0, 0])
})

test('an action is refused with the array, the episode and what was expected', () => {
  const actionSpace = { location: new Box(-1, 1, [2]), choice: new Discrete(3), belief: new Box(0, 1, [3]) }
  const check = (location: number[], choice: number[], belief?: number[], ended = [0, 0]) =>
    checkAction(
      { id: 'w', actionSpace } as unknown as Environment,
      {
        location: Float32Array.from(location),
        choice: Int32Array.from(choice),
        ...(belief && { belief: Float32Array.from(belief) }),
      },
      Uint8Array.from(ended),
    )
  const belief = [1, 0, 0, 0, 1, 0]
  check([0, 0, 5, -5], [0, 2], belief)
  assert.throws(() => check([0, 0], [0, 0], belief), /w: action\.location has 2 numbers; 4 expected/)
  assert.throws(() => check([0, 0, 0, 0], [0], belief), /w: action\.choice has 1 numbers; 2 expected/)
  assert.throws(() => check([0, 0, 0, 0], [0, 0]), /w: action\.belief has no numbers; 6 expected/)
  assert.throws(() => check([0, 0, 0, 0], [0, 3], belief), /w: choice 3 of episode 1 is not in \[0, 3\)/)
  assert.throws(() => check([0, 0, Number.NaN, 0], [0, 0], belief), /w: location \(NaN, 0\) of episode 1/)
  check([0, 0, Number.NaN, 0], [0, 9], belief, [0, 1])
})

test.run()
