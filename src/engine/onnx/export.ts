// A definition as a file: a standalone .onnx model, with the vectors that it reads inside.

import { type Definition, EngineError, sizeOf } from '../engine.ts'
import { isLeaf, reachable, type Value } from './graph.ts'
import { encodeModel } from './model.ts'
import { optimise } from './passes/index.ts'
import { trace } from './trace.ts'

/**
 * The bytes of an .onnx model that computes a definition of one stage: inputs and outputs as the definition names them,
 * the values of the vectors it reads as constants.
 *
 * @throws EngineError where the definition has more than one stage, or writes a vector, or reads one that is not given.
 */
export function exportOnnx(
  definition: Definition,
  vectors: Readonly<Record<string, Float32Array>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const { name, stages, writes = [], gradient, reads } = definition
  if (stages.length !== 1) throw new EngineError(`"${name}" has ${stages.length} stages; only one can be exported`)
  if (gradient || writes.length > 0) throw new EngineError(`"${name}" writes vectors, which a model file cannot`)
  for (const vector of Object.keys(reads)) {
    if (!vectors[vector]) throw new EngineError(`"${name}" reads the vector "${vector}"; give its values`)
  }
  const { graph, outputs: recorded } = trace(definition)
  const traced = optimise(recorded)
  const values = reachable(traced.map(({ value }) => value))
  const initializers = new Map<Value, Float32Array>()
  for (const value of values) {
    const { source, shape } = value
    if (!source || !('vector' in source)) continue
    initializers.set(value, vectors[source.vector]!.subarray(source.offset, source.offset + sizeOf(shape)))
  }
  const inputs = values.flatMap((value): [string, Value][] =>
    value.source && 'stage' in value.source ? [[value.source.name, value]] : [],
  )
  // what the function has no use for is an input all the same: a model takes what its definition says
  for (const [key, { shape, dtype }] of Object.entries(stages[0]!))
    if (!inputs.some(([known]) => known === key)) inputs.push([key, graph.input({ stage: 0, name: key }, shape, dtype)])
  const outputs = traced.flatMap(({ value, to }): [string, Value][] => ('host' in to ? [[to.host, value]] : []))
  const nodes = values.filter((value) => !isLeaf(value))
  return encodeModel({ name, inputs: new Map(inputs), outputs: new Map(outputs), nodes, initializers, metadata })
}
