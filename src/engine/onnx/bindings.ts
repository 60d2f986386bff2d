// ONNX Runtime's view of typed arrays.

import type { InferenceSession, Tensor } from 'onnxruntime-common'
import { sizeOf } from '../engine.ts'
import type { Value, ValueType } from './graph.ts'

export type Data = Float32Array | Int32Array | Uint8Array

/** The part of onnxruntime-node that is used. */
export type Runtime = {
  readonly InferenceSession: {
    create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>
  }
  readonly Tensor: new (dtype: 'float32', data: Data, dims: readonly number[]) => Tensor
}

/** Memory for so many elements. */
export function allocate(dtype: ValueType, size: number): Data {
  if (dtype === 'float32') return new Float32Array(size)
  return dtype === 'bool' ? new Uint8Array(size) : new Int32Array(size)
}

/** Makes tensors over typed arrays without copying; the same one again for the same value in the same array. */
export class Bindings {
  readonly #runtime: Runtime
  readonly #tensors = new WeakMap<Data, Map<Value, Tensor>>()

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  /** The value as it lies in the array from `offset` on. */
  tensor(value: Value, array: Data, offset = 0): Tensor {
    let known = this.#tensors.get(array)
    if (!known) {
      known = new Map()
      this.#tensors.set(array, known)
    }
    let tensor = known.get(value)
    if (!tensor) {
      const size = sizeOf(value.shape)
      const view = size === array.length ? array : array.subarray(offset, offset + size)
      tensor = new this.#runtime.Tensor(value.dtype as 'float32', view, value.shape)
      known.set(value, tensor)
    }
    return tensor
  }
}
