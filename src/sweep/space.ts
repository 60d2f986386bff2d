// The space of a sweep: which options vary, over what, and under which conditions. A point of it is a value for every
// option that is active there.
//
//     algorithm.std: { logUniform: [0.02, 0.5] }
//     fall: { choice: [constant, falling] }                        # a name without a dot is the sweep's own
//     algorithm.finalStd:
//       - { sameAs: algorithm.std, when: { fall: constant } }
//       - { logUniform: [0.005, 0.1], when: { fall: falling } }

import type { z } from 'zod'
import { UserError } from '../core/errors.ts'
import { suggestion } from '../core/options.ts'

export type Value = number | string | boolean

/** Several shapes of options as one. */
export type Merged<Shapes> = (Shapes extends unknown ? (shape: Shapes) => void : never) extends (
  shape: infer Shape extends z.ZodRawShape,
) => void
  ? Shape
  : never

/** What a shape of options parses to. */
export type OptionsOf<Shape extends z.ZodRawShape> = { readonly [Name in keyof Shape]: z.infer<Shape[Name]> }

/** Values by name: of options, as `training.learningRate`, and of the sweep's own names. */
export type Point = Readonly<Record<string, Value>>

/** What a value may be. */
export type Domain =
  | { readonly kind: 'real' | 'integer'; readonly low: number; readonly high: number; readonly log: boolean }
  | { readonly kind: 'choice'; readonly values: readonly Value[] }
  | { readonly kind: 'same'; readonly as: string }

/** One way in which one name gets its value. */
export type Dimension = {
  /** The name, and for a further alternative of the same name its number: `algorithm.finalStd/2`. */
  readonly key: string
  readonly name: string
  readonly domain: Domain
  /** Active where each of these names has one of these values. */
  readonly when: Readonly<Record<string, readonly Value[]>>
  /** How many values a grid takes, where the domain has more. */
  readonly steps: number | undefined
}

/** In order: a condition looks back only. */
export type Space = readonly Dimension[]

const kinds = ['uniform', 'logUniform', 'integer', 'logInteger', 'choice', 'sameAs'] as const

/**
 * Read a space as it stands in a sweep file.
 * @throws UserError naming the entry that is wrong.
 */
export function parseSpace(raw: unknown): Space {
  if (!isRecord(raw) || Object.keys(raw).length === 0)
    throw new UserError(`space: expected options and what they vary over, found ${JSON.stringify(raw)}`)
  const space: Dimension[] = []
  for (const [name, entry] of Object.entries(raw)) {
    const alternatives = Array.isArray(entry) ? entry : [entry]
    if (alternatives.length === 0) throw new UserError(`space: ${name}: an empty list of alternatives`)
    const earlier = [...space]
    alternatives.forEach((alternative: unknown, i) => {
      space.push(parseDimension(name, i === 0 ? name : `${name}/${i + 1}`, alternative, earlier))
    })
  }
  return space
}

function parseDimension(name: string, key: string, raw: unknown, earlier: Space): Dimension {
  const fail = (what: string): never => {
    throw new UserError(`space: ${key}: ${what}`)
  }
  if (!isRecord(raw)) return fail(`expected one of ${kinds.join(', ')}, found ${JSON.stringify(raw)}`)
  const { when = {}, steps, ...rest } = raw
  const [kind, ...more] = Object.keys(rest)
  if (kind === undefined) return fail(`expected one of ${kinds.join(', ')}`)
  if (!kinds.includes(kind as never))
    return fail(`unknown kind "${kind}"${suggestion(kind, [...kinds, 'when', 'steps'])}`)
  if (more.length > 0) return fail(`"${kind}" and "${more[0]}" at once; give a list where there are alternatives`)
  if (steps !== undefined && !(Number.isInteger(steps) && (steps as number) >= 1))
    return fail(`steps: ${JSON.stringify(steps)} given; expected a whole number from 1`)
  const domain = parseDomain(kind as (typeof kinds)[number], rest[kind], earlier, fail)
  return { key, name, domain, when: parseCondition(when, earlier, fail), steps: steps as number | undefined }
}

function parseDomain(
  kind: (typeof kinds)[number],
  raw: unknown,
  earlier: Space,
  fail: (what: string) => never,
): Domain {
  if (kind === 'sameAs') {
    const names = earlier.map(({ name }) => name)
    if (typeof raw !== 'string' || !names.includes(raw))
      return fail(
        `sameAs: ${JSON.stringify(raw)} given; expected a name that stands above${suggestion(String(raw), names)}`,
      )
    return { kind: 'same', as: raw }
  }
  if (kind === 'choice') {
    if (!Array.isArray(raw) || raw.length === 0 || !raw.every(isValue))
      return fail(`choice: ${JSON.stringify(raw)} given; expected a list of numbers, words or booleans`)
    if (new Set(raw).size < raw.length) return fail(`choice: ${JSON.stringify(raw)} names a value twice`)
    return { kind: 'choice', values: raw }
  }
  const [low, high] = Array.isArray(raw) ? raw : []
  const log = kind === 'logUniform' || kind === 'logInteger'
  const whole = kind === 'integer' || kind === 'logInteger'
  if (
    !Array.isArray(raw) ||
    raw.length !== 2 ||
    !raw.every(whole ? Number.isInteger : Number.isFinite) ||
    !(low < high)
  )
    return fail(`${kind}: ${JSON.stringify(raw)} given; expected [low, high]${whole ? ', whole numbers' : ''}`)
  if (log && !(low > 0)) return fail(`${kind}: ${JSON.stringify(raw)} given; a logarithm needs low > 0`)
  return { kind: whole ? 'integer' : 'real', low, high, log }
}

