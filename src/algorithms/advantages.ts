// How good was it? Returns and advantages of trajectories, [T, B] -> [T, B], as tensors. None of them is differentiated.
// Time runs along axis 0; T is small, so the recursions are written out step by step.

import { add, mul, stack, type Tensor2D, unstack } from '@tensorflow/tfjs-core'

/** Discounted sums of the rewards to come, R_t = r_t + discount * R_{t+1}. Ended episodes pay 0, so they add nothing. */
export function discountedReturns(reward: Tensor2D, discount: number): Tensor2D {
  const returns = unstack(reward)
  for (let t = returns.length - 2; t >= 0; t--) returns[t] = add(returns[t]!, mul(returns[t + 1]!, discount))
  return stack(returns) as Tensor2D
}
