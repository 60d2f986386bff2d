/**
 * `saccade/env`: the world's contract, its checker, wrappers, and what worlds are made of. Runs in a browser.
 *
 * @module saccade/env
 */

import './worlds/builtin.ts'

export { OptionError, UserError } from '../core/errors.ts'
export { Rng } from '../core/rng.ts'
export { checkEnvironment } from './check-environment.ts'
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
} from './environment.ts'
export { checkAction, clip, type EpisodeBatchSpec, EpisodeSampler, type FirstLook, firstLocations } from './episodes.ts'
export {
  bareId,
  type EnvironmentDefinition,
  type EnvironmentRegistry,
  environments,
  make,
  type Recipe,
  registerEnvironment,
  type Setting,
  type Split,
} from './registry.ts'
export {
  Box,
  categoriesOf,
  Discrete,
  describeSpace,
  MultiDiscrete,
  type Space,
  type SpaceValues,
} from './spaces.ts'
export { type Canvas, checkCanvas, paintCanvas } from './vision/canvas.ts'
export type { ImageSet } from './vision/image-set.ts'
export { type Pixels, Retina, type RetinaShape } from './vision/retina.ts'
export {
  ActivePerception,
  type ActivePerceptionOptions,
  type ActivePerceptionTask,
  activePerceptionOptions,
} from './worlds/active-perception.ts'
export { Catch, catchOptions } from './worlds/catch.ts'
export { type CircleSquare, circleSquareScenes } from './worlds/circle-square.ts'
export { type Hunt, huntScenes } from './worlds/hunt.ts'
export {
  type ClassificationOptions,
  classification,
  classificationOptions,
  type ImageScenes,
  imageScenes,
} from './worlds/image-scenes.ts'
export { Perception, type PerceptionOptions, type PerceptionTask, perceptionOptions } from './worlds/perception.ts'
export { type PaintedScenes, paintedScenes, type Scenery, type SceneSource, type Scenes } from './worlds/scenes.ts'
export type { DrawnScenes, EyeShape, View } from './worlds/view.ts'
export {
  limitMoves,
  type MoveLimit,
  type RecordedEpisodes,
  type RecordedStep,
  recordEpisodes,
  timeLimit,
  withReward,
} from './wrappers.ts'
