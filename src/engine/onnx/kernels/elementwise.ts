// Arithmetic, functions and comparisons, element by element.
//
// Known differences from tfjs's cpu backend: x * 0 is 0 for a constant 0 (NaN and infinities included), an int32 made
// from a NaN or an infinity is unspecified, pow(1, NaN) is 1.

import type { Value, ValueType } from '../graph.ts'
import { binary, cast, compare, elementwise, expand, isEmpty, scalar, unary, where } from '../operators.ts'
import { type Kernels, ofAB, ofX } from './kernel.ts'

const float = (x: Value) => cast(x, 'float32')
const number = (x: Value) => (x.dtype === 'bool' ? cast(x, 'int32') : x)
const like = (x: Value, value: number) => scalar(x.graph, value, x.dtype)

/** A function that tfjs gives in floats whatever it is given. */
const floatFunction = (op: string) => ofX((x) => unary(op, float(x)))
/** A function that keeps integers as they are. */
const rounding = (op: string) => ofX((x) => (x.dtype === 'float32' ? unary(op, x) : x))
const numberFunction = (op: string) => ofX((x) => unary(op, number(x)))
const arithmetic = (op: string) => ofAB((a, b) => binary(op, number(a), number(b)))
const comparison = (op: string) => ofAB((a, b) => compare(op, number(a), number(b)))
const logical = (op: string) => ofAB((a, b) => compare(op, cast(a, 'bool'), cast(b, 'bool')))

const square = (x: Value) => binary('Mul', x, x)
const not = (x: Value) => elementwise('Not', [x], 'bool')
const isNan = (x: Value) => elementwise('IsNaN', [float(x)], 'bool')

/** Through doubles, so that int32 operands divide exactly. */
function floorDiv(a: Value, b: Value): Value {
  const wide: ValueType = a.dtype === 'int32' ? 'float64' : 'float32'
  return cast(unary('Floor', binary('Div', cast(a, wide), cast(b, wide))), a.dtype)
}

/** The remainder with the sign of the divisor. */
function floorMod(a: Value, b: Value): Value {
  if (a.dtype !== 'float32') return binary('Mod', number(a), number(b))
  const remainder = (x: Value) => elementwise('Mod', [x, b], x.dtype, { fmod: 1 })
  const sameSign = compare('Equal', compare('Less', a, like(a, 0)), compare('Less', b, like(b, 0)))
  return where(sameSign, remainder(a), remainder(binary('Add', remainder(a), b)))
}

/** log(1 + x) without losing small x (Kahan's quotient). */
function log1p(x: Value): Value {
  const sum = binary('Add', x, like(x, 1))
  const kept = binary('Sub', sum, like(x, 1))
  const log = unary('Log', sum)
  const corrected = where(compare('Equal', kept, x), log, binary('Mul', log, binary('Div', x, kept)))
  return where(compare('Equal', kept, like(x, 0)), x, corrected)
}

/** exp(x) - 1 without losing small x: 2 tanh(x/2) / (1 - tanh(x/2)) near zero. */
function expm1(x: Value): Value {
  const t = unary('Tanh', binary('Mul', x, like(x, 0.5)))
  const near = binary('Div', binary('Mul', t, like(x, 2)), binary('Sub', like(x, 1), t))
  const far = binary('Sub', unary('Exp', x), like(x, 1))
  return where(compare('Less', unary('Abs', x), like(x, 0.5)), near, far)
}

/** 1 where x > 0, else alpha. Through Relu, which a ReLU network has computed already. */
function step(x: Value, alpha: number): Value {
  const above = unary('Sign', unary('Relu', x))
  if (alpha === 0) return above
  return where(compare('Greater', x, like(x, 0)), like(x, 1), where(isNan(x), x, like(x, alpha)))
}

/** ONNX Runtime chooses between numbers only. */
function select(condition: Value, yes: Value, no: Value): Value {
  if (yes.dtype !== 'bool') return where(cast(condition, 'bool'), yes, no)
  return cast(where(cast(condition, 'bool'), cast(yes, 'int32'), cast(no, 'int32')), 'bool')
}

export const leakyRelu = (x: Value, alpha: number) => unary('LeakyRelu', float(x), { alpha })
export const prelu = (x: Value, alpha: Value) =>
  where(compare('Less', x, like(x, 0)), binary('Mul', alpha, x), expand(x, binary('Mul', alpha, x).shape))
