// Agents by name: what a mind must say of itself to be chosen on the command line.

import type { z } from 'zod'
import { type OptionsSchema, parseOptions } from '../core/options.ts'
import { Registry } from '../core/registry.ts'
import type { Agent } from './agent.ts'

/** What an agent must know of its world. */
export type World = {
  /** [S, G, G, C]. */
  readonly glimpseShape: readonly number[]
  /** K. */
  readonly choiceCount: number
  /** Whether the agent may end an episode. */
  readonly stop: boolean
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

/** Make an agent choosable by its name. @throws UserError where the name is taken. */
export function registerAgent<Schema extends OptionsSchema>(definition: AgentDefinition<Schema>): void {
  agents.register(definition.name, definition as unknown as AgentDefinition)
}

/** The agent of a name for a world, with its options checked. @throws UserError on an unknown name or option. */
export function makeAgent(name: string, options: unknown, world: World): Agent {
  const definition = agents.get(name)
  return definition.create(parseOptions(definition.options, options, `agent ${name}`), world)
}
