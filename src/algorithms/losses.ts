// The terms that losses are sums of. Each is a mean over the episodes B, so its size does not depend on the batch, and a
// step that does not count has no gradient. Axes: T steps, B episodes, K classes (or moves).

import {
  add,
  clipByValue,
  div,
  exp,
  logSoftmax,
  maximum,
  mean,
  minimum,
  mul,
  neg,
  oneHot,
  range,
  reshape,
  type Scalar,
  scalar,
  slice,
  square,
  sub,
  sum,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
} from '@tensorflow/tfjs-core'
import type { Evaluation } from '../agent/agent.ts'
import {
  bernoulliEntropy,
  bernoulliLogProb,
  categoricalEntropy,
  categoricalLogProb,
  gaussianLogProb,
} from '../agent/distributions.ts'
import { stopGradient } from '../core/tensors.ts'
import type { Scalars, Supervision, Trajectory } from './algorithm.ts'

/** One thing that was drawn from the policy, at the steps [from, to) at which it can have counted. */
export type Head = {
  readonly name: 'location' | 'choice' | 'stop'
  readonly from: number
  readonly to: number
  /** float32 [to - from, B]: log-probability of what was drawn, under the parameters that are being learned. */
  readonly logProb: Tensor2D
  /** The same under the parameters of the time of acting; a constant. */
  readonly recordedLogProb: Tensor2D
  /** float32 [to - from, B]: entropy in nats; the location's has no gradient, its std being scheduled. */
  readonly entropy?: Tensor2D
  /** float32 [to - from, B] in {0, 1}: where it counted. */
  readonly mask: Tensor2D
}

/** Everything that is to be learned by reward: locations, choices where no target teaches them, and stopping. */
export function drawnHeads(evaluation: Evaluation, trajectory: Trajectory, { std }: Scalars): Head[] {
  const steps = trajectory.reward.shape[0]
  const { recorded, firstDecision } = trajectory
  const heads: Head[] = []
  if (steps > 1) {
    const drawn = during(trajectory.location, 0, steps - 1)
    const logProb = (e: Evaluation): Tensor2D => gaussianLogProb(drawn, during(e.locationMean, 0, steps - 1), std)
    heads.push({
      name: 'location',
      from: 0,
      to: steps - 1,
      logProb: logProb(evaluation),
      recordedLogProb: stopGradient(logProb(recorded)),
      mask: during(trajectory.looked, 0, steps - 1),
    })
  }
  if (!trajectory.target) {
    const drawn = during(trajectory.choice, firstDecision, steps)
    const logits = (e: Evaluation): Tensor3D => during(e.choiceLogits, firstDecision, steps)
    heads.push({
      name: 'choice',
      from: firstDecision,
      to: steps,
      logProb: categoricalLogProb(logits(evaluation), drawn) as Tensor2D,
      recordedLogProb: stopGradient(categoricalLogProb(logits(recorded), drawn)) as Tensor2D,
      entropy: categoricalEntropy(logits(evaluation)) as Tensor2D,
      mask: during(trajectory.decided, firstDecision, steps),
    })
  }
  if (trajectory.stop && evaluation.stopLogit && recorded.stopLogit && steps > 1) {
    const drawn = during(trajectory.stop, 0, steps - 1)
    const logit = during(evaluation.stopLogit, 0, steps - 1)
    heads.push({
      name: 'stop',
      from: 0,
      to: steps - 1,
      logProb: bernoulliLogProb(logit, drawn) as Tensor2D,
      recordedLogProb: stopGradient(bernoulliLogProb(during(recorded.stopLogit, 0, steps - 1), drawn)) as Tensor2D,
      entropy: bernoulliEntropy(logit) as Tensor2D,
      mask: during(trajectory.alive, 0, steps - 1),
    })
  }
  return heads
}

/** REINFORCE (Williams 1992): -sum_t log p(drawn_t) advantage_t, averaged over B. `advantage` is float32 [T, B]. */
export function policyGradientLoss(head: Head, advantage: Tensor2D): Scalar {
  const weight = mul(during(stopGradient(advantage), head.from, head.to), head.mask)
  return neg(meanOfSums(mul(head.logProb, weight)))
}

/**
 * The clipped surrogate (Schulman et al. 2017, equation 7): -sum_t min(ratio_t A_t, clip(ratio_t, 1 +- clip) A_t), averaged
 * over B, where ratio_t is how much likelier the drawn has become since it was drawn. Each head has a ratio of its own.
 */
