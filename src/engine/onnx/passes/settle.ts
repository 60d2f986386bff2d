// Makes a graph fit for values that stay on a device, where a value is a whole piece of memory and no part of another's:
// a vector is read and written as a whole, what the host gives is taken over once, and every result is a value of its own.

import { sizeOf } from '../../engine.ts'
import { isLeaf, rewrite, type Value } from '../graph.ts'
import { concat, reshape, slice } from '../operators.ts'
import type { Output } from '../trace.ts'

/** The same results. @param lengths of the vectors that are read */
export function settle(outputs: readonly Output[], lengths: ReadonlyMap<string, number>): Output[] {
  const roots = rewrite(
    outputs.map(({ value }) => value),
    (value) => taken(value, lengths),
  )
  const results = outputs.map((output, i) => ({ ...output, value: roots[i]! }))
  const seen = new Set<Value>()
  const own = (output: Output): Output => {
    let { value } = output
    if (isLeaf(value) || 'host' in output.to) value = identity(value)
    while (seen.has(value)) value = identity(value)
    seen.add(value)
    return { ...output, value }
  }
  return [...results.filter(({ to }) => 'host' in to), ...wholes(results)].map(own)
}

/** An input as the device has it: a vector's part cut out of it, the host's gift as a copy. */
function taken(value: Value, lengths: ReadonlyMap<string, number>): Value {
  const { source, shape, dtype, graph } = value
  if (!source) return value
  if ('stage' in source) return identity(value)
  const length = lengths.get(source.vector)!
  const size = sizeOf(shape)
  if (size === length && shape.length === 1) return value
  const whole = graph.input({ vector: source.vector, name: '', offset: 0 }, [length], dtype)
  const part = size === length ? whole : slice(whole, [source.offset], [size])
  return shape.length === 1 ? part : reshape(part, shape)
}

/** Per vector one result, of all that is written to it, end to end. */
function wholes(outputs: readonly Output[]): Output[] {
  const parts = new Map<string, { stage: number; offset: number; value: Value }[]>()
  for (const { value, stage, to } of outputs) {
    if (!('vector' in to)) continue
    const flat = value.shape.length === 1 ? value : reshape(value, [sizeOf(value.shape)])
    parts.set(to.vector, [...(parts.get(to.vector) ?? []), { stage, offset: to.offset, value: flat }])
  }
  return [...parts].map(([vector, some]) => {
    const values = some.sort((a, b) => a.offset - b.offset).map(({ value }) => value)
    const value = values.length > 1 ? concat(values, 0) : values[0]!
    return { value, stage: some[0]!.stage, to: { vector, offset: 0 } }
  })
}

const identity = (value: Value): Value => value.graph.apply('Identity', [value], value.shape, value.dtype)
