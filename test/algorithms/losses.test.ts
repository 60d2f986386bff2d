// What is a constant in a loss: the terms' own stop-gradients, for algorithms that make advantages and returns from what
// the agent puts out now.

import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-layers'
import {
  grad,
  mul,
  scalar,
  setBackend,
  sum,
  type Tensor,
  type Tensor2D,
  tensor2d,
  tensor3d,
  tidy,
} from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Outputs } from '../../src/agent/agent.ts'
import {
  clippedSurrogateLoss,
  clippedValueLoss,
  entropyBonus,
  policyGradientLoss,
  policyTerms,
  valueLoss,
} from '../../src/algorithms/losses.ts'
import type { Trajectory } from '../../src/algorithms/trajectory.ts'
import { Box, Discrete } from '../../src/env/spaces.ts'

await setBackend('cpu')

const std = scalar(0.5)

/** Two steps of one episode, with a stop head, seen by a policy whose numbers all are `x`. */
const outputs = (x: Tensor): Outputs => ({
  heads: {
    location: mul(tensor3d([1, 1, 1, 1], [2, 1, 2]), x),
    stop: mul(tensor3d([0, 1, 0, 2], [2, 1, 2]), x),
    prediction: mul(tensor3d([1, 2, 2, 1], [2, 1, 2]), x),
  },
  value: mul(tensor2d([1, 2], [2, 1]), x) as Tensor2D,
})

const happened = (old: Outputs): Trajectory => ({
  heads: [
    { name: 'location', space: new Box(-1, 1, [2]) },
    { name: 'stop', space: new Discrete(2) },
    { name: 'prediction', space: new Discrete(2) },
  ],
  drawn: {
    location: tensor3d([0.5, 0, 0, 0], [2, 1, 2]),
    stop: tensor2d([0, 0], [2, 1], 'int32'),
    prediction: tensor2d([0, 1], [2, 1], 'int32'),
  },
  reward: tensor2d([0, 1], [2, 1]),
  running: tensor2d([1, 1], [2, 1]),
  continued: tensor2d([1, 0], [2, 1]),
  scored: tensor2d([0, 1], [2, 1]),
  firstScored: 0,
  firstEnd: 0,
  old,
  rollouts: 1,
})

/** The slope of a function of one number at 0.3. */
const slope = (f: (x: Tensor) => Tensor): number => tidy(() => grad(f)(scalar(0.3)).dataSync()[0]!)

const still = (): Outputs => outputs(scalar(0.3))

test('an advantage is a constant, whatever it is made from', () => {
  const terms = () => policyTerms(still(), happened(still()), { std })
  assert.is(terms().length, 3)
  for (const i of [0, 1, 2]) {
    assert.is(
      slope((x) => policyGradientLoss(terms()[i]!, outputs(x).value)),
      0,
    )
    assert.is(
      slope((x) => clippedSurrogateLoss(terms()[i]!, outputs(x).value, 0.2)),
      0,
    )
  }
})

test('a return is a constant, whatever it is made from', () => {
  const running = () => tensor2d([1, 1], [2, 1])
  assert.is(
    slope((x) => valueLoss(still(), outputs(mul(x, 2)).value, running())),
    0,
  )
  assert.is(
    slope((x) => clippedValueLoss(still(), happened(still()), outputs(mul(x, 2)).value, 0.1)),
    0,
  )
})

test('what was put out at the time is a constant, even if it is what the agent puts out now', () => {
  assert.is(
    slope((x) => sum(policyTerms(still(), happened(outputs(x)), { std })[0]!.oldLogProbability)),
    0,
  )
  for (const i of [1, 2])
    assert.is(
      slope((x) => sum(policyTerms(still(), happened(outputs(x)), { std })[i]!.oldLogProbability)),
      0,
    )
  assert.is(
    slope((x) => clippedValueLoss(still(), happened(outputs(mul(x, 0.5))), tensor2d([1, 1], [2, 1]), 0.01)),
    0,
  )
})

test('entropy is that of predictions and stops where they counted; a location has none', () => {
  // at 0: ln 2 of the one prediction that counted, ln 2 of the one stop that could
  const level = tidy(() => {
    const flat = outputs(scalar(0))
    return entropyBonus(policyTerms(flat, happened(flat), { std })).dataSync()[0]!
  })
  assert.ok(Math.abs(level - 2 * Math.log(2)) < 1e-6, `${level}`)
})

test('a ratio beyond all bounds leaves no trace where the clip allows no gain', () => {
  // the location has become e^500 times likelier: the surrogate is held by the clip, and its slope is 0 and not NaN
  const far = (): Outputs => ({
    ...still(),
    heads: { ...still().heads, location: tensor3d([-15, 0, 0, 0], [2, 1, 2]) },
  })
  const advantage = () => tensor2d([1, 1], [2, 1])
  const loss = (x: Tensor) =>
    clippedSurrogateLoss(policyTerms(outputs(x), happened(far()), { std })[0]!, advantage(), 0.2)
  assert.is(slope(loss), 0)
  assert.ok(Math.abs(tidy(() => loss(scalar(0.3)).dataSync()[0]!) + 1.2) < 1e-6)
})

test.run()
