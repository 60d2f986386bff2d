// Matrix products and what picks rows.

import type { Value } from '../graph.ts'
import { binary, cast, expand, matMul, reshape, scalar, unary } from '../operators.ts'
import { leakyRelu, prelu, relu6 } from './elementwise.ts'
import type { Kernels } from './kernel.ts'

type Transposes = { transposeA: boolean; transposeB: boolean }
type Fused = Transposes & { activation?: string; leakyreluAlpha?: number }

/** ONNX multiplies integer matrices of rank 2 in floats only. */
function product(a: Value, b: Value, { transposeA, transposeB }: Transposes): Value {
  return cast(matMul(cast(a, 'float32'), cast(b, 'float32'), transposeA, transposeB), a.dtype)
}

function activate(x: Value, { activation = 'linear', leakyreluAlpha = 0.2 }: Fused, weights?: Value): Value {
  if (activation === 'linear') return x
  if (activation === 'relu') return unary('Relu', x)
  if (activation === 'relu6') return relu6(x)
  if (activation === 'elu') return unary('Elu', x)
  if (activation === 'sigmoid') return unary('Sigmoid', x)
  if (activation === 'leakyrelu') return leakyRelu(x, leakyreluAlpha)
  if (activation === 'prelu' && weights) return prelu(x, weights)
  throw new Error(`Kernel '_FusedMatMul with ${activation}' not registered`)
}

export const productKernels: Kernels = {
  BatchMatMul: ({ a, b }, attributes: Transposes) => product(a!, b!, attributes),

  _FusedMatMul: ({ a, b, bias, preluActivationWeights }, attributes: Fused) => {
    const linear = product(a!, b!, attributes)
    return activate(bias ? binary('Add', linear, bias) : linear, attributes, preluActivationWeights)
  },

  GatherV2: ({ x, indices }, { axis, batchDims = 0 }: { axis: number; batchDims?: number }, graph) => {
    if (batchDims !== 0) throw new Error("Kernel 'GatherV2 with batchDims' not registered")
    const along = axis < 0 ? axis + x!.shape.length : axis
    const shape = [...x!.shape.slice(0, along), ...indices!.shape, ...x!.shape.slice(along + 1)]
    return graph.apply('Gather', [x!, cast(indices!, 'int32')], shape, x!.dtype, { axis: along })
  },

  UnsortedSegmentSum: ({ x, segmentIds }, { numSegments }: { numSegments: number }, graph) => {
    const shape = [numSegments, ...x!.shape.slice(1)]
    const zeros = expand(scalar(graph, 0, x!.dtype), shape)
    const rows = reshape(cast(segmentIds!, 'int64'), [segmentIds!.shape[0]!, 1])
    return graph.apply('ScatterND', [zeros, rows, x!], shape, x!.dtype, { reduction: 'add' })
  },
}
