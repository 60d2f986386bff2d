// The terms that losses are sums of. Each is a mean over the episodes B, so its size does not depend on the batch, and a
// step that does not count has no gradient. Axes: T steps, B episodes, n outputs of a head.

import {
  add,
  clipByValue,
  div,
  exp,
  maximum,
  mean,
  minimum,
  mul,
  neg,
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
} from '@tensorflow/tfjs-core'
import type { Outputs } from '../agent/agent.ts'
import { type HeadSpec, headOf } from '../agent/heads.ts'
import { stopGradient } from '../core/tensors.ts'
import type { Scalars, Supervision } from './algorithm.ts'
import type { Trajectory } from './trajectory.ts'

/** What was drawn from one head of the policy, at the steps [from, to) at which it can have counted. */
export type PolicyTerm = {
  /** The head's name. */
  readonly name: string
  readonly from: number
  readonly to: number
  /** float32 [to - from, B]: log-probability of what was drawn, under the parameters that are being learned. */
  readonly logProbability: Tensor2D
  /** The same under the parameters of the time of acting; a constant. */
  readonly oldLogProbability: Tensor2D
  /** float32 [to - from, B]: entropy in nats; a Gaussian's only where its spread is learned. */
  readonly entropy?: Tensor2D
  /** float32 [to - from, B] in {0, 1}: where it counted. */
  readonly mask: Tensor2D
}

/** Everything that is to be learned by reward: every action, and the prediction where no target teaches it. */
export function policyTerms(outputs: Outputs, trajectory: Trajectory, { std }: Scalars): PolicyTerm[] {
  return trajectory.heads.flatMap((spec) => {
    const { name } = spec
    const { from, to, mask } = whereItCounts(spec, trajectory)
    if (to <= from || (name === 'prediction' && trajectory.target)) return []
    const head = headOf(spec.space, spec.kind)
    const drawn = during(trajectory.drawn[name]!, from, to)
    const logits = (of: Outputs): Tensor => during(of.heads[name]!, from, to)
    const entropy = head.entropy(logits(outputs), std) as Tensor2D | undefined
    return {
      ...{ name, from, to },
      logProbability: head.logProbability(logits(outputs), drawn, std) as Tensor2D,
      oldLogProbability: stopGradient(head.logProbability(logits(trajectory.old), drawn, std)) as Tensor2D,
      ...(entropy && { entropy }),
      mask: during(mask, from, to),
    }
  })
}

/**
 * At which steps what was drawn from a head took effect: a location where another glimpse followed, be it the one from whose
 * value a truncated episode is bootstrapped; a stop where the episode could go on; any other action while the episode ran; a
 * prediction where it was scored.
 */
function whereItCounts(
  { name }: HeadSpec,
  { running, continued, truncated, scored, firstScored }: Trajectory,
): { from: number; to: number; mask: Tensor2D } {
  const steps = running.shape[0]
  const to = truncated ? steps : steps - 1
  if (name === 'location') return { from: 0, to, mask: truncated ? add(continued, truncated) : continued }
  if (name === 'stop') return { from: 0, to, mask: running }
  if (name === 'prediction') return { from: firstScored, to: steps, mask: scored }
  return { from: 0, to: steps, mask: running }
}

/** REINFORCE (Williams 1992): -sum_t log p(drawn_t) advantage_t, averaged over B. `advantage` is float32 [T, B]. */
export function policyGradientLoss(term: PolicyTerm, advantage: Tensor2D): Scalar {
  const weight = mul(during(stopGradient(advantage), term.from, term.to), term.mask)
  return neg(meanOfSums(mul(term.logProbability, weight)))
}

/**
 * The clipped surrogate (Schulman et al. 2017, equation 7): -sum_t min(ratio_t A_t, clip(ratio_t, 1 +- clipRange) A_t), averaged
 * over B, where ratio_t is how much likelier what was drawn has become since. Each head has a ratio of its own.
 */
