// One point that a sweep tries, and what may be asked of all of them: what schedulers see, whatever it is kept in.

import type { Metrics } from '../runs/records.ts'
import type { Point } from './space.ts'

/** How a trial ended. `stopped` by the scheduler; `failed` where a run died more often than it may. */
export type Ending = 'complete' | 'stopped' | 'failed'

/** One run of a trial: one seed. */
export type TrialRun = {
  readonly seed: number
  /** What validation said, by epoch from 1. */
  readonly validation: Map<number, Metrics>
  /** The epoch up to which it has come, as far as it may go. */
  reached: number
  /** Nothing is left of it. */
  finished: boolean
}

/** One point that is tried. */
export type Trial = {
  /** From 1. */
  readonly trial: number
  readonly point: Point
  /** One per seed. */
  readonly runs: readonly TrialRun[]
  /** The epoch up to which its runs may go. */
  target: number
  end?: { readonly outcome: Ending; readonly epoch: number; readonly value?: number; readonly error?: string }
}

/** Where all trials of a sweep stand. Costs are the less the better, infinite where there is none. */
export interface Standing {
  /** In order of proposal. */
  readonly all: readonly Trial[]
  /** The best cost of a trial up to an epoch, the mean over its runs. */
  cost(trial: Trial, epoch?: number): number
  /** The cost of a trial at an epoch, the mean over its runs. */
  costAt(trial: Trial, epoch: number): number
  /** Running trials that have come as far as they may, every run of them. */
  resting(): Trial[]
}

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** The sample's standard deviation; 0 of one value. */
export function spread(values: readonly number[]): number {
  if (values.length < 2) return 0
  const middle = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1))
}
