/**
 * `saccade/agent`: the agent's contract, heads, cores, and the agents that come along. Runs in a browser.
 *
 * @module saccade/agent
 */

import './builtin.ts'

export type { Origin, Registry } from '../core/registry.ts'
export {
  type Arrays,
  type DType,
  type Layout,
  lengthOf,
  sizeOf,
  stopGradient,
  type Tensors,
} from '../core/tensors.ts'
export {
  type Agent,
  type AgentOutput,
  initialState,
  type ObservationTensors,
  type Outputs,
  stackOutputs,
  unroll,
  unrollSteps,
} from './agent.ts'
export { type Core, type CoreOutput, type CoreShape, cores } from './cores.ts'
export { type Head, type HeadKind, type HeadKindName, type HeadSpec, headOf } from './heads.ts'
export {
  dense,
  denseParameters,
  denseRelu,
  type Initialiser,
  initialise,
  type Parameter,
  uniformFan,
} from './networks.ts'
export { createRam } from './ram.ts'
export { type RamOptions, ramOptions } from './ram-options.ts'
export { type AgentDefinition, agents, makeAgent, registerAgent, type World } from './registry.ts'