export function clippedSurrogateLoss(term: PolicyTerm, advantage: Tensor2D, clipRange: number): Scalar {
  const weight = mul(during(stopGradient(advantage), term.from, term.to), term.mask)
  const ratio = exp(logRatio(term))
  return neg(meanOfSums(minimum(mul(ratio, weight), mul(clipByValue(ratio, 1 - clipRange, 1 + clipRange), weight))))
}

/**
 * How far the policy has moved since it acted: the Kullback-Leibler divergence in nats a step, estimated as the mean of
 * ratio - 1 - log ratio (Schulman 2020, "Approximating KL divergence", k3).
 */
export function approximateKl(terms: readonly PolicyTerm[], steps: number): Scalar {
  const each = terms.map((term) => {
    const change = logRatio(term)
    return meanOfSums(mul(sub(sub(exp(change), 1), change), term.mask))
  })
  return div(total(each), steps)
}

/** log p_now(drawn) - log p_old(drawn), 0 where it did not count; bounded, for an infinite ratio would spoil gradients that the clip sets to 0. */
function logRatio({ logProbability, oldLogProbability, mask }: PolicyTerm): Tensor2D {
  return clipByValue(mul<Tensor2D>(sub(logProbability, oldLogProbability), mask), -20, 20)
}

/** Squared error of the value estimates, averaged over the steps and B; `returns` is float32 [T, B]. */
export function valueLoss(outputs: Outputs, returns: Tensor2D, running: Tensor2D): Scalar {
  const error = square(sub(outputs.value, stopGradient(returns)))
  return div(meanOfSums(mul(error, running)), returns.shape[0])
}

/** The value loss, in which a step gains nothing by moving its estimate further than `clipRange` from the old one; 0 for no clipping. */
export function clippedValueLoss(
  outputs: Outputs,
  { old, running }: Trajectory,
  returns: Tensor2D,
  clipRange: number,
): Scalar {
  if (clipRange === 0) return valueLoss(outputs, returns, running)
  const before = stopGradient(old.value)
  const near = add(before, clipByValue(sub(outputs.value, before), -clipRange, clipRange))
  const error = (value: Tensor): Tensor => square(sub(value, stopGradient(returns)))
  return div(meanOfSums(mul(maximum(error(outputs.value), error(near)), running)), returns.shape[0])
}

/**
 * How far the prediction is from the target (cross-entropy of classes, squared distance of coordinates) where it is scored
 * in each episode's end, or averaged over its steps alike, or with weights 1, 2, 3 ... that rise with the glimpses seen; 0
 * where there is no target.
 */
export function supervisedLoss(outputs: Outputs, trajectory: Trajectory, supervision: Supervision): Scalar {
  const { target, running, continued, heads, firstEnd } = trajectory
  const spec = heads.find(({ name }) => name === 'prediction')
  if (!target || !spec || supervision === 'none') return scalar(0)
  const steps = running.shape[0]
  const from = supervision === 'last' ? firstEnd : 0
  const predicted = during(outputs.heads.prediction!, from, steps) // [T - from, B, n]
  const error = headOf(spec.space, spec.kind).supervisedLoss(predicted, target) // [T - from, B]
  const share = supervision === 'rising' ? mul(running, reshape(range(1, steps + 1), [steps, 1])) : running // [T, B]
  const weight = supervision === 'last' ? during(sub(running, continued), from, steps) : div(share, sum(share, 0)) // [T - from, B]
  return meanOfSums(mul(error, weight))
}

/** Mean over B of the terms' entropies summed over the steps that counted, in nats; 0 where none has one. */
export function entropyBonus(terms: readonly PolicyTerm[]): Scalar {
  return terms.reduce<Scalar>(
    (sumSoFar, { entropy, mask }) => (entropy ? add(sumSoFar, meanOfSums(mul(entropy, mask))) : sumSoFar),
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
