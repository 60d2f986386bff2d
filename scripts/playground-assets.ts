// What the playground needs of a run: its agent in one file, of a world of digits and small enough to be loaded.

import '../src/catalogue.ts'
import { UserError } from '../src/core/errors.ts'
import { bareId } from '../src/env/registry.ts'
import { encodeAgentFile } from '../src/inference/agent-file.ts'
import { readAgent } from '../src/inference/load.ts'

/** How large an agent the page may ask its visitors to load. */
const largest = 2_000_000

/**
 * The best agent of a run (or of an agent file, or of the zoo) as the bytes of an agent file, in float16.
 * @throws UserError where its world is not one of digits, or it is too large.
 */
export async function agentForPlayground(run: string): Promise<Uint8Array> {
  const file = await readAgent(run)
  const { environment, agent } = file.card
  if (!/^(Translated|Cluttered)?MNIST$/.test(bareId(environment.id)))
    throw new UserError(
      `the playground shows agents that name MNIST's digits; this one was trained in ${environment.id}`,
    )
  // any other built-in one sees the whole scene at once: there is no eye to follow
  if (agent.name !== 'ram') throw new UserError(`the playground shows agents of the kind ram; ${run} is ${agent.name}`)
  const bytes = encodeAgentFile(file, { float16: true })
  if (bytes.length > largest)
    throw new UserError(
      `${run}: the agent has ${(bytes.length / 1e6).toFixed(1)} MB; the page takes up to ${largest / 1e6} MB`,
    )
  return bytes
}
