// Who decides which trials go on: pure functions of where the trials stand. A trial always trains under the schedules of its
// full budget; it rests at a checkpoint where a decision is due, and going on from there is the same as never having rested.

import type { z } from 'zod'
import type { OptionsOf } from '../space.ts'
import type { Standing, Trial } from '../trial.ts'

/** What to do next. */
export type Decision =
  | { readonly do: 'advance'; readonly trial: Trial; readonly epoch: number }
  | { readonly do: 'stop'; readonly trial: Trial }
  /** Begin a new trial, if there is another. */
  | { readonly do: 'propose' }
  /** Nothing before something else has happened. */
  | { readonly do: 'wait' }

/** A scheduler that options can name: what options it has of its own, and how it is made. */
export type SchedulerDefinition<Shape extends z.ZodRawShape> = {
  /** In a few words, for --help and the docs. */
  readonly description: string
  readonly options: Shape
  /** @param epochs the budget of a trial */
  create(options: OptionsOf<Shape> & { readonly minEpochs: number }, epochs: number): Scheduler
}

/** A definition, its types inferred. */
export const defineScheduler = <Shape extends z.ZodRawShape>(
  definition: SchedulerDefinition<Shape>,
): SchedulerDefinition<Shape> => definition

/** Decides about trials that rest short of their budget. */
export interface Scheduler {
  /** The epoch up to which a new trial goes first. */
  readonly firstEpoch: number
  /**
   * @param trials where all stand
   * @param more whether there are points left to try
   * @param running whether any trial is on its way
   */
  decide(trials: Standing, more: boolean, running: boolean): Decision
}
