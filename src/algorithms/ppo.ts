// Proximal policy optimisation (Schulman et al. 2017): learn from one trajectory several times, in minibatches; the clipped
// surrogate keeps the policy near the one that played. The recurrent state is worked out anew in every pass.

import { add, mul, sub, type Tensor2D } from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { generalisedAdvantages, normalised } from './advantages.ts'
import {
  classificationLoss,
  clippedSurrogateLoss,
  clippedValueLoss,
  divergence,
  drawnHeads,
  entropyBonus,
  total,
} from './losses.ts'
import { criticOptions, policyOptions, scheduledStd } from './policy.ts'
import type { AlgorithmDefinition } from './registry.ts'

const options = z.strictObject({
  ...policyOptions,
  ...criticOptions,
  passes: z.int().min(1).max(100).default(4).describe('passes over each trajectory (the paper: 3 to 15)'),
  minibatches: z
    .int()
    .min(1)
    .max(1024)
    .default(4)
    .describe(
      'parts of whole items that a pass is cut into, each with a step of the optimiser (the paper: 4 on Atari)',
    ),
  clip: z
    .number()
    .positive()
    .default(0.2)
    .describe('how far the probability ratio may go from 1 with something to gain (the paper: 0.2)'),
  valueClip: z
    .number()
    .min(0)
    .default(0)
    .describe('how far a value may go from the recorded one with something to gain; 0 for no limit, as in the paper'),
  divergenceLimit: z
    .number()
    .min(0)
    .default(0)
    .describe('divergence from the policy that played, in nats a step, that ends the passes early; 0 for never'),
})

export const ppo: AlgorithmDefinition<typeof options> = {
  name: 'ppo',
  description: 'proximal policy optimisation: several passes over each trajectory, with a clipped surrogate',
  options,
  create: (options) => ({
    name: 'ppo',
    supervision: options.supervision,
    reuse: {
      passes: options.passes,
      minibatches: options.minibatches,
      ...(options.divergenceLimit > 0 && { enough: { metric: 'divergence', limit: options.divergenceLimit } }),
    },
    scalars: (progress) => ({ std: scheduledStd(options, progress) }),

    loss(evaluation, trajectory, scalars) {
      // How good was it
      const { reward, alive, recorded } = trajectory
      const raw = generalisedAdvantages({ reward, alive, value: recorded.value }, options.discount, options.lambda) // [T, B]
      const returns: Tensor2D = add(raw, recorded.value) // [T, B]
      const advantage = options.normalise ? normalised(raw, alive) : raw // [T, B]

      // What to make likelier, what to name, what to expect
      const heads = drawnHeads(evaluation, trajectory, scalars)
      const policy = total(heads.map((head) => clippedSurrogateLoss(head, advantage, options.clip)))
      const entropy = entropyBonus(heads)
      const classification = classificationLoss(evaluation, trajectory, options.supervision)
      const baseline = clippedValueLoss(evaluation, trajectory, returns, options.valueClip)

      const exploring = sub(policy, mul(entropy, options.entropyWeight))
      const acting = add(mul(exploring, options.policyWeight), mul(baseline, options.baselineWeight))
      const moved = divergence(heads, reward.shape[0])
      return { loss: add(classification, acting), classification, policy, entropy, baseline, divergence: moved }
    },
  }),
}
