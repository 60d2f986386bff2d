// An algorithm of one's own: REINFORCE whose returns are measured against a fixed goal instead of a learned baseline.
//   npm run train -- --import ./examples/own-algorithm.ts --algorithm goal --goal 0.7 --quick

import { add, mul, sub, type Tensor2D } from '@tensorflow/tfjs-core'
import {
  discountedReturns,
  policyGradientLoss,
  policyOptions,
  policyTerms,
  registerAlgorithm,
  scheduledStd,
  supervisedLoss,
  total,
  z,
} from 'saccade'

const { std, finalStd, discount, supervision, policyWeight } = policyOptions
const options = z.strictObject({
  ...{ std, finalStd, discount, supervision, policyWeight },
  goal: z.number().default(0.5).describe('the return that is neither good nor bad'),
})

registerAlgorithm({
  name: 'goal',
  description: 'REINFORCE against a fixed goal instead of a learned baseline',
  options,
  create: (options) => ({
    name: 'goal',
    supervision: options.supervision,
    scalars: (progress) => ({ std: scheduledStd(options, progress) }),

    loss(outputs, trajectory, scalars) {
      // How good was it
      const returns = discountedReturns(trajectory, options.discount) // [T, B]
      const advantage: Tensor2D = sub(returns, options.goal) // [T, B]

      // What to make likelier, what to say
      const terms = policyTerms(outputs, trajectory, scalars)
      const policy = total(terms.map((term) => policyGradientLoss(term, advantage)))
      const supervised = supervisedLoss(outputs, trajectory, options.supervision)

      return { loss: add(supervised, mul(policy, options.policyWeight)), metrics: { supervised, policy } }
    },
  }),
})
