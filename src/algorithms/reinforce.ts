// Hybrid REINFORCE (Williams 1992; Mnih et al. 2014, section 3.1): where to look is learned from the reward, against a
// learned baseline; what is seen, from the target by cross-entropy. Without targets, the choice too is learned by reward.

import { add, mul, sub, type Tensor2D } from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { discountedReturns } from './advantages.ts'
import { policyGradientLoss, policyTerms, supervisedLoss, total, valueLoss } from './losses.ts'
import { policyOptions, policySettings } from './policy.ts'
import type { AlgorithmDefinition } from './registry.ts'

const options = z.strictObject(policyOptions)

export const reinforce: AlgorithmDefinition<typeof options> = {
  name: 'reinforce',
  description: "REINFORCE with a learned baseline for where, cross-entropy for what: the paper's hybrid",
  options,
  create: (options) => ({
    name: 'reinforce',
    ...policySettings(options),

    loss(outputs, trajectory, scalars) {
      // How good was it
      const returns = discountedReturns(trajectory, options.discount) // [T, B]
      const advantage: Tensor2D = sub(returns, trajectory.old.value) // [T, B]

      // What to make likelier, what to say, what to expect
      const terms = policyTerms(outputs, trajectory, scalars)
      const policy = total(terms.map((term) => policyGradientLoss(term, advantage)))
      const supervised = supervisedLoss(outputs, trajectory, options.supervision)
      const baseline = valueLoss(outputs, returns, trajectory.running)

      const acting = add(mul(policy, options.policyWeight), mul(baseline, options.baselineWeight))
      return { loss: add(supervised, acting), metrics: { supervised, policy, baseline } }
    },
  }),
}
