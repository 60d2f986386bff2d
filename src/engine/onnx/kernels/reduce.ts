// Reductions along axes, and what is normalised by one.

import type { Value } from '../graph.ts'
import { axesOf, binary, cast, isEmpty, reduce, unary } from '../operators.ts'
import { type Kernel, type Kernels, ofX } from './kernel.ts'

type Axis = number | number[] | null
/** Max calls its axes by another name than the rest. */
type Axes = { axis?: Axis; reductionIndices?: Axis; keepDims?: boolean }

/** A reduction, and what it gives where there is nothing to reduce (ONNX refuses empty axes). */
const reduction = (op: string, ofNothing: number, prepare: (x: Value) => Value = (x) => x): Kernel =>
  ofX((x, { axis, reductionIndices = axis, keepDims }: Axes) => {
    const ready = prepare(x)
    const axes = axesOf(reductionIndices, x.shape.length)
    if (axes.length === 0) return ready
    const result = reduce(op, ready, axes, keepDims)
    return isEmpty(x) ? x.graph.constant(ofNothing, result.shape, result.dtype) : result
  })

/** Booleans are reduced as 0 and 1. */
const ofTruths = (op: string, ofNothing: number): Kernel => {
  const kernel = reduction(op, ofNothing, (x) => cast(x, 'int32'))
  return (inputs, attributes, graph) => cast(kernel(inputs, attributes, graph) as Value, 'bool')
}

const arg = (op: string): Kernel =>
  ofX((x, { axis }: { axis: number }) => {
    const [along] = axesOf(axis, x.shape.length) as [number]
    const shape = x.shape.filter((_, i) => i !== along)
    return cast(x.graph.apply(op, [x], shape, 'int64', { axis: along, keepdims: 0 }), 'int32')
  })

const numeric = (x: Value) => (x.dtype === 'bool' ? cast(x, 'int32') : x)

function softmax(x: Value, axis: number): Value {
  const [along] = axesOf(axis, x.shape.length) as [number]
  return isEmpty(x) ? x : x.graph.apply('Softmax', [x], x.shape, x.dtype, { axis: along })
}

/** Not ONNX Runtime's LogSoftmax: it loses digits in one row where another row has large numbers (1.30: 1e-3). */
function logSoftmax(x: Value, axis: number): Value {
  if (isEmpty(x)) return x
  const axes = axesOf(axis, x.shape.length)
  const below = binary('Sub', x, reduce('ReduceMax', x, axes, true))
  return binary('Sub', below, unary('Log', reduce('ReduceSum', unary('Exp', below), axes, true)))
}

export const reduceKernels: Kernels = {
  Sum: reduction('ReduceSum', 0, numeric),
  Mean: reduction('ReduceMean', Number.NaN, (x) => cast(x, 'float32')),
  Max: reduction('ReduceMax', Number.NEGATIVE_INFINITY, numeric),
  Min: reduction('ReduceMin', Number.POSITIVE_INFINITY, numeric),
  Prod: reduction('ReduceProd', 1, numeric),
  All: ofTruths('ReduceMin', 1),
  Any: ofTruths('ReduceMax', 0),
  ArgMax: arg('ArgMax'),
  ArgMin: arg('ArgMin'),
  Softmax: ({ logits }, { dim }: { dim: number }) => softmax(cast(logits!, 'float32'), dim),
  LogSoftmax: ({ logits }, { axis }: { axis: number }) => logSoftmax(cast(logits!, 'float32'), axis),
  Cumsum: ofX((x, { axis, exclusive, reverse }: { axis: number; exclusive: boolean; reverse: boolean }) =>
    isEmpty(x)
      ? x
      : x.graph.apply('CumSum', [x], x.shape, x.dtype, {
          axis: axesOf(axis, x.shape.length)[0]!,
          exclusive: exclusive ? 1 : 0,
          reverse: reverse ? 1 : 0,
        }),
  ),
}
