// Operators that cost nothing because their results are other views of the same memory: concatenations of parts that
// come from outside of a stage, laid end to end from the start, and reshapes and runs of rows of what comes from outside.

import { sizeOf } from '../engine.ts'
import { isLeaf, type Value } from './graph.ts'

/** Parts that lie end to end, and the offset of each whole that is a run of them. */
export type Strip = { readonly parts: readonly Value[]; readonly wholes: ReadonlyMap<Value, number> }

/** A value that is what lies in another one's memory from an element on. */
export type Window = { readonly of: Value; readonly offset: number }

export type Views = { readonly strips: readonly Strip[]; readonly windows: ReadonlyMap<Value, Window> }

/** The views among the operators, inputs first; `due` is the stage in which an operator would be computed. */
export function findViews(operators: readonly Value[], due: (value: Value) => number): Views {
  const strips: { parts: readonly Value[]; wholes: Map<Value, number> }[] = []
  const stripOf = new Map<Value, (typeof strips)[number]>()
  const outside = (value: Value, user: Value) => (value.source ? true : !isLeaf(value) && due(value) < due(user))
  // Vectors lie as their layout says.
  const loose = (value: Value) => !value.source || 'stage' in value.source
  const candidates = operators.filter(
    (whole) => isEndToEnd(whole) && whole.inputs.every((part) => loose(part) && outside(part, whole)),
  )
  for (const whole of candidates.sort((a, b) => b.inputs.length - a.inputs.length)) {
    const parts = whole.inputs
    const strip = stripOf.get(parts[0]!)
    if (strip) {
      const at = strip.parts.indexOf(parts[0]!)
      if (parts.every((part, i) => strip.parts[at + i] === part)) strip.wholes.set(whole, offsetOf(strip.parts, at))
    } else if (!parts.some((part) => stripOf.has(part)) && new Set(parts).size === parts.length) {
      const made = { parts, wholes: new Map([[whole, 0]]) }
      strips.push(made)
      for (const part of parts) stripOf.set(part, made)
    }
  }

  const views = new Set(strips.flatMap(({ wholes }) => [...wholes.keys()]))
  const windows = new Map<Value, Window>()
  for (const value of operators) {
    const offset = offsetInInput(value)
    if (offset === undefined || stripOf.has(value)) continue
    const [of] = value.inputs as [Value]
    if (!outside(of, value) && !views.has(of)) continue
    views.add(value)
    windows.set(value, { of, offset })
  }
  return { strips, windows }
}

/** Where a value's elements lie one after another in its input's memory; undefined where they do not. */
function offsetInInput({ op, inputs, attributes, shape }: Value): number | undefined {
  if (op === 'Reshape') return 0
  if (op !== 'Slice' || attributes.steps !== undefined || sizeOf(shape) === 0) return undefined
  const whole = inputs[0]!.shape
  const cutAxis = shape.findLastIndex((side, axis) => side !== whole[axis])
  if (sizeOf(shape.slice(0, Math.max(0, cutAxis))) !== 1) return undefined
  const starts = attributes.starts as readonly number[]
  return starts.reduce((sum, start, axis) => sum + start * sizeOf(whole.slice(axis + 1)), 0)
}

/** Whether the parts' memory, end to end, is the whole's. */
function isEndToEnd({ op, inputs, attributes }: Value): boolean {
  return op === 'Concat' && inputs.every(({ shape }) => sizeOf(shape.slice(0, attributes.axis as number)) === 1)
}

const offsetOf = (parts: readonly Value[], index: number) =>
  parts.slice(0, index).reduce((sum, { shape }) => sum + sizeOf(shape), 0)
