// Makes graph values with their shapes and types inferred. ONNX's operator names and meanings; ONNX's constant inputs
// (shape, axes, starts, ...) are attributes here.

import { backend_util } from '@tensorflow/tfjs-core'
import { sizeOf } from '../engine.ts'
import type { Attributes, Graph, Value, ValueType } from './graph.ts'

/** The shape that tensors of these shapes broadcast to. */
export const broadcast = (...shapes: (readonly number[])[]): number[] =>
  shapes.reduce<number[]>((a, b) => backend_util.assertAndGetBroadcastShape(a, [...b]), [])

/** An operator that works element by element, with broadcasting. */
export function elementwise(op: string, inputs: readonly Value[], dtype = inputs[0]!.dtype, attributes?: Attributes) {
  const shape = broadcast(...inputs.map((input) => input.shape))
  return inputs[0]!.graph.apply(op, inputs, shape, dtype, attributes)
}

export const unary = (op: string, x: Value, attributes?: Attributes) => elementwise(op, [x], x.dtype, attributes)
export const binary = (op: string, a: Value, b: Value) => elementwise(op, [a, b])
export const compare = (op: string, a: Value, b: Value) => elementwise(op, [a, b], 'bool')
export const where = (condition: Value, yes: Value, no: Value) => elementwise('Where', [condition, yes, no], yes.dtype)
export const scalar = (graph: Graph, value: number, dtype: ValueType = 'float32') => graph.constant(value, [], dtype)
export const cast = (x: Value, dtype: ValueType) => (x.dtype === dtype ? x : elementwise('Cast', [x], dtype))

export const reshape = (x: Value, shape: readonly number[]) =>
  x.graph.apply('Reshape', [x], shape, x.dtype, { shape: [...shape] })

export const transpose = (x: Value, perm: readonly number[]) =>
  x.graph.apply(
    'Transpose',
    [x],
    perm.map((axis) => x.shape[axis]!),
    x.dtype,
    { perm: [...perm] },
  )

/** Broadcast to the shape. */
export const expand = (x: Value, shape: readonly number[]) =>
  x.graph.apply('Expand', [x], shape, x.dtype, { shape: [...shape] })

export function concat(parts: readonly Value[], axis: number): Value {
  const [first] = parts as [Value]
  const shape = first.shape.map((side, i) =>
    i === axis ? parts.reduce((sum, part) => sum + part.shape[axis]!, 0) : side,
  )
  return first.graph.apply('Concat', parts, shape, first.dtype, { axis })
}

/** From `starts`, `sizes` elements along each axis. */
export function slice(x: Value, starts: readonly number[], sizes: readonly number[]): Value {
  const ends = starts.map((start, axis) => start + sizes[axis]!)
  return x.graph.apply('Slice', [x], sizes, x.dtype, { starts: [...starts], ends, axes: [...starts.keys()] })
}

/** Reduce along the axes; `ReduceSum`, `ReduceMean`, `ReduceMax`, `ReduceMin`, `ReduceProd`. */
export function reduce(op: string, x: Value, axes: readonly number[], keepDims = false): Value {
  const shape = keepDims
    ? x.shape.map((side, axis) => (axes.includes(axis) ? 1 : side))
    : x.shape.filter((_, axis) => !axes.includes(axis))
  return x.graph.apply(op, [x], shape, x.dtype, { axes: [...axes], keepdims: keepDims ? 1 : 0 })
}

/** A (transposed where asked) times B (likewise), plus C where given; matrices. */
export function gemm(a: Value, b: Value, transA: boolean, transB: boolean, c?: Value): Value {
  const shape = [a.shape[transA ? 1 : 0]!, b.shape[transB ? 0 : 1]!]
  const attributes = { transA: transA ? 1 : 0, transB: transB ? 1 : 0 }
  return a.graph.apply('Gemm', c ? [a, b, c] : [a, b], shape, a.dtype, attributes)
}

/** Matrix product over leading batch axes, broadcast. */
export function matMul(a: Value, b: Value, transA: boolean, transB: boolean): Value {
  if (a.shape.length === 2 && b.shape.length === 2) return gemm(a, b, transA, transB)
  const [left, right] = [transA ? swapLast(a) : a, transB ? swapLast(b) : b]
  const batch = broadcast(left.shape.slice(0, -2), right.shape.slice(0, -2))
  return a.graph.apply('MatMul', [left, right], [...batch, left.shape.at(-2)!, right.shape.at(-1)!], a.dtype)
}

function swapLast(x: Value): Value {
  const rank = x.shape.length
  return transpose(x, [...Array(rank - 2).keys(), rank - 1, rank - 2])
}

/** The axes, all where none are named, counted from the front. */
export const axesOf = (axis: number | readonly number[] | null | undefined, rank: number): number[] =>
  axis == null ? [...Array(rank).keys()] : [axis].flat().map((one) => (one < 0 ? one + rank : one))

export const isEmpty = (x: Value) => sizeOf(x.shape) === 0
