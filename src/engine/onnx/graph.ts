// The dataflow graph: immutable expressions with one result each. Two equal expressions are one object (so common
// sub-expressions are shared by construction), and an expression's inputs always have smaller ids than it has. What
// nobody asks for is not part of any walk, so dead expressions need no removal.

export type ValueType = 'float32' | 'int32' | 'int64' | 'float64' | 'bool'
export type Attribute = number | string | readonly number[]
export type Attributes = Readonly<Record<string, Attribute>>

/** Where an input comes from: what the host gives at a stage, or a slice of a resident vector. */
export type Source =
  | { readonly stage: number; readonly name: string }
  | { readonly vector: string; readonly offset: number; readonly name: string }

/** One tensor: an input, a constant, or an ONNX operator applied to other tensors. */
export type Value = {
  readonly graph: Graph
  readonly id: number
  /** `Input`, `Constant`, or the name of an ONNX operator. */
  readonly op: string
  readonly inputs: readonly Value[]
  /** In the graph also what ONNX takes as constant inputs (shape, axes, starts, ...): see model.ts. */
  readonly attributes: Attributes
  readonly shape: readonly number[]
  readonly dtype: ValueType
  readonly source?: Source
  /** A constant's elements, or the one number that all of them are. */
  readonly data?: ArrayLike<number> | number
}

/** Makes values, each only once. */
export class Graph {
  readonly #values = new Map<string, Value>()
  #count = 0

  /** The operator applied to the inputs; the caller infers shape and type. */
  apply(op: string, inputs: readonly Value[], shape: readonly number[], dtype: ValueType, attributes: Attributes = {}) {
    const ids = inputs.map(({ id }) => id).join()
    return this.#intern(`${op}(${ids})${JSON.stringify(attributes)}${dtype}[${shape}]`, {
      op,
      inputs,
      attributes,
      shape,
      dtype,
    })
  }

  input(source: Source, shape: readonly number[], dtype: ValueType): Value {
    return this.#intern(`input ${JSON.stringify(source)}[${shape}]`, {
      op: 'Input',
      inputs: [],
      attributes: {},
      shape,
      dtype,
      source,
    })
  }

  /** A constant; recognised as uniform where all its elements are the same. */
  constant(data: ArrayLike<number> | number, shape: readonly number[], dtype: ValueType): Value {
    const uniform = typeof data === 'number' ? data : uniformOf(data)
    const key =
      uniform !== undefined
        ? `fill ${Object.is(uniform, -0) ? '-0' : uniform} ${dtype}[${shape}]`
        : `constant ${Array.from(data as ArrayLike<number>)} ${dtype}[${shape}]`
    return this.#intern(key, { op: 'Constant', inputs: [], attributes: {}, shape, dtype, data: uniform ?? data })
  }

  #intern(key: string, value: Omit<Value, 'graph' | 'id'>): Value {
    const known = this.#values.get(key)
    if (known) return known
    const made: Value = { ...value, graph: this, id: this.#count++ }
    this.#values.set(key, made)
    return made
  }
}

function uniformOf(data: ArrayLike<number>): number | undefined {
  const first = data[0]
  if (first === undefined) return undefined
  for (let i = 1; i < data.length; i++) if (!Object.is(data[i], first)) return undefined
  return first
}

/** The number that every element of a constant is; undefined for anything else. */
export const fillOf = (value: Value): number | undefined => (typeof value.data === 'number' ? value.data : undefined)

export const isLeaf = (value: Value): boolean => value.op === 'Input' || value.op === 'Constant'

/** Everything that the roots need, inputs first. */
export function reachable(roots: readonly Value[]): Value[] {
  const seen = new Set<Value>(roots)
  for (const value of seen) for (const input of value.inputs) seen.add(input)
  return [...seen].sort((a, b) => a.id - b.id)
}

/** How often each value is used, as an operand or as a root. */
export function countUses(roots: readonly Value[]): Map<Value, number> {
  const uses = new Map<Value, number>()
  const use = (value: Value) => uses.set(value, (uses.get(value) ?? 0) + 1)
  for (const value of reachable(roots)) value.inputs.forEach(use)
  roots.forEach(use)
  return uses
}

/**
 * Gives a replacement for a value, or the value itself. `value` has its inputs rewritten already; `original` is the same
 * value before, and `now` tells what became of any other value that `original` depends on.
 */
export type Rule = (value: Value, original: Value, now: (value: Value) => Value) => Value

/** Rewrite from the inputs up; a replacement is offered to the rule again until it stays. */
export function rewrite(roots: readonly Value[], rule: Rule): Value[] {
  const done = new Map<Value, Value>()
  const now = (value: Value) => done.get(value)!
  for (const original of reachable(roots)) {
    const { graph, op, shape, dtype, attributes } = original
    const inputs = original.inputs.map(now)
    const same = inputs.every((input, i) => input === original.inputs[i])
    let value = same ? original : graph.apply(op, inputs, shape, dtype, attributes)
    for (let next = rule(value, original, now); next !== value; next = rule(value, original, now)) value = next
    done.set(original, value)
  }
  return roots.map(now)
}
