// What a run writes of itself, line by line, between two iterations and at its end, and what is read of it. Types alone.

import type { Layout } from '../core/tensors.ts'
import type { RunConfig } from './config.ts'

/**
 * What the figures of a world are. `error`: percent of the predictions that are wrong. `distance`: mean distance of predicted
 * coordinates from the right ones. `failure`: 100 x (1 - mean return), percent, where nothing is predicted and returns lie
 * in [0, 1]. `return`: the mean return; of all four the only one of which more is better.
 */
export type Measure = 'error' | 'distance' | 'failure' | 'return'

/** Three figures in the unit of the world's measure. */
export type Errors = {
  /** One rollout an item, the likeliest actions: mean locations. */
  readonly greedy: number
  /** One rollout an item, sampled actions. */
  readonly sampled: number
  /** The prediction of the probabilities averaged over `evaluationRollouts` sampled rollouts. */
  readonly averaged: number
}

/** Scalars by name: `loss`, `accuracy`, `return`, ... */
export type Metrics = Readonly<Record<string, number>>

/** One line of metrics.jsonl. */
export type EpochRecord = {
  /** From 1. */
  readonly epoch: number
  readonly epochs: number
  /** Means over the epoch's iterations. */
  readonly train: Metrics
  /** Where this epoch was evaluated: the greedy figure under `error`, the less the better (of returns, minus the return), and other means. */
  readonly validation?: Metrics
  /** Whether the validation error is the best so far. */
  readonly best: boolean
  /** What the errors are. */
  readonly measure: Measure
  /** Percent: the error of a blind guess, were all answers equally frequent; of errors in percent alone. */
  readonly chance?: number
  /** Environment steps of this epoch's training: those of each rollout of each item. */
  readonly steps: number
  readonly learningRate: number
  /** Of training alone, this epoch. */
  readonly seconds: number
  /** Items (images) a second of training. */
  readonly imagesPerSecond: number
}

/** summary.json. */
export type Summary = {
  readonly testError: Errors
  /** What the figures are. */
  readonly measure: Measure
  /** Items of the test split that were played. */
  readonly testItems: number
  /** Mean glimpses of a greedy test episode, where episodes differ in length. */
  readonly glimpses?: number
  /** Greedy, of the best epoch: the one whose parameters were tested; of returns, minus the return. */
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

/** `last` is where to go on, `best` what to use: the lowest validation error so far. */
export type CheckpointKind = 'last' | 'best'

/** The whole state of a training between two iterations. */
export type Checkpoint = {
  /** Epochs completed. */
  readonly epoch: number
  /** Iterations done of the epoch after them. */
  readonly iteration: number
  /** Steps that the optimiser has taken. */
  readonly steps: number
  /** What the begun epoch has summed up so far; finite numbers. */
  readonly sums: Metrics
  /** The epoch of the lowest validation error (percent) so far. */
  readonly best?: { readonly epoch: number; readonly validationError: number } | undefined
  /** Wall time so far, over all resumptions. */
  readonly seconds: number
  readonly config: RunConfig
  /** How each vector's tensors are named, shaped and ordered: the agent's. */
  readonly layout: Layout
  /** float32 [lengthOf(layout)] by name: parameters, moment1, moment2, average ... */
  readonly tensors: Readonly<Record<string, Float32Array>>
}

/** One epoch: every number of its line by name, such as `train.loss`, `validation.error`, `learningRate`. */
export type Point = {
  /** From 1. */
  readonly epoch: number
  /** Epochs asked for when it was written. */
  readonly epochs?: number
  readonly values: Readonly<Record<string, number>>
}

/** How far a run has come. `stopped` has epochs and may be resumed; `empty` has none. */
export type RunState = 'training' | 'complete' | 'stopped' | 'empty'
