// What is a constant in a loss: the terms' own stop-gradients, for algorithms that make advantages and returns from what
// the agent thinks now.

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
import type { Evaluation } from '../../src/agent/agent.ts'
import type { Trajectory } from '../../src/algorithms/algorithm.ts'
import {
  clippedSurrogateLoss,
  clippedValueLoss,
  drawnHeads,
  entropyBonus,
  policyGradientLoss,
  valueLoss,
} from '../../src/algorithms/losses.ts'

await setBackend('cpu')

const std = scalar(0.5)

/** Two steps of one episode, with a stop head, seen by a policy whose numbers all are `x`. */
const thought = (x: Tensor): Evaluation => ({
  locationMean: mul(tensor3d([1, 1, 1, 1], [2, 1, 2]), x),
  choiceLogits: mul(tensor3d([1, 2, 2, 1], [2, 1, 2]), x),
  value: mul(tensor2d([1, 2], [2, 1]), x) as Tensor2D,
  stopLogit: mul(tensor2d([1, 2], [2, 1]), x) as Tensor2D,
})

const happened = (recorded: Evaluation): Trajectory => ({
  location: tensor3d([0.5, 0, 0, 0], [2, 1, 2]),
  choice: tensor2d([0, 1], [2, 1], 'int32'),
  stop: tensor2d([0, 0], [2, 1]),
  reward: tensor2d([0, 1], [2, 1]),
  alive: tensor2d([1, 1], [2, 1]),
  looked: tensor2d([1, 0], [2, 1]),
  decided: tensor2d([0, 1], [2, 1]),
  firstDecision: 0,
  recorded,
  rollouts: 1,
})

/** The slope of a function of one number at 0.3. */
const slope = (f: (x: Tensor) => Tensor): number => tidy(() => grad(f)(scalar(0.3)).dataSync()[0]!)

const still = (): Evaluation => thought(scalar(0.3))

test('an advantage is a constant, whatever it is made from', () => {
  const heads = () => drawnHeads(still(), happened(still()), { std })
  assert.is(heads().length, 3)
  for (const i of [0, 1, 2]) {
    assert.is(
      slope((x) => policyGradientLoss(heads()[i]!, thought(x).value)),
      0,
    )
    assert.is(
      slope((x) => clippedSurrogateLoss(heads()[i]!, thought(x).value, 0.2)),
      0,
    )
  }
})

test('a return is a constant, whatever it is made from', () => {
  const alive = () => tensor2d([1, 1], [2, 1])
  assert.is(
    slope((x) => valueLoss(still(), thought(mul(x, 2)).value, alive())),
    0,
  )
  assert.is(
    slope((x) => clippedValueLoss(still(), happened(still()), thought(mul(x, 2)).value, 0.1)),
    0,
  )
})

test('what was recorded is a constant, even if it is what the agent thinks now', () => {
  assert.is(
    slope((x) => sum(drawnHeads(still(), happened(thought(x)), { std })[0]!.recordedLogProb)),
    0,
  )
  for (const i of [1, 2])
    assert.is(
      slope((x) => sum(drawnHeads(still(), happened(thought(x)), { std })[i]!.recordedLogProb)),
      0,
    )
  assert.is(
    slope((x) => clippedValueLoss(still(), happened(thought(mul(x, 0.5))), tensor2d([1, 1], [2, 1]), 0.01)),
    0,
  )
})

test('entropy is that of choices and stops where they counted; a location has none', () => {
  // at 0: ln 2 of the one choice that counted, ln 2 of the one stop that could
  const level = tidy(() => {
    const flat = thought(scalar(0))
    return entropyBonus(drawnHeads(flat, happened(flat), { std })).dataSync()[0]!
  })
  assert.ok(Math.abs(level - 2 * Math.log(2)) < 1e-6, `${level}`)
})

test('a ratio beyond all bounds leaves no trace where the clip allows no gain', () => {
  // the location has become e^500 times likelier: the surrogate is held by the clip, and its slope is 0 and not NaN
  const far = (): Evaluation => ({ ...still(), locationMean: tensor3d([-15, 0, 0, 0], [2, 1, 2]) })
  const advantage = () => tensor2d([1, 1], [2, 1])
  const loss = (x: Tensor) =>
    clippedSurrogateLoss(drawnHeads(thought(x), happened(far()), { std })[0]!, advantage(), 0.2)
  assert.is(slope(loss), 0)
  assert.ok(Math.abs(tidy(() => loss(scalar(0.3)).dataSync()[0]!) + 1.2) < 1e-6)
})

test.run()
