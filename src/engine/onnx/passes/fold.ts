// Computes what is known while compiling: operators on constants whose elements are all the same. (What else is
// constant, ONNX Runtime folds when it loads the model.)

import { sizeOf } from '../../engine.ts'
import { fillOf, type Rule } from '../graph.ts'

const { fround } = Math
type Numeric = (...operands: number[]) => number

const functions: Readonly<Record<string, Numeric>> = {
  Add: (a, b) => a! + b!,
  Sub: (a, b) => a! - b!,
  Mul: (a, b) => a! * b!,
  Max: (a, b) => Math.max(a!, b!),
  Min: (a, b) => Math.min(a!, b!),
  Pow: (a, b) => a! ** b!,
  Abs: (x) => Math.abs(x!),
  Neg: (x) => -x!,
  Sign: (x) => Math.sign(x!),
  Relu: (x) => Math.max(0, x!),
  Reciprocal: (x) => 1 / x!,
  Sqrt: (x) => Math.sqrt(x!),
  Exp: (x) => Math.exp(x!),
  Log: (x) => Math.log(x!),
  Tanh: (x) => Math.tanh(x!),
  Equal: (a, b) => Number(a === b),
  Greater: (a, b) => Number(a! > b!),
  GreaterOrEqual: (a, b) => Number(a! >= b!),
  Less: (a, b) => Number(a! < b!),
  LessOrEqual: (a, b) => Number(a! <= b!),
  And: (a, b) => Number(a! && b!),
  Or: (a, b) => Number(a! || b!),
  Not: (x) => Number(!x),
  Where: (condition, yes, no) => (condition ? yes! : no!),
}
const moves = new Set(['Reshape', 'Transpose', 'Slice', 'Expand', 'Tile'])

export const fold: Rule = (value) => {
  const { op, inputs, shape, dtype, graph } = value
  if (inputs.length === 0) return value
  const fills = inputs.map(fillOf) as number[]
  if (fills.includes(undefined as never)) return value
  const [x] = fills as [number]
  const filled = (number: number) =>
    graph.constant(dtype === 'float32' ? fround(number) : dtype === 'int32' ? number | 0 : number, shape, dtype)

  if (moves.has(op)) return filled(x)
  if (op === 'Concat' && fills.every((other) => Object.is(other, x))) return filled(x)
  if (op === 'Cast' && Number.isFinite(x)) return filled(dtype === 'bool' ? Number(x !== 0) : x)
  if (op === 'Div' && dtype === 'float32') return filled(fills[0]! / fills[1]!)
  if (op === 'ReduceSum') return filled((x * sizeOf(inputs[0]!.shape)) / sizeOf(shape))
  if (op === 'ReduceMean' || op === 'ReduceMax' || op === 'ReduceMin') return filled(x)
  const compute = functions[op]
  return compute ? filled(compute(...fills)) : value
}
