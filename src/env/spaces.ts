// What an observation or an action may be: Box (arrays of real numbers) and Discrete (one of n), after Gymnasium.
// A space describes one episode; an environment that steps B episodes at once prepends the axis B.

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

/** One of the integers 0 ... count - 1. */
export class Discrete {
  readonly kind = 'discrete'
  readonly count: number

  /** @throws RangeError unless count is a positive integer. */
  constructor(count: number) {
    if (!(Number.isInteger(count) && count > 0))
      throw new RangeError(`Discrete: count ${count} must be a positive integer`)
    this.count = count
  }

  /** `batch` uniform choices, int32 [batch]. */
  sample(rng: Rng, batch = 1): Int32Array {
    return Int32Array.from({ length: batch }, () => rng.integer(this.count))
  }

  /** Whether the array is a batch of choices of this space. */
  contains(values: ArrayLike<number>, batch = 1): boolean {
    if (values.length !== batch) return false
    for (let i = 0; i < values.length; i++)
      if (!(Number.isInteger(values[i]!) && values[i]! >= 0 && values[i]! < this.count)) return false
    return true
  }
}

/** Either kind of space. */
export type Space = Box | Discrete
