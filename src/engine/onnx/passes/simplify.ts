// Algebra and the tidying of shapes: x + 0, x * 1, reshape of reshape, transpose into a matrix product, and their kin.
// x * 0 becomes 0 whatever x is, NaN included, and -0 + 0 becomes -0.

import { sizeOf } from '../../engine.ts'
import { fillOf, type Rule, type Value } from '../graph.ts'
import { binary, cast, concat, expand, gemm, reshape, slice, transpose, unary } from '../operators.ts'

const same = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((side, i) => side === b[i])
const widened = (x: Value, { shape }: Value) => (same(x.shape, shape) ? x : expand(x, shape))
const zeros = ({ graph, shape, dtype }: Value) => graph.constant(0, shape, dtype)
const is = (x: Value | undefined, number: number) => x !== undefined && fillOf(x) === number
const numbers = (value: Value, name: string) => value.attributes[name] as readonly number[]

const rules: Readonly<Record<string, Rule>> = {
  Add(value) {
    const [a, b] = value.inputs as [Value, Value]
    if (is(b, 0)) return widened(a, value)
    if (is(a, 0)) return widened(b, value)
    if (b.op === 'Neg') return binary('Sub', a, b.inputs[0]!)
    if (a.op === 'Neg') return binary('Sub', b, a.inputs[0]!)
    return value
  },
  Sub(value) {
    const [a, b] = value.inputs as [Value, Value]
    if (is(b, 0)) return widened(a, value)
    return b.op === 'Neg' ? binary('Add', a, b.inputs[0]!) : value
  },
  Mul(value) {
    const [a, b] = value.inputs as [Value, Value]
    if (fillOf(a) !== undefined) return binary('Mul', b, a)
    if (is(b, 0)) return zeros(value)
    if (is(b, 1)) return widened(a, value)
    if (is(b, -1)) return widened(unary('Neg', a), value)
    // (x * 2) * 3 -> x * 6
    if (fillOf(b) === undefined || a.op !== 'Mul' || fillOf(a.inputs[1]!) === undefined || value.dtype !== 'float32')
      return value
    return binary('Mul', a.inputs[0]!, binary('Mul', a.inputs[1]!, b))
  },
  Div(value) {
    const [a, b] = value.inputs as [Value, Value]
    return is(b, 1) ? widened(a, value) : value
  },
  Neg(value) {
    const [x] = value.inputs as [Value]
    if (x.op === 'Neg') return x.inputs[0]!
    return x.op === 'Sub' ? binary('Sub', x.inputs[1]!, x.inputs[0]!) : value
  },
  Cast(value) {
    const [x] = value.inputs as [Value]
    if (x.dtype === value.dtype) return x
    // 0 and 1 are the same numbers in any type.
    return x.op === 'Cast' && x.inputs[0]!.dtype === 'bool' ? cast(x.inputs[0]!, value.dtype) : value
  },
  Where(value) {
    const [condition, yes, no] = value.inputs as [Value, Value, Value]
    if (yes === no) return widened(yes, value)
    const known = fillOf(condition)
    return known === undefined ? value : widened(known ? yes : no, value)
  },
  Reshape(value) {
    const [x] = value.inputs as [Value]
    if (same(x.shape, value.shape)) return x
    if (x.op === 'Reshape') return reshape(x.inputs[0]!, value.shape)
    // One number everywhere is that in any shape.
    const [narrow] = x.inputs
    if (x.op === 'Expand' && sizeOf(narrow!.shape) === 1) return expand(reshape(narrow!, []), value.shape)
    return value
  },
  Expand: (value) => widened(value.inputs[0]!, value),
  Tile: (value) => (same(value.inputs[0]!.shape, value.shape) ? value.inputs[0]! : value),
  Pad: (value) => (same(value.inputs[0]!.shape, value.shape) ? value.inputs[0]! : value),
  Transpose(value) {
    const [x] = value.inputs as [Value]
    const perm = numbers(value, 'perm')
    if (perm.every((axis, i) => axis === i)) return x
    const long = perm.filter((axis) => x.shape[axis] !== 1)
    if (long.every((axis, i) => i === 0 || axis > long[i - 1]!)) return reshape(x, value.shape)
    if (x.op !== 'Transpose') return value
    const inner = numbers(x, 'perm')
    return transpose(
      x.inputs[0]!,
      perm.map((axis) => inner[axis]!),
    )
  },
  Gemm(value) {
    const [a, b, c] = value.inputs as [Value, Value, Value?]
    const { transA, transB } = value.attributes
    if (is(a, 0) || is(b, 0)) return c ? widened(c, value) : zeros(value)
    if (a.op === 'Transpose') return gemm(a.inputs[0]!, b, !transA, Boolean(transB), c)
    return b.op === 'Transpose' ? gemm(a, b.inputs[0]!, Boolean(transA), !transB, c) : value
  },
  ReduceSum: shortened,
  ReduceMean: shortened,
  ReduceMax: shortened,
  ReduceMin: shortened,
  ReduceProd: shortened,
  Slice(value) {
    const [x] = value.inputs as [Value]
    if (value.attributes.steps !== undefined) return value
    if (same(x.shape, value.shape)) return x
    const starts = numbers(value, 'starts')
    if (x.op === 'Slice' && x.attributes.steps === undefined) {
      const inner = numbers(x, 'starts')
      return slice(
        x.inputs[0]!,
        starts.map((start, axis) => start + inner[axis]!),
        value.shape,
      )
    }
    if (x.op === 'Pad') return sliceOfPadded(value, x)
    return x.op === 'Concat' ? sliceOfPart(value, x) : value
  },
  Concat(value) {
    if (value.inputs.length === 1) return value.inputs[0]!
    const nested = (part: Value) => part.op === 'Concat' && part.attributes.axis === value.attributes.axis
    if (!value.inputs.some(nested)) return joined(value)
    return concat(
      value.inputs.flatMap((part) => (nested(part) ? part.inputs : [part])),
      value.attributes.axis as number,
    )
  },
}

