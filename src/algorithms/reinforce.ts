// Hybrid REINFORCE (Williams 1992; Mnih et al. 2014, section 3.1): where to look is learned from the reward, against a
// learned baseline; what is seen, from the target by cross-entropy. Without targets, the choice too is learned by reward.

import { add, mul, sub, type Tensor2D } from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { discountedReturns } from './advantages.ts'
import { classificationLoss, drawnHeads, policyGradientLoss, total, valueLoss } from './losses.ts'
import { policyOptions, scheduledStd } from './policy.ts'
import type { AlgorithmDefinition } from './registry.ts'

const options = z.strictObject(policyOptions)

export const reinforce: AlgorithmDefinition<typeof options> = {
  name: 'reinforce',
  description: "REINFORCE with a learned baseline for where, cross-entropy for what: the paper's hybrid",
  options,
  create: (options) => ({
    name: 'reinforce',
    supervision: options.supervision,
    scalars: (progress) => ({ std: scheduledStd(options, progress) }),

    loss(evaluation, trajectory, scalars) {
      // How good was it
      const returns = discountedReturns(trajectory.reward, options.discount) // [T, B]
      const advantage: Tensor2D = sub(returns, trajectory.recorded.value) // [T, B]

      // What to make likelier, what to name, what to expect
      const heads = drawnHeads(evaluation, trajectory, scalars)
      const policy = total(heads.map((head) => policyGradientLoss(head, advantage)))
      const classification = classificationLoss(evaluation, trajectory, options.supervision)
      const baseline = valueLoss(evaluation, returns, trajectory.alive)

      const acting = add(mul(policy, options.policyWeight), mul(baseline, options.baselineWeight))
      return { loss: add(classification, acting), classification, policy, baseline }
    },
  }),
}
