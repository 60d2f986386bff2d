// Proximal policy optimisation (Schulman et al. 2017): learn from one trajectory several times, in minibatches; the clipped
// surrogate keeps the policy near the one that played. The recurrent state is worked out anew in every pass.

import { add, mul, sub, type Tensor2D } from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { generalisedAdvantages, normalised } from './advantages.ts'
import {
  approximateKl,
  clippedSurrogateLoss,
  clippedValueLoss,
  entropyBonus,
  policyTerms,
  supervisedLoss,
  total,
} from './losses.ts'
import { criticOptions, policyOptions, policySettings } from './policy.ts'
import type { AlgorithmDefinition } from './registry.ts'

const options = z.strictObject({
  ...policyOptions,
  ...criticOptions,
  updateEpochs: z.int().min(1).max(100).default(4).describe('passes over each trajectory (the paper: 3 to 15)'),
  minibatches: z
    .int()
    .min(1)
    .max(1024)
    .default(4)
    .describe(
      'parts of whole items that a pass is cut into, each with a step of the optimiser (the paper: 4 on Atari)',
    ),
  clipRange: z
    .number()
    .positive()
    .default(0.2)
    .describe('how far from 1 the probability ratio still raises the objective (the paper: 0.2)'),
  valueClipRange: z
    .number()
    .min(0)
    .default(0)
    .describe('how far from the old value the new one still lowers the loss; 0 for no limit, as in the paper'),
  targetKl: z
    .number()
    .min(0)
    .default(0)
    .describe(
      'approximate KL divergence from the policy that acted, in nats a step, that ends the updates early; 0 for never',
    ),
})

export const ppo: AlgorithmDefinition<typeof options> = {
  name: 'ppo',
  description: 'proximal policy optimisation: several passes over each trajectory, with a clipped surrogate',
  options,
  create: (options) => ({
    name: 'ppo',
    ...policySettings(options),
    updates: {
      updateEpochs: options.updateEpochs,
      minibatches: options.minibatches,
      ...(options.targetKl > 0 && { targetKl: options.targetKl }),
    },

    loss(outputs, trajectory, scalars) {
      // How good was it
      const { running, old } = trajectory
      const raw = generalisedAdvantages(trajectory, options.discount, options.lambda) // [T, B]
      const returns: Tensor2D = add(raw, old.value) // [T, B]
      const advantage = options.normaliseAdvantages ? normalised(raw, running) : raw // [T, B]

      // What to make likelier, what to say, what to expect
      const terms = policyTerms(outputs, trajectory, scalars)
      const policy = total(terms.map((term) => clippedSurrogateLoss(term, advantage, options.clipRange)))
      const entropy = entropyBonus(terms)
      const supervised = supervisedLoss(outputs, trajectory, options.supervision)
      const baseline = clippedValueLoss(outputs, trajectory, returns, options.valueClipRange)

      const exploring = sub(policy, mul(entropy, options.entropyWeight))
      const acting = add(mul(exploring, options.policyWeight), mul(baseline, options.baselineWeight))
      const moved = approximateKl(terms, running.shape[0])
      return { loss: add(supervised, acting), metrics: { supervised, policy, entropy, baseline, approximateKl: moved } }
    },
  }),
}
