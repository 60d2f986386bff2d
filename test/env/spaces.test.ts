// Box, Discrete and MultiDiscrete: what they hold, what they draw, and what they refuse to be.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Rng } from '../../src/core/rng.ts'
import { Box, categoriesOf, Discrete, describeSpace, emptyValues, MultiDiscrete } from '../../src/env/spaces.ts'

test('a box holds arrays of its length, within its bounds, the bounds included', () => {
  const box = new Box(-1, 1, [2, 3])
  assert.is(box.size, 6)
  assert.ok(box.contains([-1, 0, 1, 0, 0, 0]))
  assert.not.ok(box.contains([0, 0, 0, 0, 0]))
  assert.not.ok(box.contains([0, 0, 0, 0, 0, 1.01]))
  assert.not.ok(box.contains([0, 0, 0, 0, 0, Number.NaN]))
  assert.ok(box.contains(new Float32Array(12), 2))
})

test('a discrete space holds the integers from 0 up to its number', () => {
  const space = new Discrete(3)
  assert.ok(space.contains([0, 1, 2], 3))
  assert.not.ok(space.contains([3]))
  assert.not.ok(space.contains([-1]))
  assert.not.ok(space.contains([0.5]))
  assert.not.ok(space.contains([0, 1]))
})

test('a space of several places holds an integer for each, up to the number of its own', () => {
  const space = new MultiDiscrete([3, 2])
  assert.is(space.size, 2)
  assert.ok(space.contains([2, 1, 0, 0], 2))
  assert.not.ok(space.contains([1, 2]))
  assert.not.ok(space.contains([2, 1, 2, 2], 2))
  assert.not.ok(space.contains([0, -1]))
  assert.not.ok(space.contains([0.5, 0]))
  assert.not.ok(space.contains([0]))
})

test('what a space draws, it holds, and all of it is drawn', () => {
  const box = new Box(2, 4, [5])
  const drawn = box.sample(Rng.of(1), 200)
  assert.ok(box.contains(drawn, 200))
  assert.ok(Math.min(...drawn) < 2.1 && Math.max(...drawn) > 3.9)
  const choices = new Discrete(4).sample(Rng.of(1), 100)
  assert.equal([...new Set(choices)].sort(), [0, 1, 2, 3])
  assert.equal(choices, new Discrete(4).sample(Rng.of(1), 100))
  const places = new MultiDiscrete([2, 5]).sample(Rng.of(1), 100)
  assert.equal([...new Set(places.filter((_, i) => i % 2 === 0))].sort(), [0, 1])
  assert.equal([...new Set(places.filter((_, i) => i % 2 === 1))].sort(), [0, 1, 2, 3, 4])
})

test('spaces that cannot be are refused', () => {
  assert.throws(() => new Box(1, 0, [1]), /low 1 must not exceed high 0/)
  assert.throws(() => new Box(0, 1, [0]), /shape \[0\] must hold positive integers/)
  assert.throws(() => new MultiDiscrete([]), /ns \[\] must hold positive integers, at least one/)
  assert.throws(() => new MultiDiscrete([2, 0]), /ns \[2,0\] must hold positive integers/)
  assert.throws(() => new Discrete(0), /n 0 must be a positive integer/)
})

test('a space says what it is, how many categories it has, and makes room for its values', () => {
  const spaces = [new Box(-1, 1, [2, 3]), new Discrete(4), new MultiDiscrete([2, 5])]
  assert.equal(spaces.map(describeSpace), ['Box [2, 3] in [-1, 1]', 'Discrete(4)', 'MultiDiscrete([2, 5])'])
  assert.equal(spaces.map(categoriesOf), [[], [4], [2, 5]])
  assert.equal(
    spaces.map((space) => emptyValues(space, 3)),
    [new Float32Array(18), new Int32Array(3), new Int32Array(6)],
  )
})

test.run()
