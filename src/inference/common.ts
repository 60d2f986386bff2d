// What `saccade/inference` is in Node and in a browser alike: all but how an agent is loaded.

export { type AgentCard, type AgentFile, decodeAgentFile, encodeAgentFile } from './agent-file.ts'
export {
  type Eye,
  type EyeStep,
  type Image,
  type Look,
  type LookOptions,
  type LookStep,
  TrainedAgent,
} from './trained-agent.ts'