export function clippedSurrogateLoss(head: Head, advantage: Tensor2D, clip: number): Scalar {
  const weight = mul(during(stopGradient(advantage), head.from, head.to), head.mask)
  const ratio = exp(logRatio(head))
  return neg(meanOfSums(minimum(mul(ratio, weight), mul(clipByValue(ratio, 1 - clip, 1 + clip), weight))))
}

/**
 * How far the policy has moved since the heads were drawn: the Kullback-Leibler divergence in nats a step, estimated as
 * the mean of ratio - 1 - log ratio (Schulman 2020, "Approximating KL divergence", k3).
 */
export function divergence(heads: readonly Head[], steps: number): Scalar {
  const each = heads.map((head) => {
    const change = logRatio(head)
    return meanOfSums(mul(sub(sub(exp(change), 1), change), head.mask))
  })
  return div(total(each), steps)
}

/** log p_now(drawn) - log p_then(drawn), 0 where it did not count; bounded, for an infinite ratio would spoil gradients that the clip sets to 0. */
function logRatio({ logProb, recordedLogProb, mask }: Head): Tensor2D {
  return clipByValue(mul<Tensor2D>(sub(logProb, recordedLogProb), mask), -20, 20)
}

/** Squared error of the value estimates, averaged over the steps and B; `returns` is float32 [T, B]. */
export function valueLoss(evaluation: Evaluation, returns: Tensor2D, alive: Tensor2D): Scalar {
  const error = square(sub(evaluation.value, stopGradient(returns)))
  return div(meanOfSums(mul(error, alive)), returns.shape[0])
}

/** The value loss, in which a step gains nothing by moving its estimate further than `clip` from the recorded one; 0 for no clipping. */
export function clippedValueLoss(
  evaluation: Evaluation,
  { recorded, alive }: Trajectory,
  returns: Tensor2D,
  clip: number,
): Scalar {
  if (clip === 0) return valueLoss(evaluation, returns, alive)
  const before = stopGradient(recorded.value)
  const near = add(before, clipByValue(sub(evaluation.value, before), -clip, clip))
  const error = (value: Tensor): Tensor => square(sub(value, stopGradient(returns)))
  return div(meanOfSums(mul(maximum(error(evaluation.value), error(near)), alive)), returns.shape[0])
}

/**
 * Cross-entropy of the target at each episode's last step, or averaged over its steps alike, or with weights 1, 2, 3 ...
 * that rise with the glimpses seen; 0 where there is no target.
 */
export function classificationLoss(evaluation: Evaluation, trajectory: Trajectory, supervision: Supervision): Scalar {
  const { target, alive, decided, firstDecision } = trajectory
  if (!target || supervision === 'none') return scalar(0)
  const steps = alive.shape[0]
  const from = supervision === 'last' ? firstDecision : 0
  const logits = during(evaluation.choiceLogits, from, steps) // [T - from, B, K]
  const wanted = oneHot(target, logits.shape[2]) // [B, K]
  const crossEntropy = neg(sum(mul(logSoftmax(logits), wanted), -1)) // [T - from, B]
  const share = supervision === 'rising' ? mul(alive, reshape(range(1, steps + 1), [steps, 1])) : alive // [T, B]
  const weight = supervision === 'last' ? during(decided, from, steps) : div(share, sum(share, 0))
  return meanOfSums(mul(crossEntropy, weight))
}

/** Mean over B of the heads' entropies summed over the steps that counted, in nats; 0 where no head has one. */
export function entropyBonus(heads: readonly Head[]): Scalar {
  return heads.reduce<Scalar>(
    (total, { entropy, mask }) => (entropy ? add(total, meanOfSums(mul(entropy, mask))) : total),
    scalar(0),
  )
}

/** Mean over B of sums over the steps: float32 [T, B] -> scalar. */
export function meanOfSums(x: Tensor): Scalar {
  return mean(sum(x, 0))
}

/** The steps [from, to) of a tensor whose first axis is time. */
export function during<T extends Tensor>(x: T, from: number, to: number): T {
  if (from === 0 && to === x.shape[0]) return x
  return slice(x, from, to - from)
}

/** The sum of scalars. */
export function total(terms: readonly Scalar[]): Scalar {
  return terms.reduce((sumSoFar, term) => add(sumSoFar, term), scalar(0))
}
