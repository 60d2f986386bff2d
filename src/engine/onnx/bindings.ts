// ONNX Runtime's view of typed arrays.

import type { InferenceSession } from 'onnxruntime-common'
import { sizeOf } from '../engine.ts'
import type { Value, ValueType } from './graph.ts'

export type Data = Float32Array | Int32Array | Uint8Array

/** A typed array as ONNX Runtime sees it. */
export type Tensor = { readonly data: unknown }

/** A graph, ready to run: reads the feeds, writes the fetches. */
export type Session = {
  run(feeds: Readonly<Record<string, Tensor>>, fetches: Readonly<Record<string, Tensor>>): Promise<unknown>
  release(): Promise<void>
}

/** What of ONNX Runtime is used, by whichever way it is reached. */
export type Runtime = {
  readonly InferenceSession: {
    create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<Session>
  }
  readonly Tensor: new (dtype: ValueType, data: Data, dims: readonly number[]) => Tensor
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
      tensor = new this.#runtime.Tensor(value.dtype, view, value.shape)
      known.set(value, tensor)
    }
    return tensor
  }
}
