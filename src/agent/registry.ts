// Agents by name: what an agent must say of itself to be chosen on the command line, and what it must know of its world.

import type { z } from 'zod'
import { type OptionsSchema, parseOptions, requireSchema } from '../core/options.ts'
import { Registry } from '../core/registry.ts'
import type { Agent } from './agent.ts'
import type { HeadSpec } from './heads.ts'

/** What an agent must know of its world. */
export type World = {
  /** The shapes of what is observed, by name, per episode: glimpse [S, G, G, C], location [D], and any further box. */
  readonly observation: { readonly glimpse: readonly number[]; readonly location: readonly number[] } & Readonly<
    Record<string, readonly number[]>
  >
  /** What the agent decides and says: the world's actions in their order, then `prediction` where there is one. */
  readonly heads: readonly HeadSpec[]
  /** T: the largest number of steps of an episode. */
  readonly horizon: number
}

/** An architecture that can be chosen by name. */
export type AgentDefinition<Schema extends OptionsSchema = OptionsSchema> = {
  /** Such as `ram`. */
  readonly name: string
  /** One sentence for `list`. */
  readonly description: string
  readonly options: Schema
  create(options: z.infer<Schema>, world: World): Agent
}

/** Every registered agent. */
export const agents = new Registry<AgentDefinition>('agent')

/** Make an agent choosable by its name. @throws UserError where the name is taken, or its options are no schema of zod 4. */
export function registerAgent<Schema extends OptionsSchema>(definition: AgentDefinition<Schema>): void {
  requireSchema(definition.options, `agent ${definition.name}`)
  agents.register(definition.name, definition as unknown as AgentDefinition)
}

/** The agent of a name for a world, with its options checked. @throws UserError on an unknown name or option. */
export function makeAgent(name: string, options: unknown, world: World): Agent {
  const definition = agents.get(name)
  return definition.create(parseOptions(definition.options, options, `agent ${name}`), world)
}
