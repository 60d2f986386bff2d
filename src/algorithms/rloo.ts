// REINFORCE leave-one-out (Kool et al. 2019): M rollouts of each item, each judged against the mean of the others instead of
// a learned baseline; or against the item's mean and deviation (GRPO, Shao et al. 2024, without its clipping and passes).

import { add, mul, type Scalar, sub, type Tensor2D } from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { discountedReturns, groupNormalised, heldReturns, leaveOneOutBaseline } from './advantages.ts'
import type { Loss } from './algorithm.ts'
import { policyGradientLoss, policyTerms, supervisedLoss, total, valueLoss } from './losses.ts'
import { policyOptions, policySettings } from './policy.ts'
import type { AlgorithmDefinition } from './registry.ts'

const options = z.strictObject({
  ...policyOptions,
  against: z
    .enum(['others', 'group'])
    .default('others')
    .describe(
      "what a rollout is judged against: the mean of its item's others (leave-one-out), or the item's mean, in its deviations (group-normalised)",
    ),
})

export const rloo: AlgorithmDefinition<typeof options> = {
  name: 'rloo',
  description: 'REINFORCE leave-one-out: several rollouts of each image, each judged against the others; or GRPO-like',
  options,
  recipe: { training: { rollouts: 4 } },
  create: (options) => ({
    name: 'rloo',
    ...policySettings(options),
    minimumRollouts: 2,

    loss(outputs, trajectory, scalars): Loss {
      // How good was it
      const { running, rollouts, truncated } = trajectory
      const returns = heldReturns(discountedReturns(trajectory, options.discount), running) // [T, B]
      const advantage: Tensor2D =
        options.against === 'group'
          ? groupNormalised(returns, rollouts)
          : sub(returns, leaveOneOutBaseline(returns, rollouts)) // [T, B]

      // What to make likelier, what to say
      const terms = policyTerms(outputs, trajectory, scalars)
      const policy = total(terms.map((term) => policyGradientLoss(term, advantage)))
      const supervised = supervisedLoss(outputs, trajectory, options.supervision)

      const loss: Scalar = add(supervised, mul(policy, options.policyWeight))
      if (!truncated) return { loss, metrics: { supervised, policy } }

      // What stands for the rest of an episode that was cut off
      const baseline = valueLoss(outputs, returns, running)
      return { loss: add(loss, mul(baseline, options.baselineWeight)), metrics: { supervised, policy, baseline } }
    },
  }),
}