export const relu6 = (x: Value) => elementwise('Clip', [x, like(x, 0), like(x, 6)])

const selu = { scale: 1.0507009873554805, alpha: 1.6732632423543772 }

export const elementwiseKernels: Kernels = {
  Add: arithmetic('Add'),
  AddN: (inputs) => Object.values(inputs).reduce((sum, x) => binary('Add', sum, x)),
  Sub: arithmetic('Sub'),
  Multiply: arithmetic('Mul'),
  RealDiv: ofAB((a, b) => binary('Div', float(a), float(b))),
  FloorDiv: ofAB(floorDiv),
  Mod: ofAB(floorMod),
  Maximum: arithmetic('Max'),
  Minimum: arithmetic('Min'),
  Pow: arithmetic('Pow'),
  SquaredDifference: ofAB((a, b) => square(binary('Sub', a, b))),

  Abs: numberFunction('Abs'),
  Neg: numberFunction('Neg'),
  Sign: numberFunction('Sign'),
  Square: ofX(square),
  Floor: rounding('Floor'),
  Ceil: rounding('Ceil'),
  Round: rounding('Round'),
  Exp: floatFunction('Exp'),
  Expm1: ofX((x) => expm1(float(x))),
  Log: floatFunction('Log'),
  Log1p: ofX((x) => log1p(float(x))),
  Sqrt: floatFunction('Sqrt'),
  Rsqrt: ofX((x) => unary('Reciprocal', unary('Sqrt', float(x)))),
  Reciprocal: floatFunction('Reciprocal'),
  Sin: floatFunction('Sin'),
  Cos: floatFunction('Cos'),
  Tan: floatFunction('Tan'),
  Asin: floatFunction('Asin'),
  Acos: floatFunction('Acos'),
  Atan: floatFunction('Atan'),
  Sinh: floatFunction('Sinh'),
  Cosh: floatFunction('Cosh'),
  Tanh: floatFunction('Tanh'),
  Asinh: floatFunction('Asinh'),
  Acosh: floatFunction('Acosh'),
  Atanh: floatFunction('Atanh'),
  Erf: floatFunction('Erf'),
  Sigmoid: floatFunction('Sigmoid'),
  Softplus: floatFunction('Softplus'),

  Relu: numberFunction('Relu'),
  Relu6: ofX((x) => relu6(number(x))),
  LeakyRelu: ofX((x, { alpha }: { alpha: number }) => leakyRelu(x, alpha)),
  Prelu: ({ x, alpha }) => prelu(x!, alpha!),
  Elu: floatFunction('Elu'),
  EluGrad: ({ dy, y }) =>
    where(compare('GreaterOrEqual', y!, like(y!, 0)), dy!, binary('Mul', dy!, binary('Add', y!, like(y!, 1)))),
  Selu: ofX((x) => unary('Selu', float(x), { alpha: selu.alpha, gamma: selu.scale })),
  Step: ofX((x, { alpha }: { alpha: number }) => step(number(x), alpha)),
  ClipByValue: ofX((x, { clipValueMin, clipValueMax }: { clipValueMin: number; clipValueMax: number }) =>
    isEmpty(x) ? x : elementwise('Clip', [x, like(x, clipValueMin), like(x, clipValueMax)]),
  ),

  IsNan: ofX(isNan),
  IsInf: ofX((x) => elementwise('IsInf', [float(x)], 'bool')),
  IsFinite: ofX((x) => compare('Less', unary('Abs', float(x)), scalar(x.graph, Number.POSITIVE_INFINITY))),
  Equal: comparison('Equal'),
  NotEqual: ofAB((a, b) => not(compare('Equal', number(a), number(b)))),
  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessOrEqual'),
  LogicalAnd: logical('And'),
  LogicalOr: logical('Or'),
  LogicalXor: logical('Xor'),
  LogicalNot: ofX((x) => not(cast(x, 'bool'))),
  Select: ({ condition, t, e }) => select(condition!, t!, e!),

  Cast: ofX((x, { dtype }: { dtype: ValueType }) => cast(x, dtype)),
  Identity: ofX((x) => x),
}