export const simplify: Rule = (value, ...rest) => rules[value.op]?.(value, ...rest) ?? value

/** Reducing along axes of length 1 changes the shape only. */
function shortened(value: Value): Value {
  const [x] = value.inputs as [Value]
  return sizeOf(x.shape) === sizeOf(value.shape) ? reshape(x, value.shape) : value
}

/** A slice that lies within one part of a concatenation needs that part only. */
function sliceOfPart(value: Value, whole: Value): Value {
  const axis = whole.attributes.axis as number
  const starts = [...numbers(value, 'starts')]
  for (const part of whole.inputs) {
    const side = part.shape[axis]!
    if (starts[axis]! + value.shape[axis]! <= side) return slice(part, starts, value.shape)
    if (starts[axis]! < side) return value
    starts[axis]! -= side
  }
  return value
}

/** A slice of the padding is its number; a slice of what was padded needs no padding. */
function sliceOfPadded(value: Value, padded: Value): Value {
  const [x, padding] = padded.inputs as [Value, Value]
  const starts = numbers(value, 'starts').map((start, axis) => start - numbers(padded, 'pads')[axis]!)
  const outside = value.shape.some((side, axis) => starts[axis]! + side <= 0 || starts[axis]! >= x.shape[axis]!)
  const inside = value.shape.every((side, axis) => starts[axis]! >= 0 && starts[axis]! + side <= x.shape[axis]!)
  if (outside) return value.graph.constant(fillOf(padding)!, value.shape, value.dtype)
  return inside ? slice(x, starts, value.shape) : value
}

/** Slices put together again as they lay are one slice. */
function joined(value: Value): Value {
  const axis = value.attributes.axis as number
  const [first] = value.inputs as [Value]
  if (first.op !== 'Slice' || first.attributes.steps !== undefined) return value
  const starts = [...numbers(first, 'starts')]
  let next = starts[axis]!
  for (const part of value.inputs) {
    if (part.op !== 'Slice' || part.inputs[0] !== first.inputs[0] || part.attributes.steps !== undefined) return value
    if (!numbers(part, 'starts').every((start, i) => start === (i === axis ? next : starts[i]))) return value
    next += part.shape[axis]!
  }
  return slice(first.inputs[0]!, starts, value.shape)
}
