// The samplers that options can name.

import type { SweepOptions } from '../options.ts'
import type { Space } from '../space.ts'
import { gridSampler } from './grid.ts'
import { quasiRandomSampler } from './quasi-random.ts'
import { randomSampler } from './random.ts'
import type { Sampler } from './sampler.ts'
import { tpeSampler } from './tpe.ts'

/** The sampler that the options name. @throws UserError where it cannot do with the space. */
export function createSampler(options: SweepOptions, space: Space): Sampler {
  switch (options.sampler) {
    case 'grid':
      return gridSampler(space, options)
    case 'random':
      return randomSampler(space, options)
    case 'quasi-random':
      return quasiRandomSampler(space, options)
    case 'tpe':
      return tpeSampler(space, options)
  }
}
