/**
 * `saccade/training`: a training from its configuration to its test errors, and what it leaves on disk. Needs Node.
 *
 * @module saccade/training
 */

import '../catalogue.ts'

export {
  type Checkpoint,
  type CheckpointKind,
  hasCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
} from '../runs/checkpoint.ts'
export { completeConfig, type From, type PartialConfig, type RunConfig } from '../runs/config.ts'
export type { EpochRecord, Errors, Measure, Metrics, Summary } from '../runs/records.ts'
export { type Change, RunDirectory } from '../runs/run-directory.ts'
export { type TrainingOptions, trainingOptions } from '../runs/training-options.ts'
export type { TrainerEvents } from './events.ts'
export { createPlan } from './plan.ts'
export type { Plan } from './programs.ts'
export { Trainer } from './trainer.ts'
export type { Training } from './training.ts'
