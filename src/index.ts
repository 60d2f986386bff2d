// The public API. Importing it registers everything that comes built in.

import './catalogue.ts'

// What all share; zod, whose schemas options are written in
export { z } from 'zod'
// The agent
export {
  type Agent,
  type AgentOutput,
  initialState,
  type ObservationTensors,
  type Outputs,
  stackOutputs,
  unroll,
  unrollSteps,
} from './agent/agent.ts'
export { type Core, type CoreShape, cores } from './agent/cores.ts'
export { type Head, type HeadKind, type HeadSpec, headOf } from './agent/heads.ts'
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
// The algorithm
export type {
  Algorithm,
  LocationContext,
  LocationSampler,
  Loss,
  Scalars,
  Supervision,
  UpdateSchedule,
} from './algorithms/algorithm.ts'
export {
  approximateKl,
  clippedSurrogateLoss,
  clippedValueLoss,
  entropyBonus,
  type PolicyTerm,
  policyGradientLoss,
  policyTerms,
  supervisedLoss,
  total,
  valueLoss,
} from './algorithms/losses.ts'
export { criticOptions, policyOptions, scheduledStd } from './algorithms/policy.ts'
export { type AlgorithmDefinition, algorithms, makeAlgorithm, registerAlgorithm } from './algorithms/registry.ts'
export { type Field, type Trajectory, type TrajectorySpec, trajectoryFields } from './algorithms/trajectory.ts'
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
export type {
  Action,
  ActionSpace,
  Environment,
  Info,
  Observation,
  ObservationSpace,
  Picture,
  ResetOptions,
  Start,
  Step,
} from './env/environment.ts'
export { checkAction, clip, type EpisodeBatchSpec, EpisodeSampler, firstLocations } from './env/episodes.ts'
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
export {
  Box,
  categoriesOf,
  Discrete,
  describeSpace,
  MultiDiscrete,
  type Space,
  type SpaceValues,
} from './env/spaces.ts'
export { type Canvas, checkCanvas, paintCanvas } from './env/vision/canvas.ts'
export type { ImageSet } from './env/vision/image-set.ts'
export { type Pixels, Retina, type RetinaShape } from './env/vision/retina.ts'
export { Catch, catchOptions } from './env/worlds/catch.ts'
export {
  type ClassificationOptions,
  classification,
  classificationOptions,
  type ImageScenes,
  imageScenes,
} from './env/worlds/image-scenes.ts'
export { Perception, type PerceptionOptions, type PerceptionTask, perceptionOptions } from './env/worlds/perception.ts'
export { type PaintedScenes, paintedScenes, type SceneSource, type Scenes } from './env/worlds/scenes.ts'
export {
  limitMoves,
  type MoveLimit,
  type RecordedEpisodes,
  type RecordedStep,
  recordEpisodes,
  timeLimit,
  withReward,
} from './env/wrappers.ts'
export { reportProgress } from './report/progress.ts'
export {
  type Checkpoint,
  type CheckpointKind,
  hasCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
} from './runs/checkpoint.ts'
export { completeConfig, type PartialConfig, type RunConfig } from './runs/config.ts'
export type { EpochRecord, Errors, Measure, Metrics, Summary } from './runs/records.ts'
export { RunDirectory } from './runs/run-directory.ts'
export { decodeSafetensors, encodeSafetensors, type NamedTensor, type TensorFile } from './runs/safetensors.ts'
export { type TrainingOptions, trainingOptions } from './runs/training-options.ts'
export type { TrainerEvents } from './training/events.ts'
// Training
export { Trainer } from './training/trainer.ts'
