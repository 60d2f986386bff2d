// Every value by chance (Bergstra and Bengio 2012).

import { Rng } from '../../core/rng.ts'
import { buildPoint, fromUnit, type Space } from '../space.ts'
import { defineSampler, type Sampler } from './sampler.ts'

export const random = defineSampler({ description: 'chance', options: {}, create: randomSampler })

/** Trial n draws from a generator of its own, whatever came of the others. */
export function randomSampler(space: Space, { seed }: { readonly seed: number }): Sampler {
  return {
    count: Number.POSITIVE_INFINITY,
    propose(index) {
      const rng = Rng.of(seed, 'sweep', 'random', index)
      return buildPoint(space, ({ domain }) => fromUnit(domain, rng.uniform()))
    },
  }
}
