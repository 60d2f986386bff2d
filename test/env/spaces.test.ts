// Box and Discrete: what they hold, what they draw, and what they refuse to be.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Rng } from '../../src/core/rng.ts'
import { Box, Discrete } from '../../src/env/spaces.ts'

test('a box holds arrays of its length, within its bounds, the bounds included', () => {
  const box = new Box(-1, 1, [2, 3])
  assert.is(box.size, 6)
  assert.ok(box.contains([-1, 0, 1, 0, 0, 0]))
  assert.not.ok(box.contains([0, 0, 0, 0, 0]))
  assert.not.ok(box.contains([0, 0, 0, 0, 0, 1.01]))
  assert.not.ok(box.contains([0, 0, 0, 0, 0, Number.NaN]))
  assert.ok(box.contains(new Float32Array(12), 2))
})

test('a discrete space holds the integers from 0 up to its count', () => {
  const space = new Discrete(3)
  assert.ok(space.contains([0, 1, 2], 3))
  assert.not.ok(space.contains([3]))
  assert.not.ok(space.contains([-1]))
  assert.not.ok(space.contains([0.5]))
  assert.not.ok(space.contains([0, 1]))
})

test('what a space draws, it holds, and all of it is drawn', () => {
  const box = new Box(2, 4, [5])
  const drawn = box.sample(Rng.of(1), 200)
  assert.ok(box.contains(drawn, 200))
  assert.ok(Math.min(...drawn) < 2.1 && Math.max(...drawn) > 3.9)
  const choices = new Discrete(4).sample(Rng.of(1), 100)
  assert.equal([...new Set(choices)].sort(), [0, 1, 2, 3])
  assert.equal(choices, new Discrete(4).sample(Rng.of(1), 100))
})

test('spaces that cannot be are refused', () => {
  assert.throws(() => new Box(1, 0, [1]), /low 1 must not exceed high 0/)
  assert.throws(() => new Box(0, 1, [0]), /shape \[0\] must hold positive integers/)
  assert.throws(() => new Discrete(0), /count 0 must be a positive integer/)
})

test.run()
