// A segment: one run of a trial, trained up to an epoch, wherever that happens. What a sweep and whoever computes for it say
// to each other.

import type { RunConfig } from '../runs/config.ts'
import type { Metrics } from '../runs/records.ts'

/** One run, and how far it may go now. It begins, or goes on from its last checkpoint; equal configurations, equal runs. */
export type Segment = {
  readonly trial: number
  readonly seed: number
  /** Of its run directory, below wherever runs are kept: `0007`, or `0007-seed-1` where a point has several seeds. */
  readonly name: string
  /** Complete; it is trained under the schedules of all its epochs. */
  readonly config: RunConfig
  /** It rests after this epoch. */
  readonly toEpoch: number
}

/** What validation said after an epoch. */
export type EpochResult = { readonly epoch: number; readonly validation: Metrics }

/** How a segment ended. */
export type Outcome =
  /** `finished`: nothing is left of the run. `results`: of all its epochs, earlier segments' included. */
  | {
      readonly status: 'reached'
      readonly epoch: number
      readonly finished: boolean
      readonly results: readonly EpochResult[]
    }
  /** In one line. */
  | { readonly status: 'failed'; readonly error: string }
  /** No fault of the run's: nobody can go on here (a full disk), or nobody may. In one line; it goes on later. */
  | { readonly status: 'halted'; readonly error: string }
  /** Told to; it rests at a checkpoint. */
  | { readonly status: 'stopped' }

/**
 * Trains a segment in a directory, in a process of its own.
 * @param directory the run directory
 * @param tell called after each epoch with validation
 * @param signal aborted: save and rest
 */
export type RunSegment = (
  segment: Segment,
  directory: string,
  tell: (result: EpochResult) => void,
  signal: AbortSignal,
) => Promise<Outcome>

/** Whoever computes segments: this machine's processes, or a queue's workers. */
export interface Executor {
  /** Get ready. `wake` is to be called where `slots` has changed. @throws UserError where it cannot. */
  start(wake: () => void): Promise<void>
  /** How many segments it takes at once, now. */
  readonly slots: number
  /** Never rejects for a fault of the run's; tries again as often as it may before it says `failed`. */
  run(segment: Segment, tell: (result: EpochResult) => void): Promise<Outcome>
  /** Let what runs here rest at a checkpoint: its promises resolve to `stopped`. */
  stop(): Promise<void>
}
