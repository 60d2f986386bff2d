/**
 * The public API. Importing it registers everything that comes built in. Its parts are modules of their own:
 * `saccade/env`, `saccade/agent`, `saccade/algorithms`, `saccade/engine` (which all run in a browser), `saccade/training`
 * and `saccade/inference`.
 *
 * @module saccade
 */

import './catalogue.ts'

// zod, whose schemas options are written in
export { z } from 'zod'
export * from './agent/index.ts'
export * from './algorithms/index.ts'
export { describeOptions, type OptionDescription, type OptionsSchema, parseOptions } from './core/options.ts'
export type { Dataset, PixelFile } from './datasets/dataset.ts'
export type { Fit } from './datasets/decode-image.ts'
export { fingerprintOf, fingerprintOfSplit } from './datasets/fingerprint.ts'
export type { IdxOptions } from './datasets/idx-directory.ts'
export type { ImageFolderOptions } from './datasets/images.ts'
export { selectSplit } from './datasets/part.ts'
export type { ReadOptions } from './datasets/read-images.ts'
export type { DataReport } from './datasets/report.ts'
export { cutDataset, type Parts, type SplitOptions } from './datasets/split.ts'
export { type LoadedData, type LoadOptions, loadDataset, loadedData, loadSplit } from './datasets/store.ts'
export * from './engine/index.ts'
export { exportOnnx } from './engine/onnx/export.ts'
export { type EngineDefinition, engines, type Selection, selectEngine } from './engine/select.ts'
export * from './env/index.ts'
export * from './inference/index.ts'
export { type Output, type Progress, type ProgressOptions, reportProgress } from './report/progress.ts'
export { trustModules } from './runs/imports.ts'
export { decodeSafetensors, encodeSafetensors, type NamedTensor, type TensorFile } from './runs/safetensors.ts'
export * from './training/index.ts'
