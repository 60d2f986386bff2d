// The public API. Importing it registers everything that comes built in.

import './catalogue.ts'

// The mind
export { type Agent, type Evaluation, evaluate, initialState, type Sight, type Thought } from './agent/agent.ts'
export { createRam, type RamOptions, ramOptions } from './agent/ram.ts'
export { type AgentDefinition, agents, makeAgent, registerAgent, type World } from './agent/registry.ts'
export {
  discountedReturns,
  generalisedAdvantages,
  groupNormalised,
  heldReturns,
  leaveOneOutBaseline,
  normalised,
} from './algorithms/advantages.ts'
// The learning
export type { Algorithm, Gaze, Losses, Reuse, Scalars, Supervision, Trajectory } from './algorithms/algorithm.ts'
export {
  classificationLoss,
  clippedSurrogateLoss,
  clippedValueLoss,
  divergence,
  drawnHeads,
  entropyBonus,
  type Head,
  policyGradientLoss,
  total,
  valueLoss,
} from './algorithms/losses.ts'
export { criticOptions, policyOptions, scheduledStd } from './algorithms/policy.ts'
export { type AlgorithmDefinition, algorithms, makeAlgorithm, registerAlgorithm } from './algorithms/registry.ts'
// What all share
export { UserError } from './core/errors.ts'
export { describeOptions, type OptionDescription, type OptionsSchema, parseOptions } from './core/options.ts'
export { Rng } from './core/rng.ts'
export { type Arrays, type DType, type Layout, lengthOf, sizeOf, type Tensors } from './core/tensors.ts'
// Data
export { type Dataset, selectSplit } from './datasets/dataset.ts'
export { type LoadOptions, loadDataset } from './datasets/store.ts'
// What computes
export { type Definition, type Engine, EngineError, type Program, type Vector } from './engine/engine.ts'
export { exportOnnx } from './engine/onnx/index.ts'
export { type EngineDefinition, engines, type Selection, selectEngine } from './engine/select.ts'
export { checkEnvironment } from './env/check-environment.ts'
export type { Action, Environment, Info, Observation, Picture, ResetOptions, Start, Step } from './env/environment.ts'
export { type Cast, checkAction, clip, Dealer, firstLooks } from './env/episodes.ts'
export {
  type EnvironmentDefinition,
  environments,
  make,
  type Recipe,
  registerEnvironment,
  type Setting,
  type Split,
} from './env/registry.ts'
// The world
export { Box, Discrete, type Space } from './env/spaces.ts'
export { type Canvas, checkCanvas, paintCanvas } from './env/vision/canvas.ts'
export type { ImageSet } from './env/vision/image-set.ts'
export { Retina, type RetinaShape } from './env/vision/retina.ts'
export { Catch, catchOptions } from './env/worlds/catch.ts'
export {
  Classification,
  type ClassificationOptions,
  type ClassificationTask,
  classificationOptions,
} from './env/worlds/classification.ts'
export { reportProgress } from './report/progress.ts'
export {
  type Checkpoint,
  type CheckpointKind,
  hasCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
} from './runs/checkpoint.ts'
export { completeConfig, type PartialConfig, type RunConfig } from './runs/config.ts'
export type { EpochRecord, Errors, Metrics, Summary } from './runs/records.ts'
export { RunDirectory } from './runs/run-directory.ts'
export { decodeSafetensors, encodeSafetensors, type NamedTensor, type TensorFile } from './runs/safetensors.ts'
export { type TrainingOptions, trainingOptions } from './runs/training-options.ts'
export type { TrainerEvents } from './training/events.ts'
// Training
export { Trainer } from './training/trainer.ts'
