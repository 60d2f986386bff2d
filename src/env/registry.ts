// Environments by name: what a world must say of itself to be chosen on the command line, and `make`.

import type { z } from 'zod'
import { UserError } from '../core/errors.ts'
import { type OptionsSchema, parseOptions, requireSchema, suggestion } from '../core/options.ts'
import { type Origin, Registry } from '../core/registry.ts'
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
  /** Such as `MNIST`, without a version. */
  readonly id: string
  /**
   * From 1, the default: a new one whenever what is measured in the world would no longer be comparable. `MNIST-v1` names
   * this version, `MNIST` the newest.
   */
  readonly version?: number
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

/** Environments by id, with their versions. */
export class EnvironmentRegistry {
  private readonly versions = new Registry<EnvironmentDefinition>('environment')
  private readonly newest = new Map<string, number>()

  /** @throws UserError where the id is empty, already names a version, or this version is taken. */
  register(definition: EnvironmentDefinition): void {
    const { id, version = 1 } = definition
    if (/-v\d+$/.test(id) || !Number.isInteger(version) || version < 1)
      throw new UserError(
        `environment "${id}", version ${version}: an id has no version in it, and a version is an integer from 1 on`,
      )
    this.versions.register(id && `${id}-v${version}`, definition)
    this.newest.set(id, Math.max(version, this.newest.get(id) ?? 0))
  }

  /** The id with its version: `MNIST` as `MNIST-v1`. @throws UserError on an unknown id or version, naming the nearest known. */
  fullId(id: string): string {
    if (this.versions.has(id)) return id
    const bare = bareId(id)
    const newest = this.newest.get(id)
    if (newest !== undefined) return `${id}-v${newest}`
    if (!this.newest.has(bare)) throw new UserError(`unknown environment "${id}"${suggestion(bare, this.names())}`)
    const known = this.versions.names().filter((name) => bareId(name) === bare)
    throw new UserError(`environment "${id}": there is no such version; known: ${known.join(', ')}`)
  }

  /** By id, with or without a version. @throws UserError on an unknown one. */
  get(id: string): EnvironmentDefinition {
    return this.versions.get(this.fullId(id))
  }

  /** Where an id was registered. @throws UserError on an unknown one. */
  originOf(id: string): Origin {
    return this.versions.originOf(this.fullId(id))
  }

  /** Ids without versions, in the order of registration. */
  names(): string[] {
    return [...this.newest.keys()]
  }
}

/** An id without its version. */
export const bareId = (id: string): string => id.replace(/-v\d+$/, '')

/** Every registered environment. */
export const environments = new EnvironmentRegistry()

/** Make an environment choosable by its id. @throws UserError where the id is taken, or its options are no schema of zod 4. */
export function registerEnvironment<Schema extends OptionsSchema>(definition: EnvironmentDefinition<Schema>): void {
  requireSchema(definition.options, `environment ${definition.id}`)
  environments.register(definition as unknown as EnvironmentDefinition)
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
