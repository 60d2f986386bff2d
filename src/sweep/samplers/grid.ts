// Every combination of a few values of each option; of conditional ones, only where they are active.

import { z } from 'zod'
import { UserError } from '../../core/errors.ts'
import { type FreeDimension, fromScale, isActive, type Point, type Space, scaleOf, type Value } from '../space.ts'
import { defineSampler, type Sampler } from './sampler.ts'

const largest = 100_000

export const grid = defineSampler({
  description: 'a grid',
  options: {
    gridSteps: z
      .int()
      .min(2)
      .max(1000)
      .default(5)
      .describe('grid: values that it takes of a range without steps of its own'),
  },
  create: gridSampler,
})

/** Points in the order in which one counts: the last name changes fastest. @throws UserError on more points than anyone runs. */
function gridSampler(space: Space, { gridSteps }: { readonly gridSteps: number }): Sampler {
  let points: Point[] = [{}]
  for (const dimension of space) {
    points = points.flatMap((point) => {
      if (!isActive(dimension, point)) return [point]
      return gridValues(dimension as FreeDimension, point, gridSteps).map((value) => ({
        ...point,
        [dimension.name]: value,
      }))
    })
    if (points.length > largest)
      throw new UserError(
        `sweep: the grid has more than ${largest} points; give fewer steps, or choose another sampler`,
      )
  }
  return { count: points.length, propose: (index) => points[index]! }
}

/** A choice's values; of a range, evenly spaced ones with both ends, on the scale on which it is uniform. */
function gridValues({ domain, steps }: Space[number], point: Point, gridSteps: number): Value[] {
  if (domain.kind === 'same') return Object.hasOwn(point, domain.as) ? [point[domain.as]!] : []
  if (domain.kind === 'choice') return [...domain.values]
  const whole = domain.kind === 'integer' ? domain.high - domain.low + 1 : Number.POSITIVE_INFINITY
  const count = Math.min(steps ?? gridSteps, whole)
  const { low, high } = scaleOf({ ...domain, kind: 'real' })
  const values = Array.from({ length: count }, (_, i) =>
    fromScale(domain, count === 1 ? (low + high) / 2 : low + (i * (high - low)) / (count - 1)),
  )
  return [...new Set(values)]
}
