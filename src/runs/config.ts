// A run's whole configuration: everything needed to repeat it, as it is written to config.json.

import { z } from 'zod'
import { agents } from '../agent/registry.ts'
import { algorithms } from '../algorithms/registry.ts'
import { UserError } from '../core/errors.ts'
import { type OptionsSchema, parseOptions, suggestion } from '../core/options.ts'
import { environments } from '../env/registry.ts'
import { type TrainingOptions, trainingOptions } from './training-options.ts'

type Options = Readonly<Record<string, unknown>>

const fromOptions = z.strictObject({
  agent: z.string().min(1).describe('a run directory, an agent file, or zoo:NAME'),
  parameters: z.string().optional().describe('what tells its parameters from others: 16 digits of their SHA-256'),
})

/** A trained agent whose parameters a run starts from. */
export type From = {
  /** A run directory, an agent file, or `zoo:NAME`. */
  readonly agent: string
  /** What tells its parameters from others: 16 digits of their SHA-256. */
  readonly parameters?: string | undefined
}

/** Every option of a run, complete: nothing is left to defaults that may change. */
export type RunConfig = {
  readonly environment: { readonly id: string } & Options
  readonly agent: { readonly name: string } & Options
  readonly algorithm: { readonly name: string } & Options
  readonly training: TrainingOptions
  /** Of the data and of their parts, where the world has data: a run goes on, and is evaluated, on the same alone. */
  readonly data?: string
  /** Where the run did not start from fresh parameters. */
  readonly from?: From
  /** Modules that register what is not built in, as absolute paths or package names. */
  readonly imports: readonly string[]
}

/** What a person gave: any part of a configuration. */
export type PartialConfig = {
  readonly environment?: { readonly id?: string } & Options
  readonly agent?: { readonly name?: string } & Options
  readonly algorithm?: { readonly name?: string } & Options
  readonly training?: Options
  readonly data?: string
  readonly from?: From
  readonly imports?: readonly string[]
}

const groups = ['environment', 'agent', 'algorithm', 'training', 'data', 'from', 'imports']

/**
 * Complete a configuration: what was given, over the environment's recipe, over the algorithm's, over the general defaults.
 * @throws UserError naming each unknown or ill-typed option.
 */
export function completeConfig(given: PartialConfig): RunConfig {
  for (const key of Object.keys(given))
    if (!groups.includes(key)) throw new UserError(`configuration: unknown group "${key}"${suggestion(key, groups)}`)
  const { id: asked = 'MNIST', ...environment } = given.environment ?? {}
  const id = environments.fullId(asked)
  const { name = usualAlgorithm(id), ...algorithm } = given.algorithm ?? {}
  const { name: kind = 'ram', ...agent } = given.agent ?? {}
  const world = environments.get(id)
  const rule = algorithms.get(name)
  const mind = agents.get(kind)
  const recipe = world.recipe ?? {}
  return {
    environment: { id, ...parseOptions(world.options, { ...recipe.environment, ...environment }, `environment ${id}`) },
    agent: { name: kind, ...parseOptions(mind.options, { ...known(recipe.agent, mind), ...agent }, `agent ${kind}`) },
    algorithm: {
      name,
      ...parseOptions(rule.options, { ...known(recipe.algorithm, rule), ...algorithm }, `algorithm ${name}`),
    },
    training: parseOptions(
      trainingOptions,
      { ...rule.recipe?.training, ...recipe.training, ...given.training },
      'training',
    ),
    ...(given.data !== undefined && { data: given.data }),
    ...(given.from !== undefined && { from: parseOptions(fromOptions, given.from, 'from') }),
    imports: given.imports ?? [],
  }
}

/** What a world is learned with where nobody says otherwise. @throws UserError on an unknown environment. */
export const usualAlgorithm = (id: string): string => environments.get(id).recipe?.algorithm?.name ?? 'reinforce'

/** A recipe names options of several agents and algorithms; the chosen one takes those that it knows. */
function known(recipe: Options = {}, { options }: { options: OptionsSchema }): Options {
  return Object.fromEntries(Object.entries(recipe).filter(([key]) => key in options.shape))
}
