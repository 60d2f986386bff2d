// Algorithms by name: what an algorithm must say of itself to be chosen on the command line.

import type { z } from 'zod'
import { type OptionsSchema, parseOptions, requireSchema } from '../core/options.ts'
import { Registry } from '../core/registry.ts'
import type { Algorithm } from './algorithm.ts'

/** An algorithm that can be chosen by name. */
export type AlgorithmDefinition<Schema extends OptionsSchema = OptionsSchema> = {
  /** Such as `reinforce`. */
  readonly name: string
  /** One sentence for `list`. */
  readonly description: string
  readonly options: Schema
  /** Defaults of the training that this algorithm needs; the environment's, a config file and flags win over them. */
  readonly recipe?: { readonly training?: Readonly<Record<string, unknown>> }
  create(options: z.infer<Schema>): Algorithm
}

/** Every registered algorithm. */
export const algorithms = new Registry<AlgorithmDefinition>('algorithm')

/** Make an algorithm choosable by its name. @throws UserError where the name is taken, or its options are no schema of zod 4. */
export function registerAlgorithm<Schema extends OptionsSchema>(definition: AlgorithmDefinition<Schema>): void {
  requireSchema(definition.options, `algorithm ${definition.name}`)
  algorithms.register(definition.name, definition as unknown as AlgorithmDefinition)
}

/** The algorithm of a name, with its options checked. @throws UserError on an unknown name or option. */
export function makeAlgorithm(name: string, options: unknown = {}): Algorithm {
  const definition = algorithms.get(name)
  return definition.create(parseOptions(definition.options, options, `algorithm ${name}`))
}
