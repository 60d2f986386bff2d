// Floating-point operations of a configuration's training, counted in the graph that it is traced to.

import { sizeOf } from '../src/core/tensors.ts'
import type { Definition } from '../src/engine/engine.ts'
import { reachable, type Value } from '../src/engine/onnx/graph.ts'
import { trace } from '../src/engine/onnx/trace.ts'
import { actDefinition, learnDefinition, minibatchDefinition, type Plan } from '../src/training/programs.ts'

/** Episodes in a traced batch; products are linear in them. */
const batch = 8

/** Operations (a multiplication and an addition are two) of matrix products and convolutions, an episode trained on. */
export function flopsPerEpisode(plan: Plan): number {
  const { updates } = plan.algorithm
  if (!updates) return flopsOf(learnDefinition(plan, batch)) / batch
  return (
    (flopsOf(actDefinition(plan, batch)) + updates.updateEpochs * flopsOf(minibatchDefinition(plan, batch))) / batch
  )
}

/** Operations of one run of a program. */
export function flopsOf(definition: Definition): number {
  return reachable(trace(definition).outputs.map(({ value }) => value)).reduce(
    (sum, value) => sum + productOf(value),
    0,
  )
}

function productOf({ op, shape, inputs, attributes }: Value): number {
  const first = inputs[0]?.shape ?? []
  if (op === 'Gemm') return 2 * sizeOf(shape) * first[attributes.transA === 1 ? 0 : 1]!
  if (op === 'MatMul') return 2 * sizeOf(shape) * first.at(-1)!
  if (op === 'Conv') return 2 * sizeOf(shape) * sizeOf(inputs[1]!.shape.slice(1))
  return 0
}
