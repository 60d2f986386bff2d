// Controls that do not learn where to look: random (the paper's), centre and raster. Only the classifier learns, from the
// target; in a world without targets the choice is learned by reward, as in REINFORCE.

import { add, mul, sub, type Tensor2D } from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { discountedReturns } from './advantages.ts'
import type { Gaze } from './algorithm.ts'
import { classificationLoss, drawnHeads, policyGradientLoss, total, valueLoss } from './losses.ts'
import { policyOptions } from './policy.ts'
import type { AlgorithmDefinition } from './registry.ts'

const { supervision, discount, baselineWeight } = policyOptions
const reach = z.number().min(0).max(1).default(1).describe('how far from the centre it looks, in location units')
const options = z.strictObject({ supervision, discount, baselineWeight, reach })
const raster = options.extend({
  columns: z.int().min(1).max(64).default(3).describe('looks in a row before the next row begins'),
  rows: z.int().min(1).max(64).default(3).describe('rows; after the last the first comes again'),
})

/** A uniform random place, whatever has been seen. */
export const random: AlgorithmDefinition<typeof options> = {
  name: 'random',
  description: "looks at uniformly random places; only the classifier learns: the paper's control",
  options,
  create: (options) =>
    control('random', options, (_mean, _std, _step, rng, out) => {
      for (let i = 0; i < out.length; i++) out[i] = rng.uniform(-options.reach, options.reach)
    }),
}

/** The centre, always. */
export const centre: AlgorithmDefinition<typeof options> = {
  name: 'centre',
  description: 'looks at the centre at every step; only the classifier learns',
  options,
  create: (options) => control('centre', options, (_mean, _std, _step, _rng, out) => void out.fill(0)),
}

/** Cell after cell of a regular grid, in reading order. */
export const rasterScan: AlgorithmDefinition<typeof raster> = {
  name: 'raster',
  description: 'looks along the rows of a regular grid, in reading order; only the classifier learns',
  options: raster,
  create: (options) =>
    control('raster', options, (_mean, _std, step, _rng, out) => {
      const { columns, rows, reach } = options
      const x = reach * ((2 * (step % columns) + 1) / columns - 1)
      const y = reach * ((2 * (Math.floor(step / columns) % rows) + 1) / rows - 1)
      for (let i = 0; i < out.length; i += 2) {
        out[i] = x
        out[i + 1] = y
      }
    }),
}

/** An algorithm whose gaze is fixed: no location has a term in its loss. */
function control(name: string, options: z.infer<typeof random.options>, gaze: Gaze): ReturnType<typeof random.create> {
  return {
    name,
    supervision: options.supervision,
    gaze,
    scalars: () => ({ std: 1 }),

    loss(evaluation, trajectory, scalars) {
      const returns = discountedReturns(trajectory.reward, options.discount) // [T, B]
      const advantage: Tensor2D = sub(returns, trajectory.recorded.value) // [T, B]

      const heads = drawnHeads(evaluation, trajectory, scalars).filter((head) => head.name !== 'location')
      const policy = total(heads.map((head) => policyGradientLoss(head, advantage)))
      const classification = classificationLoss(evaluation, trajectory, options.supervision)
      const baseline = valueLoss(evaluation, returns, trajectory.alive)

      return { loss: add(add(classification, policy), mul(baseline, options.baselineWeight)), classification, baseline }
    },
  }
}
