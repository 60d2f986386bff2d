// What a configuration comes to: world, agent and algorithm that go together, and the vectors that training starts from.

import type { HeadKindName, HeadSpec } from '../agent/heads.ts'
import { makeAgent, type World } from '../agent/registry.ts'
import type { Algorithm } from '../algorithms/algorithm.ts'
import { createOptimiser } from '../algorithms/optimisers.ts'
import { makeAlgorithm } from '../algorithms/registry.ts'
import { UserError } from '../core/errors.ts'
import type { Environment } from '../env/environment.ts'
import { make } from '../env/registry.ts'
import type { Space } from '../env/spaces.ts'
import type { RunConfig } from '../runs/config.ts'
import type { Plan } from './programs.ts'

/** The agent, world and algorithm of a configuration. @throws UserError where they do not go together. */
export function createPlan(config: RunConfig): Plan {
  const { id, ...options } = config.environment
  const { name, ...chosen } = config.algorithm
  const environment = make(id, { ...options, split: 'train', batchSize: 1 })
  const { fingerprint } = config.data === undefined ? {} : environment
  if (fingerprint !== undefined && fingerprint !== config.data)
    throw new UserError(
      `environment ${id}: its data are not those of this run (fingerprint ${config.data}, now ${fingerprint}): images were added, taken away, changed or split otherwise; bring them back, or train anew`,
    )
  const algorithm = makeAlgorithm(name, chosen)
  const { rollouts } = config.training
  if (rollouts < (algorithm.minimumRollouts ?? 1))
    throw new UserError(
      `algorithm ${name}: rollouts ${rollouts} given; it compares at least ${algorithm.minimumRollouts} rollouts of an item: add --rollouts ${algorithm.minimumRollouts}`,
    )
  const { name: kind, ...architecture } = config.agent
  const world = worldOf(environment, algorithm)
  const agent = makeAgent(kind, architecture, world)
  const { info } = environment.reset({ seed: 0, items: [0] })
  const hasTargets = info.target !== undefined
  const supervised = algorithm.supervision !== 'none' && hasTargets
  const spec = { heads: world.heads, supervised, truncates: environment.truncates === true }
  return { agent, environment, algorithm, spec, hasTargets, rollouts }
}

/** What an agent must know of an environment. */
export function worldOf(
  { observationSpace, actionSpace, predictionSpace, horizon }: Environment,
  { coordinates, spread }: Pick<Algorithm, 'coordinates' | 'spread'> = {},
): World {
  const shapes = Object.entries(observationSpace).map(([name, { shape }]) => [name, shape])
  const actions = Object.entries(actionSpace).map(([name, space]) =>
    headSpec(name, space!, spread === 'learned' && 'scaled-gaussian'),
  )
  const predictions = predictionSpace
    ? [headSpec('prediction', predictionSpace, coordinates === 'gaussian' && 'learned-gaussian')]
    : []
  return {
    observation: Object.fromEntries(shapes) as World['observation'],
    heads: [...actions, ...predictions],
    horizon,
  }
}

/** A head; where it is of a Box, of this kind, if any is given. */
const headSpec = (name: string, space: Space, ofBox: HeadKindName | false): HeadSpec => ({
  ...{ name, space },
  ...(space.kind === 'box' && ofBox && { kind: ofBox }),
})

/** The vectors that a training starts from, by name: with these parameters, or fresh ones. */
export function firstVectors(
  { training }: RunConfig,
  { agent }: Plan,
  parameters = agent.init(training.seed),
): Record<string, Float32Array> {
  const zeros = createOptimiser(training).moments.map((name) => [name, new Float32Array(parameters.length)])
  return {
    parameters,
    ...Object.fromEntries(zeros),
    ...(training.averaging > 0 && { average: parameters.slice() }),
  }
}

/** How many iterations and items an epoch of this configuration has in this world. */
export function epochSize(config: RunConfig, itemCount: number): { items: number; iterations: number } {
  const { epochItems, batchSize } = config.training
  const items = Math.min(itemCount, epochItems ?? (Number.isFinite(itemCount) ? itemCount : 10_000))
  return { items, iterations: Math.ceil(items / batchSize) }
}
