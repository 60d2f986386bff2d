// Returns and advantages by hand. Rows are steps, columns episodes.

import '@tensorflow/tfjs-backend-cpu'
import { setBackend, sub, type Tensor2D, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Course,
  discountedReturns,
  generalisedAdvantages,
  groupNormalised,
  heldReturns,
  leaveOneOutBaseline,
  normalised,
} from '../../src/algorithms/advantages.ts'
import { Rng } from '../../src/core/rng.ts'

await setBackend('cpu')

type Rows = readonly (readonly number[])[]

/** Two or more steps of episodes that run to the end; `more` says otherwise. */
const courseOf = (
  reward: Rows,
  more: { value?: Rows; running?: Rows; truncated?: Rows; lastValue?: number[] } = {},
): Course => {
  const table = (rows: Rows): Tensor2D => tensor2d(rows.map((row) => [...row]))
  const every = (value: number): Rows => reward.map((row) => row.map(() => value))
  return {
    reward: table(reward),
    running: table(more.running ?? every(1)),
    old: { value: table(more.value ?? every(0)) },
    ...(more.truncated && { truncated: table(more.truncated) }),
    ...(more.lastValue && { lastValue: tensor1d(more.lastValue) }),
  }
}

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
        courseOf([
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
  const course = () =>
    courseOf(
      [
        [1, 0],
        [2, 6],
        [4, 0],
      ],
      {
        value: [
          [2, 2],
          [3, 4],
          [1, 8],
        ],
        running: [
          [1, 1],
          [1, 1],
          [1, 0],
        ],
      },
    )
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
  const rows = (numbers: readonly number[]): Rows => [0, 2, 4, 6].map((i) => numbers.slice(i, i + 2))
  const course = () => courseOf(rows(rewards), { value: rows(estimates) })
  const toTheEnd = tidy(() => sub(discountedReturns(course(), 0.9), course().old.value).arraySync()) as number[][]
  near(() => generalisedAdvantages(course(), 0.9, 1), toTheEnd)
  const oneStep = rewards.map((r, i) => r + 0.9 * (estimates[i + 2] ?? 0) - estimates[i]!)
  near(() => generalisedAdvantages(course(), 0.9, 0), rows(oneStep))
})

/**
 * Discount 1/2, three steps, four episodes: terminated after the second step; truncated there, where the next observation
 * is worth 8; truncated by the horizon, where the last observation is worth 6; terminated there.
 */
const cutOff = () =>
  courseOf(
    [
      [1, 1, 1, 1],
      [2, 2, 2, 2],
      [0, 0, 4, 4],
    ],
    {
      value: [
        [3, 3, 3, 3],
        [5, 5, 5, 5],
        [8, 8, 1, 1],
      ],
      running: [
        [1, 1, 1, 1],
        [1, 1, 1, 1],
        [0, 0, 1, 1],
      ],
      truncated: [
        [0, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
      ],
      lastValue: [10, 10, 6, 6],
    },
  )

test('a return goes on with the value of the last observation where an episode was truncated, not where it terminated', () => {
  // terminated: 2; 1 + 1/2 * 2 = 2.       truncated: 2 + 1/2 * 8 = 6; 1 + 1/2 * 6 = 4
  // by the horizon: 4 + 1/2 * 6 = 7; 2 + 1/2 * 7 = 5.5; 1 + 1/2 * 5.5 = 3.75.       terminated: 4; 4; 3
  near(
    () => discountedReturns(cutOff(), 0.5),
    [
      [2, 4, 3.75, 3],
      [2, 6, 5.5, 4],
      [0, 0, 7, 4],
    ],
  )
})

test('a generalised advantage looks at the value of the last observation where an episode was truncated, not where it terminated', () => {
  // lambda 1/2, so 1/4 of the next advantage.
  // terminated: d1 = 2 - 5 = -3; d0 = 1 + 1/2 * 5 - 3 = 1/2, A0 = 1/2 - 3/4 = -1/4
  // truncated: d1 = 2 + 1/2 * 8 - 5 = 1; A0 = 1/2 + 1/4 = 3/4
  // by the horizon: d2 = 4 + 1/2 * 6 - 1 = 6; A1 = 2 + 1/2 * 1 - 5 + 6/4 = -1; A0 = 1/2 - 1/4 = 1/4
  // terminated: d2 = 4 - 1 = 3; A1 = -2.5 + 3/4 = -7/4; A0 = 1/2 - 7/16 = 1/16
  near(
    () => generalisedAdvantages(cutOff(), 0.5, 0.5),
    [
      [-0.25, 0.75, 0.25, 0.0625],
      [-3, 1, -1, -1.75],
      [0, 0, 6, 3],
    ],
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
