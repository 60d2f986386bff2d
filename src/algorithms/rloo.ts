// REINFORCE leave-one-out (Kool et al. 2019): M rollouts of each item, each judged against the mean of the others instead of
// a learned baseline; or against the item's mean and deviation (GRPO, Shao et al. 2024, without its clipping and passes).

import { add, mul, sub, type Tensor2D } from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { discountedReturns, groupNormalised, heldReturns, leaveOneOutBaseline } from './advantages.ts'
import { classificationLoss, drawnHeads, policyGradientLoss, total } from './losses.ts'
import { policyOptions, scheduledStd } from './policy.ts'
import type { AlgorithmDefinition } from './registry.ts'

const { baselineWeight: _, ...shared } = policyOptions
const options = z.strictObject({
  ...shared,
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
    supervision: options.supervision,
    minimumRollouts: 2,
    scalars: (progress) => ({ std: scheduledStd(options, progress) }),

    loss(evaluation, trajectory, scalars) {
      // How good was it
      const { reward, alive, rollouts } = trajectory
      const returns = heldReturns(discountedReturns(reward, options.discount), alive) // [T, B]
      const advantage: Tensor2D =
        options.against === 'group'
          ? groupNormalised(returns, rollouts)
          : sub(returns, leaveOneOutBaseline(returns, rollouts)) // [T, B]

      // What to make likelier, what to name
      const heads = drawnHeads(evaluation, trajectory, scalars)
      const policy = total(heads.map((head) => policyGradientLoss(head, advantage)))
      const classification = classificationLoss(evaluation, trajectory, options.supervision)

      return { loss: add(classification, mul(policy, options.policyWeight)), classification, policy }
    },
  }),
}
