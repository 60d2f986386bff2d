// What the demo's page needs of a run: its agent in one file, parameters and options, without the optimiser's moments.

import '../src/catalogue.ts'
import { UserError } from '../src/core/errors.ts'
import { sizeOf } from '../src/core/tensors.ts'
import type { Environment } from '../src/env/environment.ts'
import { make } from '../src/env/registry.ts'
import { categoriesOf } from '../src/env/spaces.ts'
import { hasCheckpoint, loadCheckpoint } from '../src/runs/checkpoint.ts'
import { completeConfig } from '../src/runs/config.ts'
import { RunDirectory } from '../src/runs/run-directory.ts'
import { encodeSafetensors } from '../src/runs/safetensors.ts'
import type { AgentCard } from '../web/demo/card.ts'

/** How large an agent the page may ask its visitors to load. */
const largest = 2_000_000

/**
 * The best agent of a run as the bytes of a safetensors file.
 * @throws UserError where its world is not one of digits, or it is too large.
 */
export async function agentFile(run: string): Promise<Uint8Array> {
  const directory = RunDirectory.open(run)
  const config = completeConfig(directory.config)
  const { id, ...options } = config.environment
  const { name } = config.agent as { readonly name?: string }
  if (name !== undefined && name !== 'ram')
    throw new UserError(`the demo shows agents of the kind ram; ${run} is ${name}`)
  const world = make(id, { ...options, split: 'test' })
  const side = sideOf(world)
  const { tensors, layout, epoch } = loadCheckpoint(run, hasCheckpoint(run, 'best') ? 'best' : 'last')
  const values = tensors.average ?? tensors.parameters!
  let offset = 0
  const named = layout.map(({ name, shape }) => {
    const from = offset
    offset += sizeOf(shape)
    return { name, shape, values: values.subarray(from, offset) }
  })
  const testError = directory.summary()?.testError.greedy
  const { clutter = 0, pieceSide = 8 } = options as { clutter?: number; pieceSide?: number }
  const card: AgentCard = {
    environment: config.environment as unknown as AgentCard['environment'],
    agent: config.agent as unknown as AgentCard['agent'],
    ...{ side, clutter, pieceSide, epoch },
    ...(testError !== undefined && { testError }),
  }
  const bytes = encodeSafetensors({ tensors: named, metadata: { format: 'saccade', agent: JSON.stringify(card) } })
  if (bytes.length > largest)
    throw new UserError(
      `${run}: the agent has ${(bytes.length / 1e6).toFixed(1)} MB; the page takes up to ${largest / 1e6} MB`,
    )
  return bytes
}

/** The side of a world's scenes in pixels. @throws UserError where it is not a world of digits. */
function sideOf(world: Environment): number {
  const [classes] = categoriesOf(world.predictionSpace ?? world.actionSpace.location!)
  if (/^(Translated|Cluttered)?MNIST$/.test(world.id) && classes === 10) {
    world.reset({ items: [0] })
    const picture = world.render?.(0)
    if (picture?.channels === 1) return picture.width
  }
  throw new UserError(`the demo shows agents that name MNIST's digits; this one was trained in ${world.id}`)
}
