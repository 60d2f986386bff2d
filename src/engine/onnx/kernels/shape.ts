// What moves, cuts, joins and makes tensors without arithmetic.

import { backend_util, slice_util } from '@tensorflow/tfjs-core'
import { sizeOf } from '../../engine.ts'
import type { Graph, Value, ValueType } from '../graph.ts'
import {
  axesOf,
  cast,
  compare,
  concat,
  expand,
  isEmpty,
  reshape,
  scalar,
  slice,
  transpose,
  where,
} from '../operators.ts'
import { type Kernels, ofX } from './kernel.ts'

/** What tfjs's slicing helpers want to see of a tensor. */
const shapeOnly = (x: Value) => ({ shape: [...x.shape], dataId: {}, dtype: 'float32' as const, rank: x.shape.length })

/** Pieces of these sizes along the axis. */
function split(x: Value, sizes: readonly number[], axis: number): Value[] {
  let start = 0
  return sizes.map((size) => {
    const starts = x.shape.map((_, i) => (i === axis ? start : 0))
    start += size
    return slice(
      x,
      starts,
      x.shape.map((side, i) => (i === axis ? size : side)),
    )
  })
}

function tile(x: Value, repeats: readonly number[]): Value {
  const shape = x.shape.map((side, axis) => side * repeats[axis]!)
  if (x.shape.every((side, axis) => side === 1 || repeats[axis] === 1)) return expand(x, shape)
  return x.graph.apply('Tile', [x], shape, x.dtype, { repeats: [...repeats] })
}

function stridedSlice(x: Value, begin: number[], end: number[], strides: number[], shape: number[]): Value {
  const ends = end.map((last, axis) => (strides[axis]! < 0 && last < 0 ? -(2 ** 31) : last))
  const sizes = slice_util.computeOutShape(begin, end, strides)
  return reshape(
    x.graph.apply('Slice', [x], sizes, x.dtype, {
      starts: [...begin],
      ends,
      axes: [...begin.keys()],
      steps: [...strides],
    }),
    shape,
  )
}

type StridedSlice = {
  begin: number[]
  end: number[]
  strides: number[]
  beginMask: number
  endMask: number
  ellipsisMask: number
  newAxisMask: number
  shrinkAxisMask: number
}

function reverse(x: Value, axes: readonly number[]): Value {
  if (axes.length === 0 || isEmpty(x)) return x
  const backwards = (axis: number) => axes.includes(axis)
  return x.graph.apply('Slice', [x], x.shape, x.dtype, {
    starts: x.shape.map((side, axis) => (backwards(axis) ? side - 1 : 0)),
    ends: x.shape.map((side, axis) => (backwards(axis) ? -(2 ** 31) : side)),
    axes: [...x.shape.keys()],
    steps: x.shape.map((_, axis) => (backwards(axis) ? -1 : 1)),
  })
}

function pad(x: Value, paddings: readonly (readonly [number, number])[], value: number): Value {
  const shape = x.shape.map((side, axis) => side + paddings[axis]![0] + paddings[axis]![1])
  if (isEmpty(x)) return x.graph.constant(value, shape, x.dtype)
  const pads = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]
  return x.graph.apply('Pad', [x, scalar(x.graph, value, x.dtype)], shape, x.dtype, { pads })
}

/** `on` where the index names the column; an index outside names none. */
function oneHot(indices: Value, depth: number, on: number, off: number, dtype: ValueType): Value {
  const { graph } = indices
  const columns = graph.constant(
    Int32Array.from({ length: depth }, (_, i) => i),
    [depth],
    'int32',
  )
  const hit = compare('Equal', reshape(cast(indices, 'int32'), [...indices.shape, 1]), columns) // [..., depth]
  if (on === 1 && off === 0) return cast(hit, dtype)
  return where(hit, scalar(graph, on, dtype), scalar(graph, off, dtype))
}

const fill = (graph: Graph, value: number, shape: readonly number[], dtype: ValueType) =>
  graph.constant(value, shape, dtype)

const sequence = (graph: Graph, length: number, at: (i: number) => number, dtype: ValueType) =>
  graph.constant(
    Float64Array.from({ length }, (_, i) => at(i)),
    [length],
    dtype,
  )

