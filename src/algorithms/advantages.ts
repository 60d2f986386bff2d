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
  type Tensor2D,
  unstack,
  zerosLike,
} from '@tensorflow/tfjs-core'

/** Discounted sums of the rewards to come, R_t = r_t + discount * R_{t+1}. Ended episodes pay 0, so they add nothing. */
export function discountedReturns(reward: Tensor2D, discount: number): Tensor2D {
  const returns = unstack(reward)
  for (let t = returns.length - 2; t >= 0; t--) returns[t] = add(returns[t]!, mul(returns[t + 1]!, discount))
  return stack(returns) as Tensor2D
}

/** What generalised advantages are made from, float32 [T, B] each. */
export type Course = {
  readonly reward: Tensor2D
  /** What the baseline expected from each step on. */
  readonly value: Tensor2D
  /** 1 while the episode ran. */
  readonly alive: Tensor2D
}

/**
 * Generalised advantage estimates (Schulman et al. 2016, equation 16), 0 where the episode has ended:
 * A_t = d_t + discount * lambda * A_{t+1}, where d_t = r_t + discount * V_{t+1} - V_t and V is 0 beyond an episode's end.
 * With lambda = 1 they are returns less values; with lambda = 0, one step and the next value.
 */
export function generalisedAdvantages({ reward, value, alive }: Course, discount: number, lambda: number): Tensor2D {
  const [rewards, values] = [unstack(reward), unstack(mul(value, alive))]
  const running = unstack(alive)
  const advantages: Tensor[] = []
  let [nextValue, nextAdvantage] = [zerosLike(values[0]!), zerosLike(values[0]!)]
  for (let t = rewards.length - 1; t >= 0; t--) {
    const surprise = sub(add(rewards[t]!, mul(nextValue, discount)), values[t]!)
    advantages[t] = mul(add(surprise, mul(nextAdvantage, discount * lambda)), running[t]!)
    nextValue = values[t]!
    nextAdvantage = advantages[t]!
  }
  return stack(advantages) as Tensor2D
}

/** Returns in which an episode that has ended keeps what its last step returned, so that rollouts of other lengths compare. */
export function heldReturns(returns: Tensor2D, alive: Tensor2D): Tensor2D {
  const held = unstack(returns)
  const running = unstack(alive)
  for (let t = 1; t < held.length; t++)
    held[t] = add(mul(running[t]!, held[t]!), mul(sub(1, running[t]!), held[t - 1]!))
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
