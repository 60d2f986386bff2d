// Where a program's tensors lie. Everything that outlives a session has one place in a typed array: the sessions read
// and write there, and nothing is copied but what the host hands in.

import { type Arrays, type Definition, EngineError, sizeOf, type Vector } from '../engine.ts'
import type { Arena } from './arena.ts'
import { allocate, Bindings, type Data, type Runtime, type Tensor } from './bindings.ts'
import type { Value } from './graph.ts'
import { type Plan, type Stage, viewed } from './stages.ts'
import type { Output } from './trace.ts'
import { ResidentVector } from './vector.ts'
import type { Strip } from './views.ts'

type Tensors = Record<string, Tensor>
/** A session's operands by name; those that move must be bound again for every run. */
type Bound = {
  readonly feeds: Tensors
  readonly fetches: Tensors
  readonly moving: { readonly tensors: Tensors; readonly name: string; readonly value: Value }[]
}
type Place = readonly [array: Data, offset: number]

export const nameOf = (value: Value): string => `v${value.id}`

/** What the host gives under a name at a stage. @throws EngineError where it is not what the definition wants. */
export function given(definition: Definition, stage: number, name: string, arrays: Arrays): Float32Array | Int32Array {
  const { shape, dtype } = definition.stages[stage]![name]!
  const array = arrays[name]
  const kind = array instanceof Float32Array ? 'float32' : array instanceof Int32Array ? 'int32' : 'nothing'
  if (array && kind === dtype && array.length === sizeOf(shape)) return array
  throw new EngineError(
    `"${definition.name}" wants "${name}" at stage ${stage} as ${dtype} [${shape}], ` +
      `and got ${array ? `${kind} of ${array.length}` : kind}`,
  )
}

/** The memory of one program. Used in this order: begin, then per stage accept, bind, deliver, and at last finish. */
export class Memory {
  readonly #definition: Definition
  readonly #outputs: readonly Output[]
  readonly #plan: Plan
  readonly #bindings: Bindings
  readonly #arena: Arena | undefined
  /** Values with an array of their own, or a place in a strip. */
  readonly #places = new Map<Value, Place>()
  /** Values that are computed straight into a vector. */
  readonly #homes = new Map<Value, { readonly vector: string; readonly offset: number }>()
  /** Inputs by stage and name, those that anything depends on. */
  readonly #inputs = new Map<string, Value>()
  readonly #bound = new Map<Stage, Bound>()
  readonly #residents = new Map<string, ResidentVector>()
  readonly #targets = new Map<string, Float32Array>()

