// What a training tells those who listen. The trainer prints nothing.

import type { RunConfig } from '../runs/config.ts'
import type { EpochRecord, Measure, Metrics, Summary } from '../runs/records.ts'

/** Events of a Trainer, by name, with their listeners' arguments. */
export type TrainerEvents = {
  start: [
    {
      readonly config: RunConfig
      readonly directory: string | undefined
      readonly engine: string
      readonly why: string
      readonly workers: number
      readonly parameters: number
      readonly iterationsPerEpoch: number
      readonly itemsPerEpoch: number
      /** 0 for a fresh run. */
      readonly fromEpoch: number
      /** Whether items are games rather than images. */
      readonly games: boolean
      /** What its figures are. */
      readonly measure: Measure
    },
  ]
  /** At most some ten times a second. */
  iteration: [
    {
      readonly epoch: number
      readonly iteration: number
      readonly iterationsPerEpoch: number
      readonly metrics: Metrics
      readonly imagesPerSecond: number
      readonly secondsLeft: number
    },
  ]
  /** An evaluation has come so far, in items. */
  evaluating: [
    {
      readonly split: 'train' | 'validation' | 'test'
      readonly greedy: boolean
      readonly done: number
      readonly total: number
    },
  ]
  epoch: [EpochRecord]
  checkpoint: [{ readonly kind: 'last' | 'best'; readonly path: string }]
  /** Something that a person should know and that stops nothing. */
  warning: [string]
  /** The run is over, or was stopped: then without a summary. */
  end: [Summary | undefined]
}
