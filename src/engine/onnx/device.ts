// Values that stay on a device from one session to the next. What the host gives and asks for lies in typed arrays, and
// ONNX Runtime moves it at the border of a run; parameters, moments, gradients and what one stage hands to the next do not
// leave the device.

import type { InferenceSession } from 'onnxruntime-common'
import { type Arrays, cut, type Definition, EngineError, sizeOf, type Vector } from '../engine.ts'
import { allocate, type Data, type Session, type Tensor } from './bindings.ts'
import type { DirectRuntime, ResidentTensor } from './direct.ts'
import { Graph, type Value } from './graph.ts'
import { given, nameOf } from './memory.ts'
import { encodeModel } from './model.ts'
import type { Stage } from './stages.ts'
import type { Output } from './trace.ts'

type Tensors = Record<string, Tensor>

/** Makes values on the device, and moves vectors there and back. */
export class Device {
  readonly #runtime: DirectRuntime
  readonly #options: InferenceSession.SessionOptions
  readonly #make: ReturnType<DirectRuntime['resident']>
  readonly #movers = new Map<number, Promise<Session>>()

  /** @throws Error where the provider does not start. */
  constructor(runtime: DirectRuntime, options: InferenceSession.SessionOptions) {
    this.#runtime = runtime
    this.#options = options
    this.#make = runtime.resident(copyModel(1))
  }

  /** Room for a value on the device. */
  tensor({ dtype, shape }: Pick<Value, 'dtype' | 'shape'>): ResidentTensor {
    return this.#make(dtype, shape)
  }

  /** A value in an array that the host sees. */
  host({ dtype, shape }: Pick<Value, 'dtype' | 'shape'>): Tensor & { readonly data: Data } {
    const data = allocate(dtype, sizeOf(shape))
    return new this.#runtime.Tensor(dtype, data, shape) as Tensor & { readonly data: Data }
  }

  /** Copy a vector, wherever the two lie. */
  async copy(length: number, from: Tensor, to: Tensor): Promise<void> {
    let mover = this.#movers.get(length)
    if (!mover) {
      mover = this.#runtime.InferenceSession.create(copyModel(length), this.#options)
      this.#movers.set(length, mover)
    }
    await (await mover).run({ from }, { to })
  }
}

/** A model that copies so many numbers. */
function copyModel(length: number): Uint8Array {
  const graph = new Graph()
  const from = graph.input({ stage: 0, name: 'from' }, [length], 'float32')
  const to = graph.apply('Identity', [from], [length], 'float32')
  return encodeModel({ name: 'copy', inputs: new Map([['from', from]]), outputs: new Map([['to', to]]), nodes: [to] })
}

/** A vector on the device, with a second one behind it, so that a run can read the old values while it writes the new. */
export class DeviceVector implements Vector {
  readonly length: number
  readonly #device: Device
  #front: ResidentTensor
  #back: ResidentTensor | undefined
  /** The values as the host has them: where it wrote them, to be sent before the next run; where it read them, to be read again. */
  #seen: (Tensor & { readonly data: Data }) | undefined
  #state: 'sent' | 'seen' | 'to be sent'

  constructor(length: number, device: Device) {
    this.length = length
    this.#device = device
    this.#front = this.#room()
    this.#state = 'to be sent' // zeros
  }

