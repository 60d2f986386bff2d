/**
 * `saccade/inference` in a browser: trained agents, fetched from an address or given as bytes, that look at pixels.
 *
 * @module saccade/inference (browser)
 */

import '@tensorflow/tfjs-backend-cpu'
import '../agent/builtin.ts'
import { UserError } from '../core/errors.ts'
import { createEagerEngine } from '../engine/eager.ts'
import type { Engine } from '../engine/engine.ts'
import { decodeAgentFile } from './agent-file.ts'
import { TrainedAgent } from './trained-agent.ts'

export * from './common.ts'

/**
 * Load a trained agent from the address of an agent file, or from its bytes.
 * @param options `engine`: what computes; plain JavaScript by default
 * @throws UserError where it cannot be fetched, is broken, or of another version.
 */
export async function loadAgent(
  source: string | URL | Uint8Array,
  options: { readonly engine?: Engine } = {},
): Promise<TrainedAgent> {
  const file = decodeAgentFile(await bytesOf(source), source instanceof Uint8Array ? 'agent' : String(source))
  return new TrainedAgent(
    file,
    options.engine ?? (await createEagerEngine('cpu', 'cpu', 'TensorFlow.js in plain JavaScript')),
  )
}

async function bytesOf(source: string | URL | Uint8Array): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source
  const response = await fetch(source)
  if (!response.ok) throw new UserError(`${source}: the server says ${response.status}; look at the address`)
  return new Uint8Array(await response.arrayBuffer())
}
