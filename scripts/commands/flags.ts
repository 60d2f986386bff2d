// Command-line flags out of the schemas of options: `glimpseSide` is --glimpse-side, a boolean also takes --no-...; --help
// groups them by owner, each with its default, bounds and unit.

import { type Command, InvalidArgumentError, Option } from 'commander'
import { UserError } from '../../src/core/errors.ts'
import { describeOptions, type OptionDescription, type OptionsSchema } from '../../src/core/options.ts'
import type { PartialConfig } from '../../src/runs/config.ts'

/** The part of a configuration that an option belongs to. */
export type GroupName = 'environment' | 'agent' | 'algorithm' | 'training'

/** The options of one owner. */
export type Group = {
  readonly name: GroupName
  /** Heading in --help. */
  readonly title: string
  readonly options: OptionsSchema
  /** Defaults that win over the schema's: of the environment's recipe, of a config file. */
  readonly defaults: Readonly<Record<string, unknown>>
}

/** `glimpseSide` as `glimpse-side`. */
export const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** Every flag of the groups by its name without dashes, with the group that owns it. @throws UserError where two owners claim one name. */
export function flagOwners(groups: readonly Group[], taken: readonly string[] = []): Map<string, Group | undefined> {
  const owners = new Map<string, Group | undefined>(taken.map((name) => [name, undefined]))
  for (const group of groups)
    for (const { name, type } of describeOptions(group.options))
      for (const flag of type === 'boolean' ? [kebab(name), `no-${kebab(name)}`] : [kebab(name)]) {
        if (owners.has(flag))
          throw new UserError(
            `the flag --${flag} is claimed by ${owners.get(flag)?.title ?? 'the command itself'} and by ${group.title}; rename the option in one of them`,
          )
        owners.set(flag, group)
      }
  return owners
}

/** Give a command the flags of the groups. */
export function addFlags(command: Command, groups: readonly Group[]): void {
  const taken = command.options.flatMap(({ long }) => (long ? [long.slice(2)] : []))
  flagOwners(groups, [...taken, 'help', 'version'])
  for (const { title, options, defaults } of groups)
    for (const description of describeOptions(options))
      for (const option of optionsOf(description, defaults[description.name]))
        command.addOption(option.helpGroup(`${title}:`))
}

/** What was given of the groups' options, by group. */
export function givenOptions(command: Command, groups: readonly Group[]): PartialConfig {
  const values = command.opts() as Record<string, unknown>
  return Object.fromEntries(
    groups.map(({ name, options }) => [
      name,
      Object.fromEntries(Object.keys(options.shape).flatMap((key) => (key in values ? [[key, values[key]]] : []))),
    ]),
  )
}

function optionsOf(description: OptionDescription, preferred: unknown): Option[] {
  const { name, type, choices } = description
  const flag = `--${kebab(name)}`
  const words = inWords({ ...description, default: preferred ?? description.default })
  if (type === 'boolean') {
    const positive = new Option(flag, words)
    // --help shows the pair as one
    return [positive, new Option(`--no-${kebab(name)}`).hideHelp()]
  }
  const option = new Option(`${flag} <${choices ? 'name' : type === 'string' ? 'text' : type}>`, words)
  const parser: (value: string) => unknown = choices
    ? oneOf(choices)
    : type === 'string'
      ? text
      : type === 'integer'
        ? integer
        : number
  return [option.argParser(parser)]
}

/** `what it is (default 128; 1 to 4096)`. */
export function inWords({ description, default: initial, choices, minimum, maximum }: OptionDescription): string {
  const bounds =
    minimum !== undefined && maximum !== undefined
      ? `${minimum} to ${maximum}`
      : minimum !== undefined
        ? `at least ${minimum}`
        : maximum !== undefined
          ? `at most ${maximum}`
          : undefined
  const shown = initial === undefined || initial === '' ? undefined : `default ${initial}`
  const notes = [shown, choices && `one of ${choices.join(', ')}`, bounds].filter((note) => note !== undefined)
  return notes.length > 0 ? `${description} (${notes.join('; ')})` : description
}

/** How --help shows a flag: `--[no-]tanh-mean`. */
export function termOf(option: Option, command: Command): string {
  const paired = command.options.some(({ long }) => long === `--no-${option.long?.slice(2)}`)
  return paired ? `--[no-]${option.long?.slice(2)}` : option.flags
}

/** The parsers of values: what commander says around their complaint names the flag and the value. */
export function text(value: string): string {
  if (value.startsWith('--')) throw new InvalidArgumentError('A value is missing before it.')
  return value
}

/** A parser of a flag that may be given several times. */
export const collect = (value: string, before: string[] = []): string[] => [...before, text(value)]

/** A parser of one of a few words. */
export const oneOf =
  (choices: readonly string[]) =>
  (value: string): string => {
    if (!choices.includes(value)) throw new InvalidArgumentError(`Allowed: ${choices.join(', ')}.`)
    return value
  }

export function number(value: string): number {
  const parsed = Number(value)
  if (value.trim() === '' || !Number.isFinite(parsed)) throw new InvalidArgumentError('It is not a number.')
  return parsed
}

export function integer(value: string): number {
  const parsed = number(value)
  if (!Number.isInteger(parsed)) throw new InvalidArgumentError('It is not a whole number.')
  return parsed
}

/** A parser of whole numbers from `minimum` on. */
export const atLeast =
  (minimum: number) =>
  (value: string): number => {
    const parsed = integer(value)
    if (parsed < minimum) throw new InvalidArgumentError(`It must be at least ${minimum}.`)
    return parsed
  }
