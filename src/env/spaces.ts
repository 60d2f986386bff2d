// What an observation, an action or a prediction may be: Box (arrays of real numbers), Discrete (one of n) and MultiDiscrete
// (one of n for each of several), after Gymnasium. A space describes one episode; an environment that steps B episodes at
// once prepends the axis B. Spaces are told apart by `kind`, never by class: two copies of this package may meet in one process.

import type { Rng } from '../core/rng.ts'

/** Real arrays of a shape, each value in [low, high]. */
export class Box {
  readonly kind = 'box'
  readonly low: number
  readonly high: number
  readonly shape: readonly number[]

  /** @throws RangeError unless low <= high and the shape holds positive integers. */
  constructor(low: number, high: number, shape: readonly number[]) {
    if (!(low <= high)) throw new RangeError(`Box: low ${low} must not exceed high ${high}`)
    if (!shape.every((side) => Number.isInteger(side) && side > 0))
      throw new RangeError(`Box: shape [${shape}] must hold positive integers`)
    this.low = low
    this.high = high
    this.shape = shape
  }

  /** How many numbers one value has. */
  get size(): number {
    return this.shape.reduce((product, side) => product * side, 1)
  }

  /** `batch` uniform values, float32 [batch, ...shape]. */
  sample(rng: Rng, batch = 1): Float32Array {
    return Float32Array.from({ length: batch * this.size }, () => rng.uniform(this.low, this.high))
  }

  /** Whether the array is a batch of values of this space: right length, nothing out of range, nothing NaN. */
  contains(values: ArrayLike<number>, batch = 1): boolean {
    if (values.length !== batch * this.size) return false
    for (let i = 0; i < values.length; i++) if (!(values[i]! >= this.low && values[i]! <= this.high)) return false
    return true
  }
}

/** One of the integers 0 ... n - 1. */
export class Discrete {
  readonly kind = 'discrete'
  readonly n: number
  readonly shape: readonly number[] = []

  /** @throws RangeError unless n is a positive integer. */
  constructor(n: number) {
    if (!(Number.isInteger(n) && n > 0)) throw new RangeError(`Discrete: n ${n} must be a positive integer`)
    this.n = n
  }

  /** How many numbers one value has: 1. */
  get size(): number {
    return 1
  }

  /** `batch` uniform values, int32 [batch]. */
  sample(rng: Rng, batch = 1): Int32Array {
    return Int32Array.from({ length: batch }, () => rng.integer(this.n))
  }

  /** Whether the array is a batch of values of this space. */
  contains(values: ArrayLike<number>, batch = 1): boolean {
    return containsIntegers(values, [this.n], batch)
  }
}

/** For each of several places i, one of the integers 0 ... ns[i] - 1. */
export class MultiDiscrete {
  readonly kind = 'multi-discrete'
  readonly ns: readonly number[]
  readonly shape: readonly number[]

  /** @throws RangeError unless ns holds at least one positive integer, and nothing else. */
  constructor(ns: readonly number[]) {
    if (ns.length === 0 || !ns.every((n) => Number.isInteger(n) && n > 0))
      throw new RangeError(`MultiDiscrete: ns [${ns}] must hold positive integers, at least one`)
    this.ns = [...ns]
    this.shape = [ns.length]
  }

  /** How many numbers one value has. */
  get size(): number {
    return this.ns.length
  }

  /** `batch` uniform values, int32 [batch, ns.length]. */
  sample(rng: Rng, batch = 1): Int32Array {
    const { ns } = this
    return Int32Array.from({ length: batch * ns.length }, (_, i) => rng.integer(ns[i % ns.length]!))
  }

  /** Whether the array is a batch of values of this space. */
  contains(values: ArrayLike<number>, batch = 1): boolean {
    return containsIntegers(values, this.ns, batch)
  }
}

/** Any kind of space. */
export type Space = Box | Discrete | MultiDiscrete

/** Values of a space, a batch of them: float32 for a Box, int32 for the others. */
export type SpaceValues = Float32Array | Int32Array

/** Room for `batch` values of a space, zeros. */
export const emptyValues = (space: Space, batch: number): SpaceValues =>
  space.kind === 'box' ? new Float32Array(batch * space.size) : new Int32Array(batch * space.size)

/** The numbers of categories of a discrete space, one for each of its places; empty for a Box. */
export const categoriesOf = (space: Space): readonly number[] =>
  space.kind === 'discrete' ? [space.n] : space.kind === 'multi-discrete' ? space.ns : []

/** The error in percent of a blind guess at places of so many categories each, were all of them equally frequent. */
export const chanceError = (...categories: readonly number[]): number =>
  100 * (1 - categories.reduce((share, n) => share / n, 1))

/** A space in words, for messages: `Box [2] in [-1, 1]`. */
export function describeSpace(space: Space): string {
  if (space.kind === 'box') return `Box [${space.shape.join(', ')}] in [${space.low}, ${space.high}]`
  return space.kind === 'discrete' ? `Discrete(${space.n})` : `MultiDiscrete([${space.ns.join(', ')}])`
}

function containsIntegers(values: ArrayLike<number>, ns: readonly number[], batch: number): boolean {
  if (values.length !== batch * ns.length) return false
  for (let i = 0; i < values.length; i++)
    if (!(Number.isInteger(values[i]!) && values[i]! >= 0 && values[i]! < ns[i % ns.length]!)) return false
  return true
}
