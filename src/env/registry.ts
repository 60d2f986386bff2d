// Environments by name: what a world must say of itself to be chosen on the command line, and `make`.

import type { z } from 'zod'
import { type OptionsSchema, parseOptions } from '../core/options.ts'
import { Registry } from '../core/registry.ts'
import type { Environment } from './environment.ts'

/** Which part of the data an environment shows: three parts that share no image. */
export type Split = 'train' | 'validation' | 'test'

/** Where an environment is made, beyond its options. */
export type Setting = {
  readonly split: Split
  /** B where `reset` is not told which items. */
  readonly batchSize: number
}

/** A world that can be chosen by name. */
export type EnvironmentDefinition<Schema extends OptionsSchema = OptionsSchema> = {
  /** Such as `MNIST`. */
  readonly id: string
  /** One sentence for `list`. */
  readonly description: string
  readonly options: Schema
  create(options: z.infer<Schema>, setting: Setting): Environment
  /**
   * The defaults that are best for training in this world, where they differ from the general ones: options by name, its
   * own among them. A config file and flags win over them; `make` knows nothing of them.
   */
  readonly recipe?: Recipe
}

/** Options by group; unknown names are errors when they are used. */
export type Recipe = {
  readonly environment?: Readonly<Record<string, unknown>>
  readonly agent?: Readonly<Record<string, unknown>>
  /** With `name`, the algorithm to take where none is named; its options are for whichever is taken. */
  readonly algorithm?: { readonly name?: string } & Readonly<Record<string, unknown>>
  readonly training?: Readonly<Record<string, unknown>>
}

/** Every registered environment. */
export const environments = new Registry<EnvironmentDefinition>('environment')

/** Make an environment choosable by its id. @throws UserError where the id is taken. */
export function registerEnvironment<Schema extends OptionsSchema>(definition: EnvironmentDefinition<Schema>): void {
  environments.register(definition.id, definition as unknown as EnvironmentDefinition)
}

/**
 * Make a registered environment: `make('MNIST', { split: 'test', batchSize: 32, glimpseSide: 12 })`.
 * @throws UserError on an unknown id or option.
 */
export function make(id: string, options: Partial<Setting> & Readonly<Record<string, unknown>> = {}): Environment {
  const { split = 'train', batchSize = 1, ...rest } = options
  const definition = environments.get(id)
  return definition.create(parseOptions(definition.options, rest, `environment ${id}`), { split, batchSize })
}
