// A float32 vector in memory that JavaScript sees, read and written by ONNX Runtime in place.

import { cut, type Vector } from '../engine.ts'

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

  async read(target = new Float32Array(this.length), from = 0): Promise<Float32Array> {
    target.set(cut(this.#front, from, target.length))
    return target
  }

  write(values: Float32Array): void {
    if (values.length !== this.length) throw new RangeError(`${values.length} values for a vector of ${this.length}`)
    this.#front.set(values)
  }

  dispose(): void {
    this.#front = new Float32Array(0)
    this.#back = undefined
  }
}
