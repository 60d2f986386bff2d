// Returns and advantages by hand. Rows are steps, columns episodes.

import '@tensorflow/tfjs-backend-cpu'
import { setBackend, sub, type Tensor2D, tensor2d, tidy } from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  discountedReturns,
  generalisedAdvantages,
  groupNormalised,
  heldReturns,
  leaveOneOutBaseline,
  normalised,
} from '../../src/algorithms/advantages.ts'
import { Rng } from '../../src/core/rng.ts'

await setBackend('cpu')

const near = (make: () => Tensor2D, expected: readonly (readonly number[])[], tolerance = 1e-5): void => {
  const actual = tidy(() => make().arraySync())
  for (const [t, row] of expected.entries())
    for (const [b, value] of row.entries())
      assert.ok(Math.abs(actual[t]![b]! - value) < tolerance, `[${t}, ${b}]: ${actual[t]![b]}, expected ${value}`)
}

test('a return adds the rewards to come, each a discount less than the one before', () => {
  // 1 + 1/2 (2 + 1/2 * 4) = 3; 2 + 1/2 * 4 = 4; 4 | 0 + 1/2 * (0 + 1/2 * 1) = 1/4; 1/2; 1
  near(
    () =>
      discountedReturns(
        tensor2d([
          [1, 0],
          [2, 0],
          [4, 1],
        ]),
        0.5,
      ),
    [
      [3, 0.25],
      [4, 0.5],
      [4, 1],
    ],
  )
})

test('a generalised advantage looks ahead by the next values, less with every step, and never past an end', () => {
  // discount 1/2, lambda 1/2. First episode, three steps:
  //   d2 = 4 - 1 = 3                A2 = 3
  //   d1 = 2 + 1/2 * 1 - 3 = -1/2   A1 = -1/2 + 1/4 * 3 = 1/4
  //   d0 = 1 + 1/2 * 3 - 2 = 1/2    A0 = 1/2 + 1/4 * 1/4 = 9/16
  // Second, ended after two; the value 8 of its third step is nobody's:
  //   d1 = 6 - 4 = 2                A1 = 2
  //   d0 = 0 + 1/2 * 4 - 2 = 0      A0 = 1/4 * 2 = 1/2
  const course = () => ({
    reward: tensor2d([
      [1, 0],
      [2, 6],
      [4, 0],
    ]),
    value: tensor2d([
      [2, 2],
      [3, 4],
      [1, 8],
    ]),
    alive: tensor2d([
      [1, 1],
      [1, 1],
      [1, 0],
    ]),
  })
  near(
    () => generalisedAdvantages(course(), 0.5, 0.5),
    [
      [0.5625, 0.5],
      [0.25, 2],
      [3, 0],
    ],
  )
})

test('with lambda = 1 generalised advantages are returns less values, with lambda = 0 one step and the next value', () => {
  const rng = Rng.of(3)
  const values = () => Array.from({ length: 8 }, () => rng.normal())
  const [rewards, estimates] = [values(), values()]
  const reward = () => tensor2d(rewards, [4, 2])
  const value = () => tensor2d(estimates, [4, 2])
  const alive = () => tensor2d(new Array(8).fill(1), [4, 2])
  const toTheEnd = tidy(() => sub(discountedReturns(reward(), 0.9), value()).arraySync()) as number[][]
  near(() => generalisedAdvantages({ reward: reward(), value: value(), alive: alive() }, 0.9, 1), toTheEnd)
  const oneStep = rewards.map((r, i) => r + 0.9 * (estimates[i + 2] ?? 0) - estimates[i]!)
  near(
    () => generalisedAdvantages({ reward: reward(), value: value(), alive: alive() }, 0.9, 0),
    [0, 2, 4, 6].map((i) => oneStep.slice(i, i + 2)),
  )
})

test("with two rollouts the leave-one-out baseline is the other rollout's return", () => {
  // items (a, a, b, b)
  near(() => leaveOneOutBaseline(tensor2d([[1, 0, 5, 7]]), 2), [[0, 1, 7, 5]])
})

test('with three rollouts it is the mean of the other two', () => {
  near(() => leaveOneOutBaseline(tensor2d([[1, 2, 6, 0, 0, 9]]), 3), [[4, 3.5, 1.5, 4.5, 4.5, 0]])
})

test('group-normalised returns are deviations from the mean of the item, and 0 where all are equal', () => {
  // (1, 3): mean 2, deviation 1; (0, 0, ...) has none to divide by
  near(() => groupNormalised(tensor2d([[1, 3, 4, 4]]), 2), [[-1, 1, 0, 0]], 2e-4)
})

test('an episode that has ended goes on counting with what its last step returned', () => {
  near(
    () =>
      heldReturns(
        tensor2d([
          [3, 1],
          [2, 0],
          [1, 0],
        ]),
        tensor2d([
          [1, 1],
          [1, 0],
          [1, 0],
        ]),
      ),
    [
      [3, 1],
      [2, 1],
      [1, 1],
    ],
  )
})

test('normalised advantages have mean 0 and deviation 1 over the steps that count', () => {
  // 1 and 3 count, 100 does not: mean 2, deviation 1
  near(() => normalised(tensor2d([[1, 3, 100]]), tensor2d([[1, 1, 0]])), [[-1, 1, 0]], 2e-4)
})

test.run()
