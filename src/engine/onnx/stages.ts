// Cuts the graph into one piece per stage. A value is computed as late as possible: at the first stage that needs it.
// So what the host waits for is only what it asked for, and each value is computed once.

import { isLeaf, reachable, type Value } from './graph.ts'
import { findStrips, type Strip } from './strips.ts'
import type { Output } from './trace.ts'

/** What one session does. */
export type Stage = {
  /** The operators, inputs first. */
  readonly nodes: readonly Value[]
  /** What must be there before: inputs of the graph, and values of earlier stages. */
  readonly feeds: readonly Value[]
  /** What later stages or the outputs need. */
  readonly fetches: readonly Value[]
}

/** The stages 0 to `count` - 1, and what is to lie end to end so that they need not concatenate it. */
export function cut(outputs: readonly Output[], count: number): { stages: readonly Stage[]; strips: readonly Strip[] } {
  const due = new Map<Value, number>()
  const needed = (value: Value, stage: number) => due.set(value, Math.min(stage, due.get(value) ?? stage))
  for (const { value, stage } of outputs) needed(value, stage)
  const values = reachable(outputs.map(({ value }) => value))
  for (const value of values.toReversed()) for (const input of value.inputs) needed(input, due.get(value)!)

  const operators = values.filter((value) => !isLeaf(value))
  const strips = findStrips(operators, (value) => due.get(value)!)
  const laid = new Set(strips.flatMap(({ wholes }) => [...wholes.keys()]))
  const results = new Set(outputs.map(({ value }) => value))
  const stages = Array.from({ length: count }, (_, stage) => {
    const nodes = operators.filter((value) => due.get(value) === stage && !laid.has(value))
    const here = new Set(nodes)
    const outside = nodes.flatMap(({ inputs }) => inputs).filter((x) => x.op !== 'Constant' && !here.has(x))
    return { nodes, feeds: [...new Set(outside)] }
  })
  const crossing = new Set([...stages.flatMap(({ feeds }) => feeds), ...strips.flatMap(({ parts }) => parts)])
  return {
    strips,
    stages: stages.map((stage) => ({
      ...stage,
      fetches: stage.nodes.filter((value) => results.has(value) || crossing.has(value)),
    })),
  }
}
