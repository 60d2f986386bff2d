// Does the same thing at every time step once for all steps: Concat(f(x_0), f(x_1), ...) -> f(Concat(x_0, x_1, ...)),
// where nothing else uses the single results. Started by sum-over-time, it moves back through everything that is not
// sequential. Concatenation along the first axis is only memory put end to end, so reshapes may be passed as well.

import type { Rule, Value } from '../graph.ts'
import { concat, gemm, reshape } from '../operators.ts'
import { isElementwise } from './elementwise.ts'

export const batch =
  (uses: ReadonlyMap<Value, number>): Rule =>
  (value, original) => {
    if (value.op !== 'Concat' || value.attributes.axis !== 0 || value.inputs.length < 2) return value
    const parts = value.inputs
    const [first] = parts as [Value]
    const alike = parts.every(
      (part) =>
        part.op === first.op &&
        part.dtype === first.dtype &&
        part.inputs.length === first.inputs.length &&
        String(part.shape) === String(first.shape) &&
        JSON.stringify(part.attributes) === JSON.stringify(first.attributes),
    )
    if (!alike) return value
    if (first.op === 'Reshape') return batchedReshape(value, parts)
    if (original.inputs.some((part) => uses.get(part)! > 1)) return value
    if (first.op === 'Gemm') return batchedProduct(value, parts)
    if (isElementwise(first)) return batchedElementwise(value, parts)
    if (alongRows(first)) return batchedRows(value, parts)
    return value
  }

const all = (parts: readonly Value[], i: number) => parts.map(({ inputs }) => inputs[i]!)
const isShared = (values: readonly Value[]) => values.every((value) => value === values[0])

function batchedReshape(value: Value, parts: readonly Value[]): Value {
  const inner = all(parts, 0)
  const [first] = inner as [Value]
  if (inner.some(({ shape }) => String(shape) !== String(first.shape))) return value
  const rows = first.shape.length === 0 ? inner.map((part) => reshape(part, [1])) : inner
  return reshape(concat(rows, 0), value.shape)
}

/** Only A differs, or A and a C of as many rows. */
function batchedProduct(value: Value, parts: readonly Value[]): Value {
  const { transA, transB } = parts[0]!.attributes
  const [lefts, rights, addends] = [all(parts, 0), all(parts, 1), parts[0]!.inputs[2] ? all(parts, 2) : []]
  if (transA === 1 || !isShared(rights) || addends.length > 0) return value
  return gemm(concat(lefts, 0), rights[0]!, false, Boolean(transB))
}

function batchedElementwise(value: Value, parts: readonly Value[]): Value {
  const { shape } = parts[0]!
  const inputs = parts[0]!.inputs.map((_, i) => {
    const operands = all(parts, i)
    const full = operands.every((one) => one.shape.length === shape.length && one.shape[0] === shape[0])
    const repeated = operands.every((one) => one.shape.length < shape.length || one.shape[0] === 1)
    if (full && shape[0] !== 1) return concat(operands, 0)
    if (full)
      return isShared(operands) && operands[0]!.shape.every((side) => side === 1) ? operands[0]! : concat(operands, 0)
    return repeated && isShared(operands) ? operands[0]! : undefined
  })
  if (inputs.includes(undefined)) return value
  return value.graph.apply(parts[0]!.op, inputs as Value[], value.shape, value.dtype, parts[0]!.attributes)
}

/** Reductions and softmaxes that leave the first axis alone. */
function alongRows({ op, attributes }: Value): boolean {
  if (op === 'Softmax') return (attributes.axis as number) > 0
  return (
    op.startsWith('Reduce') && op !== 'Reciprocal' && (attributes.axes as readonly number[]).every((axis) => axis > 0)
  )
}

const batchedRows = (value: Value, parts: readonly Value[]): Value =>
  value.graph.apply(parts[0]!.op, [concat(all(parts, 0), 0)], value.shape, value.dtype, parts[0]!.attributes)
