// What a training tells those who listen. The trainer prints nothing.

import type { RunConfig } from './config.ts'

/** Errors in percent of the items; for a world without targets, 100 x (1 - mean return). */
export type Errors = {
  /** One rollout an item, mean locations. */
  readonly greedy: number
  /** One rollout an item, sampled locations. */
  readonly sampled: number
  /** The class of the probabilities averaged over `evaluationRollouts` sampled rollouts. */
  readonly averaged: number
}

/** Scalars by name: `loss`, `accuracy`, `reward`, ... */
export type Metrics = Readonly<Record<string, number>>

/** One line of metrics.jsonl. */
export type EpochRecord = {
  /** From 1. */
  readonly epoch: number
  readonly epochs: number
  /** Means over the epoch's iterations. */
  readonly train: Metrics
  /** Where this epoch was evaluated: greedy error in percent, and other means. */
  readonly validation?: Metrics
  /** Whether the validation error is the best so far. */
  readonly best: boolean
  readonly learningRate: number
  /** Of training alone, this epoch. */
  readonly seconds: number
  /** Items (images) a second of training. */
  readonly imagesPerSecond: number
}

/** summary.json. */
export type Summary = {
  readonly testError: Errors
  /** Mean glimpses of a greedy test episode, where the agent may stop. */
  readonly glimpses?: number
  /** Percent, greedy, of the best epoch: the one whose parameters were tested. */
  readonly validationError: number
  readonly bestEpoch: number
  /** How many epochs were run. */
  readonly epochs: number
  readonly secondsPerEpoch: number
  /** Wall time of the whole run, evaluations included, over all its resumptions. */
  readonly seconds: number
  readonly engine: string
  readonly workers: number
  readonly seed: number
  readonly parameters: number
  readonly environment: string
  readonly algorithm: string
}

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
  epoch: [EpochRecord]
  checkpoint: [{ readonly kind: 'last' | 'best'; readonly path: string }]
  /** Something that a person should know and that stops nothing. */
  warning: [string]
  /** The run is over, or was stopped: then without a summary. */
  end: [Summary | undefined]
}
