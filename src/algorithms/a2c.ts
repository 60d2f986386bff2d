// Advantage actor-critic (Mnih et al. 2016, synchronous): every step is judged by the reward and the baseline's estimate of
// what comes next (GAE), so that credit need not wait for the end; and an entropy bonus keeps choices open.

import { add, mul, sub, type Tensor2D } from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { generalisedAdvantages, normalised } from './advantages.ts'
import { classificationLoss, drawnHeads, entropyBonus, policyGradientLoss, total, valueLoss } from './losses.ts'
import { criticOptions, policyOptions, scheduledStd } from './policy.ts'
import type { AlgorithmDefinition } from './registry.ts'

const options = z.strictObject({ ...policyOptions, ...criticOptions })

export const a2c: AlgorithmDefinition<typeof options> = {
  name: 'a2c',
  description: 'advantage actor-critic: every step judged by reward and next value (GAE), with an entropy bonus',
  options,
  create: (options) => ({
    name: 'a2c',
    supervision: options.supervision,
    scalars: (progress) => ({ std: scheduledStd(options, progress) }),

    loss(evaluation, trajectory, scalars) {
      // How good was it
      const { reward, alive, recorded } = trajectory
      const raw = generalisedAdvantages({ reward, alive, value: recorded.value }, options.discount, options.lambda) // [T, B]
      const returns: Tensor2D = add(raw, recorded.value) // [T, B]
      const advantage = options.normalise ? normalised(raw, alive) : raw // [T, B]

      // What to make likelier, what to name, what to expect
      const heads = drawnHeads(evaluation, trajectory, scalars)
      const policy = total(heads.map((head) => policyGradientLoss(head, advantage)))
      const entropy = entropyBonus(heads)
      const classification = classificationLoss(evaluation, trajectory, options.supervision)
      const baseline = valueLoss(evaluation, returns, alive)

      const exploring = sub(policy, mul(entropy, options.entropyWeight))
      const acting = add(mul(exploring, options.policyWeight), mul(baseline, options.baselineWeight))
      return { loss: add(classification, acting), classification, policy, entropy, baseline }
    },
  }),
}
