/**
 * `saccade/engine`: what computes, and the engines that run in a browser too. Those that need Node are chosen by name
 * through `selectEngine` of the main module.
 *
 * @module saccade/engine
 */

export { createEagerEngine } from './eager.ts'
export { type Definition, type Engine, EngineError, type Program, type Signature, type Vector } from './engine.ts'
export { createWasmEngine } from './wasm.ts'
