// A matrix product takes what is added to it as its third operand: X W + b, and so h U + (g W + b).

import type { Rule, Value } from '../graph.ts'
import { binary, broadcast, gemm } from '../operators.ts'

export const fuseBias =
  (uses: ReadonlyMap<Value, number>): Rule =>
  (value, original) => {
    if (value.op !== 'Add' || value.shape.length !== 2) return value
    const [a, b] = value.inputs as [Value, Value]
    // A product that somebody else needs bare would be computed twice.
    const free = (i: 0 | 1) =>
      value.inputs[i]!.op === 'Gemm' &&
      uses.get(original.inputs[i]!) === 1 &&
      String(value.inputs[i]!.shape) === String(value.shape)
    if (free(0) && a.inputs.length === 2) return withAddend(a, b)
    if (free(1) && b.inputs.length === 2) return withAddend(b, a)
    if (!free(0) || !free(1)) return value
    // (X W + b) + (Y U + c) -> X W + (Y U + (b + c)), where b and c are rows.
    const [bias, other] = [a.inputs[2]!, b.inputs[2]!]
    if (broadcast(bias.shape, other.shape).length > 1) return value
    return withAddend(withAddend(undressed(a), binary('Add', bias, other)), undressed(b))
  }

function undressed({ inputs, attributes }: Value): Value {
  return gemm(inputs[0]!, inputs[1]!, attributes.transA === 1, attributes.transB === 1)
}

function withAddend({ inputs, attributes }: Value, addend: Value): Value {
  return gemm(inputs[0]!, inputs[1]!, attributes.transA === 1, attributes.transB === 1, addend)
}
