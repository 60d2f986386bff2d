// Does element-wise work before broadcasting rather than after: op(Expand(x), 2) -> Expand(op(x, 2)), and an operand
// that broadcasts anyway need not be expanded. A constant of equal elements counts as an expanded scalar.

import { fillOf, type Rule, type Value } from '../graph.ts'
import { broadcast, expand } from '../operators.ts'
import { isElementwise } from './elementwise.ts'

const narrow = (value: Value): Value => {
  if (value.op === 'Expand') return narrow(value.inputs[0]!)
  const fill = fillOf(value)
  return fill === undefined || value.shape.length === 0 ? value : value.graph.constant(fill, [], value.dtype)
}

export const spread: Rule = (value) => {
  if (!isElementwise(value)) return value
  const inputs = value.inputs.map(narrow)
  if (inputs.every((input, i) => input === value.inputs[i])) return value
  const shape = broadcast(...inputs.map((input) => input.shape))
  const narrowed = value.graph.apply(value.op, inputs, shape, value.dtype, value.attributes)
  return String(shape) === String(value.shape) ? narrowed : expand(narrowed, value.shape)
}
