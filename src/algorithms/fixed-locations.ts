// Controls that do not learn where to look: random (the paper's), centre and raster. Only the classifier learns, from the
// target; in a world without targets everything else is learned by reward, as in REINFORCE.

import { add, mul, sub, type Tensor2D } from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { discountedReturns } from './advantages.ts'
import type { LocationSampler } from './algorithm.ts'
import { policyGradientLoss, policyTerms, supervisedLoss, total, valueLoss } from './losses.ts'
import { policyOptions } from './policy.ts'
import type { AlgorithmDefinition } from './registry.ts'

const { supervision, coordinates, discount, baselineWeight } = policyOptions
const reach = z.number().min(0).max(1).default(1).describe('how far from the centre it looks, in location units')
const options = z.strictObject({ supervision, coordinates, discount, baselineWeight, reach })
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
    control('random', options, ({ rng }, out) => {
      for (let i = 0; i < out.length; i++) out[i] = rng.uniform(-options.reach, options.reach)
    }),
}

/** The centre, always. */
export const centre: AlgorithmDefinition<typeof options> = {
  name: 'centre',
  description: 'looks at the centre at every step; only the classifier learns',
  options,
  create: (options) => control('centre', options, (_context, out) => void out.fill(0)),
}

/** Cell after cell of a regular grid, in reading order. */
export const rasterScan: AlgorithmDefinition<typeof raster> = {
  name: 'raster',
  description: 'looks along the rows of a regular grid, in reading order; only the classifier learns',
  options: raster,
  create: (options) =>
    control('raster', options, ({ step }, out) => {
      const { columns, rows, reach } = options
      out[0] = reach * ((2 * (step % columns) + 1) / columns - 1)
      out[1] = reach * ((2 * (Math.floor(step / columns) % rows) + 1) / rows - 1)
    }),
}

/** An algorithm whose locations are not learned: no location has a term in its loss. */
function control(
  name: string,
  options: z.infer<typeof random.options>,
  locationSampler: LocationSampler,
): ReturnType<typeof random.create> {
  return {
    name,
    supervision: options.supervision,
    coordinates: options.coordinates,
    locationSampler,
    scalars: () => ({ std: 1 }),

    loss(outputs, trajectory, scalars) {
      const returns = discountedReturns(trajectory, options.discount) // [T, B]
      const advantage: Tensor2D = sub(returns, trajectory.old.value) // [T, B]

      const terms = policyTerms(outputs, trajectory, scalars).filter(({ name }) => name !== 'location')
      const policy = total(terms.map((term) => policyGradientLoss(term, advantage)))
      const supervised = supervisedLoss(outputs, trajectory, options.supervision)
      const baseline = valueLoss(outputs, returns, trajectory.running)

      return {
        loss: add(add(supervised, policy), mul(baseline, options.baselineWeight)),
        metrics: { supervised, baseline },
      }
    },
  }
}
