// What every policy-gradient algorithm here has in common: the policy's standard deviation and its schedule, how far
// ahead rewards count, and what supervision does. Each algorithm's own options stand at the head of its own file.

import { z } from 'zod'
import type { Algorithm } from './algorithm.ts'

/** Options shared by all algorithms that learn where to look. */
export const policyOptions = {
  std: z
    .number()
    .positive()
    .max(2)
    .default(0.1)
    .describe("the policy's standard deviation at the start, in half-widths of its space (half the image is 1)"),
  finalStd: z
    .number()
    .positive()
    .max(2)
    .default(0.03)
    .describe('the standard deviation at the end; in between it falls or rises geometrically'),
  spread: z
    .enum(['scheduled', 'learned'])
    .default('scheduled')
    .describe(
      'the standard deviation is the scheduled one everywhere, or that times a factor from 0.1 to 10 that the agent gives for what it sees',
    ),
  discount: z.number().min(0).max(1).default(1).describe('how much a reward counts a step earlier; the paper has 1'),
  supervision: z
    .enum(['last', 'every', 'rising', 'none'])
    .default('last')
    .describe(
      "where the target teaches the prediction: at the last step (the paper's hybrid), at every step alike, at every step with a weight that rises with the glimpses, or not at all",
    ),
  coordinates: z
    .enum(['squared', 'gaussian'])
    .default('squared')
    .describe(
      'how predicted coordinates are taught: by their squared distance, or by the likelihood of a Gaussian whose spread is learned too',
    ),
  policyWeight: z
    .number()
    .min(0)
    .default(0.01)
    .describe('weight of the policy gradient beside the supervised loss; matters little while the heads are detached'),
  baselineWeight: z.number().min(0).default(1).describe("weight of the baseline's squared error"),
}

/** Options shared by those that judge every step by a learned baseline and look ahead with it. */
export const criticOptions = {
  lambda: z
    .number()
    .min(0)
    .max(1)
    .default(0.95)
    .describe(
      'how far advantages look ahead: 1 to the end, 0 one step (GAE, Schulman et al. 2016; their best 0.92 to 0.99)',
    ),
  normaliseAdvantages: z
    .boolean()
    .default(false)
    .describe('bring advantages to mean 0 and deviation 1 over the batch, or over each shard of it'),
  entropyWeight: z
    .number()
    .min(0)
    .default(0.01)
    .describe(
      "weight of the entropy of discrete actions and predictions beside the policy's gradient (Mnih et al. 2016), and of the location where its spread is learned",
    ),
}

/** The standard deviation at `progress` in [0, 1]: geometric from first to last. */
export function scheduledStd({ std, finalStd }: { std: number; finalStd: number }, progress: number): number {
  return std * (finalStd / std) ** progress
}

/** What every algorithm that learns where to look says of itself alike. */
export const policySettings = (
  options: Pick<Algorithm, 'supervision' | 'coordinates' | 'spread'> & {
    readonly std: number
    readonly finalStd: number
  },
): Pick<Algorithm, 'supervision' | 'coordinates' | 'spread' | 'scalars'> => ({
  supervision: options.supervision,
  ...(options.spread && { spread: options.spread }),
  ...(options.coordinates && { coordinates: options.coordinates }),
  scalars: (progress) => ({ std: scheduledStd(options, progress) }),
})
