// Cuts the graph into one piece per stage. A value is computed as late as possible: at the first stage that needs it.
// So what the host waits for is only what it asked for, and each value is computed once.

import { isLeaf, reachable, type Value } from './graph.ts'
import type { Output } from './trace.ts'
import { findViews, type Views } from './views.ts'

/** What one session does. */
export type Stage = {
  /** The operators, inputs first. */
  readonly nodes: readonly Value[]
  /** What must be there before: inputs of the graph, and values of earlier stages. */
  readonly feeds: readonly Value[]
  /** What later stages or the outputs need. */
  readonly fetches: readonly Value[]
}

export type Plan = Views & { readonly stages: readonly Stage[] }

/**
 * The stages 0 to `count` - 1, and what is only another view of what the stages read and write; without `viewing` there
 * are no views, and every value has memory of its own.
 */
export function cut(outputs: readonly Output[], count: number, viewing = true): Plan {
  const due = new Map<Value, number>()
  const needed = (value: Value, stage: number) => due.set(value, Math.min(stage, due.get(value) ?? stage))
  for (const { value, stage } of outputs) needed(value, stage)
  const values = reachable(outputs.map(({ value }) => value))
  for (const value of values.toReversed()) for (const input of value.inputs) needed(input, due.get(value)!)

  const operators = values.filter((value) => !isLeaf(value))
  const views = viewing ? findViews(operators, (value) => due.get(value)!) : { strips: [], windows: new Map() }
  const wholes = new Set(views.strips.flatMap((strip) => [...strip.wholes.keys()]))
  const computed = operators.filter((value) => !wholes.has(value) && !views.windows.has(value))
  const stages = Array.from({ length: count }, (_, stage) => {
    const nodes = computed.filter((value) => due.get(value) === stage)
    const here = new Set(nodes)
    const outside = nodes.flatMap(({ inputs }) => inputs).filter((x) => x.op !== 'Constant' && !here.has(x))
    return { nodes, feeds: [...new Set(outside)] }
  })
  // Whatever is seen from outside of its stage, under whatever shape.
  const seen = [...outputs.map(({ value }) => value), ...stages.flatMap(({ feeds }) => feeds)]
  const outlives = new Set([
    ...seen.map((value) => viewed(value, views)),
    ...views.strips.flatMap(({ parts }) => parts),
  ])
  return {
    ...views,
    stages: stages.map((stage) => ({ ...stage, fetches: stage.nodes.filter((value) => outlives.has(value)) })),
  }
}

/** The value in whose memory a view lies. */
export function viewed(value: Value, { windows }: Views): Value {
  let base = value
  for (let window = windows.get(base); window; window = windows.get(base)) base = window.of
  return base
}
