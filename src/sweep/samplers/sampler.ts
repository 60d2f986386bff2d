// Who chooses the points of a sweep.

import type { z } from 'zod'
import type { OptionsOf, Point, Space } from '../space.ts'

/** What came of a point, as far as one knows. */
export type Observation = {
  readonly point: Point
  /** How many epochs the cost is of; 0 where there is none yet. Who was let go on further was better. */
  readonly epoch: number
  /** Lower is better; infinite where there is none, or the trial failed. */
  readonly cost: number
}

/** A sampler that options can name: what options it has of its own, and how it is made. */
export type SamplerDefinition<Shape extends z.ZodRawShape> = {
  /** In a few words, for --help and the docs. */
  readonly description: string
  readonly options: Shape
  /** @throws UserError where it cannot do with the space. */
  create(space: Space, options: OptionsOf<Shape> & { readonly seed: number }): Sampler
}

/** A definition, its types inferred. */
export const defineSampler = <Shape extends z.ZodRawShape>(
  definition: SamplerDefinition<Shape>,
): SamplerDefinition<Shape> => definition

/** Chooses points, one after the other. Equal seeds and equal observations, equal points. */
export interface Sampler {
  /** How many points there are; infinitely many but for a grid. */
  readonly count: number
  /** The point of trial `index`, from 0, given what came of the ones before it. */
  propose(index: number, observations: readonly Observation[]): Point
}