export const shapeKernels: Kernels = {
  Reshape: ofX((x, { shape }: { shape: number[] }) => {
    const known = shape.reduce((product, side) => (side < 0 ? product : product * side), 1)
    return reshape(
      x,
      shape.map((side) => (side < 0 ? sizeOf(x.shape) / known : side)),
    )
  }),
  ExpandDims: ({ input }, { dim }: { dim: number }) => {
    const at = dim < 0 ? input!.shape.length + dim + 1 : dim
    return reshape(input!, input!.shape.toSpliced(at, 0, 1))
  },
  Transpose: ofX((x, { perm }: { perm: number[] }) => transpose(x, perm)),
  Concat: (inputs, { axis }: { axis: number }) => {
    const parts = Object.values(inputs)
    const [along] = axesOf(axis, parts[0]!.shape.length) as [number]
    const filled = parts.filter((part) => !isEmpty(part))
    return filled.length === 0 ? concat(parts, along) : concat(filled, along)
  },
  Pack: (inputs, { axis }: { axis: number }) => {
    const parts = Object.values(inputs)
    const at = axis < 0 ? axis + parts[0]!.shape.length + 1 : axis
    return concat(
      parts.map((part) => reshape(part, part.shape.toSpliced(at, 0, 1))),
      at,
    )
  },
  Unpack: ({ value }, { axis }: { axis: number }) => {
    const [along] = axesOf(axis, value!.shape.length) as [number]
    const pieces = split(value!, Array(value!.shape[along]!).fill(1), along)
    return pieces.map((piece) => reshape(piece, piece.shape.toSpliced(along, 1)))
  },
  SplitV: ({ x }, { numOrSizeSplits, axis }: { numOrSizeSplits: number[] | number; axis: number }) => {
    const [along] = axesOf(axis, x!.shape.length) as [number]
    return split(x!, backend_util.prepareSplitSize(shapeOnly(x!) as never, numOrSizeSplits, along), along)
  },
  Slice: ofX((x, { begin, size }: { begin: number[]; size: number[] }) => {
    const [starts, sizes] = slice_util.parseSliceParams(shapeOnly(x), begin, size) as [number[], number[]]
    return slice(x, starts, sizes)
  }),
  StridedSlice: ofX((x, attributes: StridedSlice) => {
    const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes
    const masks = [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] as const
    const info = slice_util.sliceInfo([...x.shape], begin, end, strides, ...masks)
    if (sizeOf(info.finalShape) === 0) return fill(x.graph, 0, info.finalShape, x.dtype)
    return stridedSlice(x, info.begin, info.end, info.strides, info.finalShape)
  }),
  Reverse: ofX((x, { dims }: { dims: number | number[] }) => reverse(x, axesOf(dims, x.shape.length))),
  Tile: ofX((x, { reps }: { reps: number[] }) => tile(x, reps)),
  BroadcastTo: ofX((x, { shape }: { shape: number[] }) => expand(x, shape)),
  PadV2: ofX((x, { paddings, constantValue }: { paddings: [number, number][]; constantValue: number }) =>
    pad(x, paddings, constantValue),
  ),
  OneHot: ({ indices }, { depth, onValue, offValue, dtype }: OneHot) =>
    oneHot(indices!, depth, onValue, offValue, dtype),
  Fill: (_, { shape, value, dtype = 'float32' }: { shape: number[]; value: number; dtype?: ValueType }, graph) =>
    fill(graph, value, shape, dtype),
  ZerosLike: ofX((x) => fill(x.graph, 0, x.shape, x.dtype)),
  OnesLike: ofX((x) => fill(x.graph, 1, x.shape, x.dtype)),
  Range: (_, { start, stop, step, dtype }: Range, graph) =>
    sequence(graph, Math.max(0, Math.ceil((stop - start) / step)), (i) => start + i * step, dtype),
  LinSpace: (_, { start, stop, num }: { start: number; stop: number; num: number }, graph) =>
    sequence(graph, num, (i) => start + (i * (stop - start)) / Math.max(1, num - 1), 'float32'),
}

type OneHot = { depth: number; onValue: number; offValue: number; dtype: ValueType }
type Range = { start: number; stop: number; step: number; dtype: ValueType }