function parseCondition(raw: unknown, earlier: Space, fail: (what: string) => never): Dimension['when'] {
  if (!isRecord(raw)) return fail(`when: expected names and values, found ${JSON.stringify(raw)}`)
  return Object.fromEntries(
    Object.entries(raw).map(([name, wanted]) => {
      const deciding = earlier.filter((dimension) => dimension.name === name)
      if (deciding.length === 0)
        return fail(
          `when: ${name} does not stand above${suggestion(name, [...new Set(earlier.map((each) => each.name))])}`,
        )
      const values: unknown[] = Array.isArray(wanted) ? wanted : [wanted]
      const possible = deciding.flatMap(({ domain }) => (domain.kind === 'choice' ? domain.values : []))
      const stray = values.find((value) => !possible.includes(value as Value))
      if (possible.length === 0) return fail(`when: ${name} is no choice`)
      if (stray !== undefined || values.length === 0)
        return fail(`when: ${name} is never ${JSON.stringify(stray)}${suggestion(String(stray), possible.map(String))}`)
      return [name, values as Value[]]
    }),
  )
}

/** Whether a dimension has a say at a point whose earlier names are set. Of a name's alternatives the first has it. */
export const isActive = ({ name, when }: Dimension, point: Point): boolean =>
  !Object.hasOwn(point, name) &&
  Object.entries(when).every(([other, values]) => Object.hasOwn(point, other) && values.includes(point[other]!))

/** A dimension whose value is somebody's choice. */
export type FreeDimension = Dimension & { readonly domain: Exclude<Domain, { kind: 'same' }> }

/** The dimensions that a sampler chooses for. */
export const freeDimensions = (space: Space): FreeDimension[] =>
  space.filter((dimension): dimension is FreeDimension => dimension.domain.kind !== 'same')

/** A point, its free values chosen one after the other; `choose` sees what is set already. */
export function buildPoint(space: Space, choose: (dimension: FreeDimension, point: Point) => Value): Point {
  const point: Record<string, Value> = {}
  for (const dimension of space) {
    if (!isActive(dimension, point)) continue
    if (dimension.domain.kind !== 'same') point[dimension.name] = choose(dimension as FreeDimension, point)
    else if (Object.hasOwn(point, dimension.domain.as)) point[dimension.name] = point[dimension.domain.as]!
  }
  return point
}

/** The dimensions that gave a point its values. */
export function activeDimensions(space: Space, point: Point): Dimension[] {
  const before: Record<string, Value> = {}
  return space.filter((dimension) => {
    const active = isActive(dimension, before) && Object.hasOwn(point, dimension.name)
    if (active) before[dimension.name] = point[dimension.name]!
    return active
  })
}

/** The value at `u` in [0, 1) of a domain, so that a uniform u gives the distribution that the domain names. */
export function fromUnit(domain: FreeDimension['domain'], u: number): Value {
  if (domain.kind === 'choice')
    return domain.values[Math.min(domain.values.length - 1, Math.floor(u * domain.values.length))]!
  const { low, high } = scaleOf(domain)
  return fromScale(domain, low + u * (high - low))
}

/** The stretch of the real line on which a number's domain is uniform: its logarithm, and half a step around integers. */
export function scaleOf(domain: NumberDomain): { low: number; high: number } {
  const half = domain.kind === 'integer' ? 0.5 : 0
  const ends = [domain.low - half, domain.high + half].map((end) => (domain.log ? Math.log(end) : end))
  return { low: ends[0]!, high: ends[1]! }
}

export type NumberDomain = Extract<Domain, { readonly low: number }>

/** Where a value lies on its domain's scale. */
export const toScale = (domain: NumberDomain, value: number): number => (domain.log ? Math.log(value) : value)

/** The value at a place on its domain's scale, within the bounds; four significant digits are enough of a number. */
export function fromScale(domain: NumberDomain, place: number): number {
  const value = domain.log ? Math.exp(place) : place
  const rounded = domain.kind === 'integer' ? Math.round(value) : Number(value.toPrecision(4))
  return Math.min(domain.high, Math.max(domain.low, rounded))
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isValue = (value: unknown): value is Value =>
  typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
