// Concatenations that cost nothing: where all parts come from outside of a stage, they are laid end to end in memory
// from the start, and the whole is only another view of them.

import { sizeOf } from '../engine.ts'
import { isLeaf, type Value } from './graph.ts'

/** Parts that lie end to end, and the offset of each whole that is a run of them. */
export type Strip = { readonly parts: readonly Value[]; readonly wholes: ReadonlyMap<Value, number> }

/** Strips for the operators; `due` is the stage in which an operator is computed. */
export function findStrips(operators: readonly Value[], due: (value: Value) => number): Strip[] {
  const strips: { parts: readonly Value[]; wholes: Map<Value, number> }[] = []
  const stripOf = new Map<Value, (typeof strips)[number]>()
  const candidates = operators.filter(
    (value) => isEndToEnd(value) && value.inputs.every((part) => arrives(part, value)),
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
  return strips

  /** Whether the part is there before the stage of the whole begins, in memory that may be laid out freely. */
  function arrives(part: Value, whole: Value): boolean {
    if (part.source) return 'stage' in part.source
    return !isLeaf(part) && due(part) < due(whole)
  }
}

/** Whether the parts' memory, end to end, is the whole's. */
function isEndToEnd({ op, inputs, attributes }: Value): boolean {
  return op === 'Concat' && inputs.every(({ shape }) => sizeOf(shape.slice(0, attributes.axis as number)) === 1)
}

const offsetOf = (parts: readonly Value[], index: number) =>
  parts.slice(0, index).reduce((sum, { shape }) => sum + sizeOf(shape), 0)