  #room(): ResidentTensor {
    return this.#device.tensor({ dtype: 'float32', shape: [this.length] })
  }

  get #view(): Tensor & { readonly data: Data } {
    this.#seen ??= this.#device.host({ dtype: 'float32', shape: [this.length] })
    return this.#seen
  }

  /** The present values, on the device. */
  async front(): Promise<Tensor> {
    if (this.#state === 'to be sent') {
      await this.#device.copy(this.length, this.#view, this.#front)
      this.#state = 'seen'
    }
    return this.#front
  }

  /** Where the next values are to be written, to become the present ones by `written`: behind them, if they are still read. */
  next(isRead: boolean): Tensor {
    if (!isRead) return this.#front
    this.#back ??= this.#room()
    return this.#back
  }

  /** What lies in `next` is now the vector. */
  written(target: Tensor): void {
    if (target !== this.#front) [this.#front, this.#back] = [this.#back!, this.#front]
    this.#state = 'sent'
  }

  async read(target = new Float32Array(this.length), from = 0): Promise<Float32Array> {
    if (this.#state === 'sent') {
      await this.#device.copy(this.length, this.#front, this.#view)
      this.#state = 'seen'
    }
    target.set(cut(this.#view.data as Float32Array, from, target.length))
    return target
  }

  write(values: Float32Array): void {
    if (values.length !== this.length) throw new RangeError(`${values.length} values for a vector of ${this.length}`)
    this.#view.data.set(values)
    this.#state = 'to be sent'
  }

  dispose(): void {
    this.#front.dispose()
    this.#back?.dispose()
    this.#back = undefined
  }
}

/** The memory of one program on a device. Used as `Memory` is. */
export class DeviceMemory {
  readonly #definition: Definition
  readonly #outputs: readonly Output[]
  /** What the host gives or is given. */
  readonly #arrays = new Map<Value, Tensor & { readonly data: Data }>()
  readonly #inputs = new Map<string, Value>()
  /** Values that are a vector's next ones. */
  readonly #homes = new Map<Value, string>()
  /** What is handed from stage to stage. */
  readonly #handed = new Map<Value, ResidentTensor>()
  readonly #fronts = new Map<string, Tensor>()
  readonly #targets = new Map<string, readonly [vector: DeviceVector, target: Tensor]>()

  constructor(definition: Definition, outputs: readonly Output[], stages: readonly Stage[], device: Device) {
    this.#definition = definition
    this.#outputs = outputs
    for (const { value, to } of outputs) {
      if ('vector' in to) this.#homes.set(value, to.vector)
      else this.#arrays.set(value, device.host(value))
    }
    for (const value of stages.flatMap(({ feeds }) => feeds)) {
      const { source } = value
      if (!source || 'vector' in source || this.#arrays.has(value)) continue
      this.#arrays.set(value, device.host(value))
      this.#inputs.set(`${source.stage} ${source.name}`, value)
    }
    for (const value of stages.flatMap(({ fetches }) => fetches))
      if (!this.#homes.has(value) && !this.#arrays.has(value)) this.#handed.set(value, device.tensor(value))
  }

  async begin(vectors: Readonly<Record<string, Vector>>): Promise<void> {
    const { name, reads, writes = [], gradient } = this.#definition
    const written = gradient ? [...writes, gradient.into] : writes
    const own = (key: string): DeviceVector => {
      const vector = vectors[key]
      if (vector instanceof DeviceVector) return vector
      throw new EngineError(`"${name}" needs the vector "${key}", made by the engine's own vector()`)
    }
    const read = new Set(Object.keys(reads).map(own))
    for (const key of Object.keys(reads)) this.#fronts.set(key, await own(key).front())
    for (const key of written) this.#targets.set(key, [own(key), own(key).next(read.has(own(key)))])
  }

  accept(stage: number, arrays: Arrays): void {
    for (const name of Object.keys(this.#definition.stages[stage]!)) {
      const array = given(this.#definition, stage, name, arrays)
      const value = this.#inputs.get(`${stage} ${name}`)
      if (value) this.#arrays.get(value)!.data.set(array)
    }
  }

  bind(stage: Stage): { readonly feeds: Tensors; readonly fetches: Tensors } {
    const named = (values: readonly Value[]): Tensors =>
      Object.fromEntries(values.map((value) => [nameOf(value), this.#find(value)]))
    return { feeds: named(stage.feeds), fetches: named(stage.fetches) }
  }

  #find(value: Value): Tensor {
    const { source } = value
    if (source && 'vector' in source) return this.#fronts.get(source.vector)!
    const home = this.#homes.get(value)
    return home !== undefined ? this.#targets.get(home)![1] : (this.#arrays.get(value) ?? this.#handed.get(value)!)
  }

  deliver(stage: number): Arrays {
    const due = this.#outputs.filter((output) => output.stage === stage && 'host' in output.to)
    return Object.fromEntries(
      due.map(({ value, to }) => [(to as { host: string }).host, this.#arrays.get(value)!.data as Float32Array]),
    )
  }

  finish(): void {
    for (const [vector, target] of this.#targets.values()) vector.written(target)
  }

  dispose(): void {
    for (const tensor of this.#handed.values()) tensor.dispose()
    this.#handed.clear()
  }
}
