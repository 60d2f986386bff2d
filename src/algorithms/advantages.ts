// How good was it? Returns and advantages of trajectories as tensors, [T, B] -> [T, B]. None of them is differentiated.
// Time runs along axis 0; T is small, so the recursions are written out step by step.

import {
  add,
  div,
  mean,
  mul,
  reshape,
  type Scalar,
  sqrt,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  unstack,
  zerosLike,
} from '@tensorflow/tfjs-core'

/** What returns and advantages are made from. */
export type Course = {
  /** float32 [T, B]; 0 after an episode's end. */
  readonly reward: Tensor2D
  /** float32 [T, B]: 1 while the episode ran. */
  readonly running: Tensor2D
  /** What was put out at the time; `value` float32 [T, B] is what the baseline expected from each step on. */
  readonly old: { readonly value: Tensor2D }
  /** float32 [T, B]: 1 at the step at which the episode was cut off; where the world truncates. */
  readonly truncated?: Tensor2D
  /** float32 [B]: what the baseline expected after the last step; where the world truncates. */
  readonly lastValue?: Tensor1D
}

/**
 * What is still to be had after each step of an episode that was cut off there, [T] of [B]: the value of the observation
 * after it; 0 everywhere else. Undefined where the world does not truncate.
 */
function cutOffValues({ truncated, old, lastValue }: Course): Tensor[] | undefined {
  if (!truncated || !lastValue) return undefined
  const values = [...stepsOf(old.value).slice(1), lastValue]
  return stepsOf(truncated).map((cut, t) => mul(cut, values[t]!))
}

/**
 * Discounted sums of the rewards to come, R_t = r_t + discount * R_{t+1}. Ended episodes pay 0, so they add nothing; where
 * one was cut off, the value of its last observation stands for what it would have paid.
 */
export function discountedReturns(course: Course, discount: number): Tensor2D {
  const returns = stepsOf(course.reward)
  const beyond = cutOffValues(course)
  for (let t = returns.length - 1; t >= 0; t--) {
    const next = returns[t + 1]
    if (next) returns[t] = add(returns[t]!, mul(next, discount))
    if (beyond) returns[t] = add(returns[t]!, mul(beyond[t]!, discount))
  }
  return stack(returns) as Tensor2D
}

/**
 * Generalised advantage estimates (Schulman et al. 2016, equation 16), 0 where the episode has ended:
 * A_t = d_t + discount * lambda * A_{t+1}, where d_t = r_t + discount * V_{t+1} - V_t and V is 0 beyond the end of an episode
 * that was terminated, and the value of the last observation beyond that of one that was truncated.
 * With lambda = 1 they are returns less values; with lambda = 0, one step and the next value.
 */
export function generalisedAdvantages(course: Course, discount: number, lambda: number): Tensor2D {
  const { reward, running, old } = course
  const [rewards, values, runs] = [stepsOf(reward), stepsOf(mul(old.value, running)), stepsOf(running)]
  const beyond = cutOffValues(course)
  const advantages: Tensor[] = []
  let [nextValue, nextAdvantage] = [zerosLike(values[0]!), zerosLike(values[0]!)]
  for (let t = rewards.length - 1; t >= 0; t--) {
    const expected = beyond ? add(nextValue, beyond[t]!) : nextValue
    const surprise = sub(add(rewards[t]!, mul(expected, discount)), values[t]!)
    advantages[t] = mul(add(surprise, mul(nextAdvantage, discount * lambda)), runs[t]!)
    nextValue = values[t]!
    nextAdvantage = advantages[t]!
  }
  return stack(advantages) as Tensor2D
}

/** Returns in which an episode that has ended keeps what its last step returned, so that rollouts of other lengths compare. */
export function heldReturns(returns: Tensor2D, running: Tensor2D): Tensor2D {
  const held = stepsOf(returns)
  const runs = stepsOf(running)
  for (let t = 1; t < held.length; t++) held[t] = add(mul(runs[t]!, held[t]!), mul(sub(1, runs[t]!), held[t - 1]!))
  return stack(held) as Tensor2D
}

/** The mean of the other M - 1 rollouts of the same item (Kool et al. 2019); rows are [item * M + rollout]. */
export function leaveOneOutBaseline(returns: Tensor2D, rollouts: number): Tensor2D {
  const groups = grouped(returns, rollouts) // [T, B / M, M]
  const others = sub(sum(groups, -1, true), groups)
  return reshape(div(others, rollouts - 1), returns.shape)
}

/** How far each rollout lies from its item's mean, in standard deviations of the item's M rollouts (Shao et al. 2024). */
export function groupNormalised(returns: Tensor2D, rollouts: number): Tensor2D {
  const groups = grouped(returns, rollouts) // [T, B / M, M]
  const centred = sub(groups, mean(groups, -1, true))
  const deviation = sqrt(mean(square(centred), -1, true))
  return reshape(div(centred, add(deviation, tiny)), returns.shape)
}

/** Mean 0 and standard deviation 1 over all steps of all episodes that count in `mask`. */
export function normalised(advantage: Tensor2D, mask: Tensor2D): Tensor2D {
  const count = sum(mask)
  const average = div(sum(mul(advantage, mask)), count) as Scalar
  const centred = mul(sub(advantage, average), mask)
  const deviation = sqrt(div(sum(square(centred)), count))
  return div(centred, add(deviation, tiny))
}

/** Kept from a division by 0 where all returns are equal: the advantages then are 0 within rounding. */
const tiny = 1e-4

const grouped = (x: Tensor2D, rollouts: number): Tensor => reshape(x, [x.shape[0], -1, rollouts])

/** [T, B] as T of [B]. (The gradient of tfjs's `unstack` does not bear a single step.) */
const stepsOf = (x: Tensor): Tensor[] => (x.shape[0] === 1 ? [reshape(x, x.shape.slice(1))] : unstack(x))
