// A float32 vector in memory that JavaScript sees, read and written by ONNX Runtime in place.

import type { Vector } from '../engine.ts'

/** A vector with a second array behind it, so that one run can read the old values while it writes the new ones. */
export class ResidentVector implements Vector {
  readonly length: number
  readonly #allocate: (length: number) => Float32Array
  #front: Float32Array
  #back: Float32Array | undefined

  constructor(length: number, allocate: (length: number) => Float32Array) {
    this.length = length
    this.#allocate = allocate
    this.#front = allocate(length)
  }

  /** The present values. */
  get front(): Float32Array {
    return this.#front
  }

  /** Where the next values are to be written, to become the present ones by `swap`. */
  get back(): Float32Array {
    this.#back ??= this.#allocate(this.length)
    return this.#back
  }

  swap(): void {
    const front = this.#front
    this.#front = this.back
    this.#back = front
  }

  async read(target = new Float32Array(this.length)): Promise<Float32Array> {
    this.#check(target.length)
    target.set(this.#front)
    return target
  }

  write(values: Float32Array): void {
    this.#check(values.length)
    this.#front.set(values)
  }

  dispose(): void {
    this.#front = new Float32Array(0)
    this.#back = undefined
  }

  #check(length: number): void {
    if (length !== this.length) throw new RangeError(`${length} values for a vector of ${this.length}`)
  }
}
