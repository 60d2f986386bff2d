// Operators that cost nothing because their results are other views of the same memory: concatenations of parts that
// come from outside of a stage, laid end to end from the start, and reshapes of what comes from outside.

import { sizeOf } from '../engine.ts'
import { isLeaf, type Value } from './graph.ts'

/** Parts that lie end to end, and the offset of each whole that is a run of them. */
export type Strip = { readonly parts: readonly Value[]; readonly wholes: ReadonlyMap<Value, number> }

export type Views = { readonly strips: readonly Strip[]; readonly reshapes: ReadonlySet<Value> }

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
  const reshapes = new Set<Value>()
  for (const value of operators) {
    if (value.op !== 'Reshape' || stripOf.has(value)) continue
    const [x] = value.inputs as [Value]
    if (!outside(x, value) && !views.has(x)) continue
    views.add(value)
    reshapes.add(value)
  }
  return { strips, reshapes }
}

/** Whether the parts' memory, end to end, is the whole's. */
function isEndToEnd({ op, inputs, attributes }: Value): boolean {
  return op === 'Concat' && inputs.every(({ shape }) => sizeOf(shape.slice(0, attributes.axis as number)) === 1)
}

const offsetOf = (parts: readonly Value[], index: number) =>
  parts.slice(0, index).reduce((sum, { shape }) => sum + sizeOf(shape), 0)
