// Brings scalar factors of large tensors together, so that the large tensor is walked through once: (x * s) * t becomes
// x * (s * t), and an optimiser step over one flat vector loses a third of its passes. Differs in the last digit.

import { sizeOf } from '../../engine.ts'
import type { Rule, Value } from '../graph.ts'
import { binary } from '../operators.ts'

/** Below this many elements a pass costs no more than an operator on scalars. */
const large = 4096

export const gatherScalars: Rule = (value) => {
  if (value.op !== 'Mul' || value.dtype !== 'float32' || sizeOf(value.shape) < large) return value
  const [a, b] = value.inputs as [Value, Value]
  const [left, right] = [scaled(a), scaled(b)]
  // (x * s) * (y * t) -> (x * y) * (s * t)
  if (left && right) return binary('Mul', binary('Mul', left.x, right.x), binary('Mul', left.scale, right.scale))
  const own = scaled(value)
  if (!own) return value
  // (x * s) * t -> x * (s * t)
  const inner = scaled(own.x)
  if (inner) return binary('Mul', inner.x, binary('Mul', inner.scale, own.scale))
  // (x * s) / y * t -> x / y * (s * t)
  if (own.x.op !== 'Div') return value
  const [numerator, denominator] = own.x.inputs as [Value, Value]
  const over = scaled(numerator)
  if (!over || String(denominator.shape) !== String(value.shape)) return value
  return binary('Mul', binary('Div', over.x, denominator), binary('Mul', over.scale, own.scale))
}

/** A tensor and the one number it is multiplied by. */
function scaled({ op, inputs, shape }: Value): { x: Value; scale: Value } | undefined {
  if (op !== 'Mul') return undefined
  const [a, b] = inputs as [Value, Value]
  const whole = (x: Value) => String(x.shape) === String(shape) && sizeOf(shape) > 1
  if (sizeOf(b.shape) === 1 && whole(a)) return { x: a, scale: b }
  return sizeOf(a.shape) === 1 && whole(b) ? { x: b, scale: a } : undefined
}
