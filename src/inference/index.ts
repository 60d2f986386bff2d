/**
 * `saccade/inference`: trained agents, loaded from disk, that look at pixels.
 *
 * @module saccade/inference
 */

import '../catalogue.ts'

export { type AgentCard, type AgentFile, decodeAgentFile, encodeAgentFile } from './agent-file.ts'
export { exportPolicy } from './export.ts'
export { agentFileOf, type LoadAgentOptions, loadAgent, readAgent } from './load.ts'
export {
  type Eye,
  type EyeStep,
  type Image,
  type Look,
  type LookOptions,
  type LookStep,
  TrainedAgent,
} from './trained-agent.ts'
