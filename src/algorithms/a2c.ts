// Advantage actor-critic (Mnih et al. 2016, synchronous): every step is judged by the reward and the baseline's estimate of
// what comes next (GAE), so that credit need not wait for the end; and an entropy bonus keeps choices open.

import { add, mul, sub, type Tensor2D } from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { generalisedAdvantages, normalised } from './advantages.ts'
import { entropyBonus, policyGradientLoss, policyTerms, supervisedLoss, total, valueLoss } from './losses.ts'
import { criticOptions, policyOptions, policySettings } from './policy.ts'
import type { AlgorithmDefinition } from './registry.ts'

const options = z.strictObject({ ...policyOptions, ...criticOptions })

export const a2c: AlgorithmDefinition<typeof options> = {
  name: 'a2c',
  description: 'advantage actor-critic: every step judged by reward and next value (GAE), with an entropy bonus',
  options,
  create: (options) => ({
    name: 'a2c',
    ...policySettings(options),

    loss(outputs, trajectory, scalars) {
      // How good was it
      const { running, old } = trajectory
      const raw = generalisedAdvantages(trajectory, options.discount, options.lambda) // [T, B]
      const returns: Tensor2D = add(raw, old.value) // [T, B]
      const advantage = options.normaliseAdvantages ? normalised(raw, running) : raw // [T, B]

      // What to make likelier, what to say, what to expect
      const terms = policyTerms(outputs, trajectory, scalars)
      const policy = total(terms.map((term) => policyGradientLoss(term, advantage)))
      const entropy = entropyBonus(terms)
      const supervised = supervisedLoss(outputs, trajectory, options.supervision)
      const baseline = valueLoss(outputs, returns, running)

      const exploring = sub(policy, mul(entropy, options.entropyWeight))
      const acting = add(mul(exploring, options.policyWeight), mul(baseline, options.baselineWeight))
      return { loss: add(supervised, acting), metrics: { supervised, policy, entropy, baseline } }
    },
  }),
}
