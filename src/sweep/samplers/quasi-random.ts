// The Sobol sequence: every stretch of it covers the space more evenly than chance does. Direction numbers of Joe and Kuo
// (2008), Gray-code order (Antonov and Saleev 1979), shifted by random bits so that seeds differ.

import { UserError } from '../../core/errors.ts'
import { Rng } from '../../core/rng.ts'
import { buildPoint, freeDimensions, fromUnit, type Space } from '../space.ts'
import { defineSampler, type Sampler } from './sampler.ts'

/** The primitive polynomials' degree and inner coefficients, and the first direction numbers, from the second axis on. */
const joeKuo: readonly (readonly [number, number, readonly number[]])[] = [
  [1, 0, [1]],
  [2, 1, [1, 3]],
  [3, 1, [1, 3, 1]],
  [3, 2, [1, 1, 1]],
  [4, 1, [1, 1, 3, 3]],
  [4, 4, [1, 3, 5, 13]],
  [5, 2, [1, 1, 5, 5, 17]],
  [5, 4, [1, 1, 5, 5, 5]],
  [5, 7, [1, 1, 7, 11, 19]],
  [5, 11, [1, 1, 5, 1, 1]],
  [5, 13, [1, 1, 1, 3, 11]],
  [5, 14, [1, 3, 5, 5, 31]],
  [6, 1, [1, 3, 3, 9, 7, 49]],
  [6, 13, [1, 1, 1, 15, 21, 21]],
  [6, 16, [1, 3, 1, 13, 27, 49]],
  [6, 19, [1, 1, 1, 15, 7, 5]],
  [6, 22, [1, 3, 1, 15, 13, 25]],
  [6, 25, [1, 1, 5, 5, 19, 61]],
  [7, 1, [1, 3, 7, 11, 23, 15, 103]],
  [7, 4, [1, 3, 7, 13, 13, 15, 69]],
]

const bits = 32

export const quasiRandom = defineSampler({ description: 'a Sobol sequence', options: {}, create: quasiRandomSampler })

/** Trial n is the sequence's n-th point, whatever came of the others. @throws UserError on more options than axes are known. */
export function quasiRandomSampler(space: Space, { seed }: { readonly seed: number }): Sampler {
  const axes = freeDimensions(space).map(({ key }) => key)
  if (axes.length > joeKuo.length + 1)
    throw new UserError(
      `sweep: the Sobol sequence here has ${joeKuo.length + 1} axes, the space ${axes.length}; choose the sampler random`,
    )
  const rng = Rng.of(seed, 'sweep', 'quasi-random')
  const shifts = axes.map(() => rng.next())
  return {
    count: Number.POSITIVE_INFINITY,
    propose: (index) =>
      buildPoint(space, ({ key, domain }) => {
        const axis = axes.indexOf(key)
        return fromUnit(domain, ((sobol(axis, index) ^ shifts[axis]!) >>> 0) / 2 ** bits)
      }),
  }
}

/** Coordinate `axis` of the sequence's point `index`, from 0, as 32 bits behind the point. */
export function sobol(axis: number, index: number): number {
  const gray = index ^ (index >>> 1)
  const directions = directionsOf(axis)
  let point = 0
  for (let bit = 0; bit < bits; bit++) if ((gray >>> bit) & 1) point ^= directions[bit]!
  return point >>> 0
}

const known = new Map<number, Uint32Array>()

/** An axis's direction numbers v_1 ... v_32, as 32 bits behind the point. */
function directionsOf(axis: number): Uint32Array {
  const before = known.get(axis)
  if (before) return before
  const directions = new Uint32Array(bits)
  const [degree, inner, first] = axis === 0 ? [0, 0, []] : joeKuo[axis - 1]!
  for (let i = 0; i < bits; i++) {
    if (axis === 0) directions[i] = 1 << (bits - 1 - i)
    else if (i < degree) directions[i] = first[i]! << (bits - 1 - i)
    else {
      let value = directions[i - degree]! ^ (directions[i - degree]! >>> degree)
      for (let k = 1; k < degree; k++) if ((inner >>> (degree - 1 - k)) & 1) value ^= directions[i - k]!
      directions[i] = value
    }
  }
  known.set(axis, directions)
  return directions
}
