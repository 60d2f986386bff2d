// The vocabulary that agents, algorithms and engines share: tensors and arrays by name, and how tensors lie in a vector.

// the types of tfjs-core use the global `Long`, which a project that names its own `types` would not see
/// <reference types="long" preserve="true" />

import { clone, customGrad, type Tensor, zerosLike } from '@tensorflow/tfjs-core'

export type DType = 'float32' | 'int32'

/** Tensors by name. They live only inside pure functions. */
export type Tensors = { readonly [name: string]: Tensor }

/** Plain arrays by name; row-major. An int32 tensor is an Int32Array, a float32 one a Float32Array. */
export type Arrays = { readonly [name: string]: Float32Array | Int32Array }

/** How named tensors lie in one flat float32 vector: in this order, without gaps. */
export type Layout = readonly { readonly name: string; readonly shape: readonly number[] }[]

/** How many numbers a shape holds. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1)

/** How many numbers a layout holds. */
export const lengthOf = (layout: Layout): number => layout.reduce((sum, { shape }) => sum + sizeOf(shape), 0)

/** The tensors that lie in a flat vector by a layout; their values are views of it. */
export function tensorsIn(
  layout: Layout,
  vector: Float32Array,
): { readonly name: string; readonly shape: readonly number[]; readonly values: Float32Array }[] {
  let offset = 0
  return layout.map(({ name, shape }) => {
    const from = offset
    offset += sizeOf(shape)
    return { name, shape, values: vector.subarray(from, offset) }
  })
}

/** The same values, through which no gradient flows back. */
export const stopGradient = customGrad((x) => ({
  value: clone(x as Tensor),
  gradFunc: (dy: Tensor) => zerosLike(dy),
})) as <T extends Tensor>(x: T) => T
