/**
 * `saccade/inference`: trained agents, loaded from disk, that look at pixels.
 *
 * @module saccade/inference
 */

import '../catalogue.ts'

export * from './common.ts'
export { exportPolicy } from './export.ts'
export { agentFileOf, type LoadAgentOptions, loadAgent, readAgent } from './load.ts'