  /** @param arena where large values go, if there is room and it is given */
  constructor(
    definition: Definition,
    outputs: readonly Output[],
    plan: Plan,
    runtime: Runtime,
    arena: Arena | undefined,
  ) {
    const { stages, strips } = plan
    this.#plan = plan
    this.#definition = definition
    this.#outputs = outputs
    this.#bindings = new Bindings(runtime)
    this.#arena = arena
    const fetched = new Set(stages.flatMap(({ fetches }) => fetches))
    for (const { value, to } of outputs) {
      if ('vector' in to && fetched.has(value) && !this.#homes.has(value)) this.#homes.set(value, to)
    }
    for (const strip of strips) this.#layStrip(strip)
    for (const value of fetched) if (!this.#homes.has(value)) this.#ownPlace(value)
    for (const { feeds } of stages) for (const value of feeds) this.#keep(value)
    for (const { value } of outputs) this.#keep(value)
  }

  /** Take the vectors for one run; those that are read too are written behind their present values. */
  begin(vectors: Readonly<Record<string, Vector>>): void {
    const { name, reads, writes = [], gradient } = this.#definition
    const written = gradient ? [...writes, gradient.into] : writes
    for (const key of [...Object.keys(reads), ...written]) {
      const vector = vectors[key]
      if (!(vector instanceof ResidentVector)) {
        throw new EngineError(`"${name}" needs the vector "${key}", made by the onnx engine's vector()`)
      }
      this.#residents.set(key, vector)
    }
    const read = new Set(Object.keys(reads).map((key) => this.#residents.get(key)))
    for (const key of written) {
      const vector = this.#residents.get(key)!
      this.#targets.set(key, read.has(vector) ? vector.back : vector.front)
    }
  }

  /** Take the host's inputs for a stage, as copies: the host may use its arrays again, and those here are bound once. */
  accept(stage: number, arrays: Arrays): void {
    for (const name of Object.keys(this.#definition.stages[stage]!)) {
      const array = given(this.#definition, stage, name, arrays)
      const value = this.#inputs.get(`${stage} ${name}`)
      if (!value) continue // an input that nothing depends on
      const [place, offset] = this.#ownPlace(value)
      place.set(array, offset)
    }
  }

  /** The tensors that a stage's session reads and those that it writes. */
  bind(stage: Stage): Bound {
    const bound = this.#bound.get(stage) ?? this.#bindOnce(stage)
    for (const { tensors, name, value } of bound.moving) tensors[name] = this.#tensor(value)
    return bound
  }

  /** What keeps its place is bound once; vectors swap their arrays. */
  #bindOnce(stage: Stage): Bound {
    const bound: Bound = { feeds: {}, fetches: {}, moving: [] }
    for (const [values, tensors] of [[stage.feeds, bound.feeds] as const, [stage.fetches, bound.fetches] as const]) {
      for (const value of values) {
        const name = nameOf(value)
        if (this.#places.has(viewed(value, this.#plan))) tensors[name] = this.#tensor(value)
        else bound.moving.push({ tensors, name, value })
      }
    }
    this.#bound.set(stage, bound)
    return bound
  }

  #tensor(value: Value): Tensor {
    const [array, offset] = this.#find(value)
    return this.#bindings.tensor(value, array, offset)
  }

  /** Hand out a stage's results: to the host as arrays, to vectors where they do not lie already. */
  deliver(stage: number): Arrays {
    const arrays: Record<string, Float32Array | Int32Array> = {}
    for (const { value, stage: due, to } of this.#outputs) {
      if (due !== stage) continue
      const [array, offset] = this.#find(value)
      if ('host' in to) arrays[to.host] = this.#view(value, array, offset) as Float32Array
      else if (this.#homes.get(value) !== to)
        this.#targets.get(to.vector)!.set(this.#view(value, array, offset), to.offset)
    }
    return arrays
  }

  /** Make the written values the present ones. */
  finish(): void {
    for (const [name, target] of this.#targets) {
      const vector = this.#residents.get(name)!
      if (target !== vector.front) vector.swap()
    }
  }

  /** What the host gives gets a place, and so do constants, which are laid there once. */
  #keep(view: Value): void {
    const value = viewed(view, this.#plan)
    const { source, data } = value
    if (source && 'stage' in source) this.#inputs.set(`${source.stage} ${source.name}`, value)
    if (data !== undefined) {
      const [array] = this.#ownPlace(value)
      if (typeof data === 'number') array.fill(data)
      else array.set(data)
    } else if (source && 'stage' in source) this.#ownPlace(value)
  }

  #ownPlace(value: Value): Place {
    const known = this.#places.get(value)
    if (known) return known
    const { dtype, shape } = value
    const shared = dtype === 'float32' ? this.#arena?.allocate(sizeOf(shape)) : undefined
    const place: Place = [shared ?? allocate(dtype, sizeOf(shape)), 0]
    this.#places.set(value, place)
    return place
  }

  #layStrip({ parts, wholes }: Strip): void {
    const array = allocate(
      parts[0]!.dtype,
      parts.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    )
    for (const [whole, offset] of wholes) this.#places.set(whole, [array, offset])
    let offset = 0
    for (const part of parts) {
      this.#places.set(part, [array, offset])
      if (part.source) this.#keep(part)
      offset += sizeOf(part.shape)
    }
  }

  /** The array that holds the value in this run, and where in it. */
  #find(value: Value): Place {
    const window = this.#plan.windows.get(value)
    if (window) {
      const [array, offset] = this.#find(window.of)
      return [array, offset + window.offset]
    }
    const place = this.#places.get(value)
    if (place) return place
    const home = this.#homes.get(value)
    if (home) return [this.#targets.get(home.vector)!, home.offset]
    if (value.source && 'vector' in value.source) {
      return [this.#residents.get(value.source.vector)!.front, value.source.offset]
    }
    throw new Error(`no place for ${value.op} ${nameOf(value)}`)
  }

  #view({ shape }: Value, array: Data, offset: number): Data {
    const size = sizeOf(shape)
    return size === array.length ? array : array.subarray(offset, offset + size)
  }
}
