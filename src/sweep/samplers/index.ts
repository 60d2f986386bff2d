// The samplers that options can name. A new one is a file of its own and a line here.

import type { Merged, OptionsOf, Space } from '../space.ts'
import { grid } from './grid.ts'
import { quasiRandom } from './quasi-random.ts'
import { random } from './random.ts'
import type { Sampler } from './sampler.ts'
import { tpe } from './tpe.ts'

export const samplers = { grid, random, 'quasi-random': quasiRandom, tpe } as const

export type SamplerName = keyof typeof samplers
type Shape = Merged<(typeof samplers)[SamplerName]['options']>

/** The options of all of them. */
export const samplerOptions = Object.assign({}, ...Object.values(samplers).map(({ options }) => options)) as Shape

/** The sampler that the options name. @throws UserError where it cannot do with the space. */
export function createSampler(
  options: OptionsOf<Shape> & { readonly sampler: SamplerName; readonly seed: number },
  space: Space,
): Sampler {
  return samplers[options.sampler].create(space, options)
}
