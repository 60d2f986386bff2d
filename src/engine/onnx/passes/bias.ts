// A matrix product takes what is added to it as its third operand: X W + b, and so h U + (g W + b).

import type { Rule, Value } from '../graph.ts'
import { binary, gemm } from '../operators.ts'

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
    if (free(0) && isRow(a.inputs[2]!) && isRow(b)) return withAddend(a, binary('Add', a.inputs[2]!, b))
    if (free(1) && isRow(b.inputs[2]!) && isRow(a)) return withAddend(b, binary('Add', b.inputs[2]!, a))
    if (!free(0) || !free(1)) return value
    // (X W + b) + (Y U + c) -> X W + (Y U + (b + c)), where b and c are rows.
    const [bias, other] = [a.inputs[2]!, b.inputs[2]!]
    if (!isRow(bias) || !isRow(other)) return value
    return withAddend(a, withAddend(b, binary('Add', bias, other)))
  }

/** The same for all rows, so that adding two of them first is cheap. */
const isRow = ({ shape }: Value) => shape.slice(0, -1).every((side) => side === 1)

/** A product with another third operand in place of the one that it has. */
function withAddend({ inputs, attributes }: Value, addend: Value): Value {
  return gemm(inputs[0]!, inputs[1]!, attributes.transA === 1, attributes.transB === 1, addend)
}
