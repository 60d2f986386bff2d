// Options, described once: a zod schema gives the type, the default, the bounds, the words for --help and for `list`,
// and the one-line error. Every schema here is a strict object of scalars with defaults.

import { z } from 'zod'
import { UserError } from './errors.ts'

/** A schema of options: flat, strict, every key described. */
export type OptionsSchema = z.ZodObject

/** One option in words, for --help and `list`. */
export type OptionDescription = {
  /** camelCase. */
  readonly name: string
  readonly type: 'number' | 'integer' | 'string' | 'boolean'
  readonly description: string
  readonly default?: unknown
  readonly choices?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
}

/**
 * Refuse what is no object schema of zod 4, such as a plug-in's own zod 3 would make; any copy of zod 4 will do.
 * @throws UserError naming the owner, what was found and what to do.
 */
export function requireSchema(schema: unknown, owner: string): void {
  type Inside = { readonly def?: { readonly type?: string }; readonly version?: { readonly major?: number } }
  const { _zod: inside, _def: older } = (schema ?? {}) as { _zod?: Inside; _def?: unknown }
  const { major = 4 } = inside?.version ?? {}
  if (inside?.def?.type === 'object' && major === 4) return
  const found = inside
    ? `zod ${major}'s ${inside.def?.type}`
    : older
      ? 'a schema of zod 3'
      : `no schema (${typeof schema})`
  throw new UserError(
    `${owner}: options are ${found}; they must be an object schema of zod 4: import { z } from 'saccade' and write z.strictObject({ ... })`,
  )
}

/** Parse given options; unset ones take their defaults. @throws UserError naming every offending option, what was given and what is allowed. */
export function parseOptions<Schema extends OptionsSchema>(
  schema: Schema,
  given: unknown,
  owner: string,
): z.infer<Schema> {
  requireSchema(schema, owner)
  const result = schema.safeParse(given ?? {})
  if (result.success) return result.data
  const known = Object.keys(schema.shape)
  const complaints = result.error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys')
      return inBrief(
        issue.keys.map((key) => () => `unknown option ${quote(key.slice(0, 80))}${suggestion(key, known)}`),
      )
    const name = issue.path.join('.')
    const value = (given as Record<string, unknown>)?.[String(issue.path[0])]
    return `${name || 'options'}: ${JSON.stringify(name ? value : given)} given; ${issue.message.replace(/^Invalid (input|option): /, '')}`
  })
  throw new UserError(`${owner}: ${complaints.join('; ')}`)
}

/** The first few of many complaints. */
function inBrief(complaints: readonly (() => string)[], most = 3): string {
  const shown = complaints.slice(0, most).map((complaint) => complaint())
  if (complaints.length > most) shown.push(`${complaints.length - most} more`)
  return shown.join('; ')
}

/** The options of a schema in words, in the order of the schema. @throws UserError where it is no object schema of zod 4. */
export function describeOptions(schema: OptionsSchema): OptionDescription[] {
  requireSchema(schema, 'options')
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' }) as { properties?: Record<string, JsonProperty> }
  return Object.entries(properties).map(([name, property]) => {
    const { type, description = '', default: initial, enum: choices, minimum, maximum } = flatten(property)
    return {
      name,
      type: (type ?? 'string') as OptionDescription['type'],
      description,
      ...(initial !== undefined && { default: initial }),
      ...(choices && { choices: choices.map(String) }),
      // zod bounds every integer by the safe range; only bounds that somebody chose are worth a word
      ...(minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER && { minimum }),
      ...(maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER && { maximum }),
    }
  })
}

type JsonProperty = {
  type?: string
  description?: string
  default?: unknown
  enum?: unknown[]
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  anyOf?: JsonProperty[]
}

/** An optional or bounded property, with what its alternatives say brought up. */
function flatten(property: JsonProperty): JsonProperty {
  const inner = property.anyOf?.find(({ type }) => type !== 'null') ?? {}
  const merged = { ...inner, ...property }
  return {
    ...merged,
    minimum: merged.minimum ?? merged.exclusiveMinimum,
    maximum: merged.maximum ?? merged.exclusiveMaximum,
  }
}

/** `; did you mean "x"?` where a known name is near, else `; known: ...`. */
export function suggestion(given: string, known: readonly string[]): string {
  const near = nearest(given, known)
  return near ? `; did you mean ${quote(near)}?` : `; known: ${[...known].sort().join(', ')}`
}

/** The known name within a third of its length in edits, or undefined. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const most = (name: string): number => Math.max(1, Math.floor(name.length / 3))
  const ranked = known
    // so many letters more or fewer are as many edits
    .filter((name) => Math.abs(name.length - given.length) <= most(name))
    .map((name) => ({ name, distance: editDistance(given.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best && best.distance <= most(best.name) ? best.name : undefined
}

/** How many insertions, deletions, substitutions and swaps of neighbours lead from a to b (Damerau, Levenshtein). */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) next[j] = Math.min(next[j]!, (before[j - 2] ?? i) + 1)
    }
    before = row
    row = next
  }
  return row[b.length]!
}

const quote = (text: string): string => `"${text}"`
