// ONNX Runtime through its C interface, called from JavaScript by koffi. Its Node binding makes a value of every tensor anew
// for every run, and a copy of every result, although results are written where they belong; here both are made once. On a
// GPU, values can stay there from one run to the next, which the binding does not offer.

import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Data, Runtime, Session, Tensor } from './bindings.ts'
import type { ValueType } from './graph.ts'
import { forbidTelemetry } from './telemetry.ts'

/** Places in the table of functions that every version of ONNX Runtime keeps (onnxruntime_c_api.h, version 1). */
const functions = {
  errorMessage: [2, 'const char *errorMessage(uintptr_t status)'],
  createEnv: [3, 'uintptr_t createEnv(int level, const char *name, void *made)'],
  disableTelemetry: [6, 'uintptr_t disableTelemetry(uintptr_t env)'],
  createSession: [
    8,
    'uintptr_t createSession(uintptr_t env, void *model, size_t bytes, uintptr_t options, void *made)',
  ],
  run: [
    9,
    'uintptr_t run(uintptr_t session, uintptr_t options, void *feedNames, void *feeds, size_t feedCount, void *fetchNames, size_t fetchCount, void *fetches)',
  ],
  createOptions: [10, 'uintptr_t createOptions(void *made)'],
  setSeverity: [22, 'uintptr_t setSeverity(uintptr_t options, int level)'],
  setOptimisation: [23, 'uintptr_t setOptimisation(uintptr_t options, int level)'],
  setThreads: [24, 'uintptr_t setThreads(uintptr_t options, int threads)'],
  allocateTensor: [48, 'uintptr_t allocateTensor(uintptr_t allocator, void *shape, size_t rank, int type, void *made)'],
  createTensor: [
    49,
    'uintptr_t createTensor(uintptr_t memory, void *data, size_t bytes, void *shape, size_t rank, int type, void *made)',
  ],
  createMemory: [69, 'uintptr_t createMemory(int allocator, int kind, void *made)'],
  createNamedMemory: [
    68,
    'uintptr_t createNamedMemory(const char *name, int allocator, int device, int kind, void *made)',
  ],
  releaseStatus: [93, 'void releaseStatus(uintptr_t status)'],
  releaseSession: [95, 'void releaseSession(uintptr_t session)'],
  releaseValue: [96, 'void releaseValue(uintptr_t value)'],
  releaseOptions: [100, 'void releaseOptions(uintptr_t options)'],
  createAllocator: [131, 'uintptr_t createAllocator(uintptr_t session, uintptr_t memory, void *made)'],
  addCuda: [204, 'uintptr_t addCuda(uintptr_t options, uintptr_t cuda)'],
  createCuda: [205, 'uintptr_t createCuda(void *made)'],
  updateCuda: [206, 'uintptr_t updateCuda(uintptr_t cuda, void *keys, void *values, size_t count)'],
  releaseCuda: [208, 'void releaseCuda(uintptr_t cuda)'],
  addProvider: [
    216,
    'uintptr_t addProvider(uintptr_t options, const char *name, void *keys, void *values, size_t count)',
  ],
} as const satisfies Record<string, readonly [place: number, prototype: string]>

/** Constants of the same header. */
const [fatal, optimiseAll, deviceAllocator, defaultMemory] = [4, 99, 0, 0]
const elementTypes: Readonly<Record<ValueType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 }

type Handle = bigint
type Call = (...operands: unknown[]) => bigint | number | string

export type DirectRuntime = Runtime & {
  readonly version: string
  /** Held, for koffi unloads a library that nothing refers to, with all its functions. */
  readonly library: unknown
  /**
   * Where values can stay: what makes them, uninitialised, in the memory of the provider.
   * @param model of a session that is kept as long as the process, for the memory belongs to it
   */
  resident(model: Uint8Array): (dtype: ValueType, dims: readonly number[]) => ResidentTensor
}

/** A value in the memory of the provider. Its numbers are moved by sessions that read and write it. */
export type ResidentTensor = Tensor & { dispose(): void }

/** Where ONNX Runtime computes. */
export type Provider = 'cpu' | 'webgpu' | 'cuda'

/** What a provider calls its memory. */
const memoryNames: Readonly<Record<Provider, string>> = { cpu: 'Cpu', webgpu: 'WebGPU_Buffer', cuda: 'Cuda' }

/** Products in float32 as it is, not rounded to 19 bits; one stream, waited for at the end of each run. */
const cudaOptions: Readonly<Record<string, string>> = { use_tf32: '0' }

const loading = new Map<Provider, Promise<DirectRuntime>>()

/**
 * ONNX Runtime on one thread of the CPU, or on a GPU.
 * @throws Error where koffi or the library is not to be had; a provider that does not start, says so by its first session.
 */
export function loadDirectRuntime(provider: Provider = 'cpu'): Promise<DirectRuntime> {
  const known = loading.get(provider) ?? load(provider)
  loading.set(provider, known)
  return known
}

/** The library and its functions, once in a thread: koffi knows a prototype's name only once. */
async function open() {
  const { default: koffi } = await import('koffi')
  await forbidTelemetry()
  const library = koffi.load(libraryPath())
  const base = BigInt(library.func('uintptr_t OrtGetApiBase()')() as bigint)
  const [getApi, getVersion] = koffi.decode(base, 'uintptr_t', 2) as unknown as [Handle, Handle]
  const version = koffi.call(getVersion, koffi.proto('const char *()')) as string
  const api = BigInt(koffi.call(getApi, koffi.proto('uintptr_t (uint32_t)'), 1) as bigint)
  const places = Object.values(functions).map(([place]) => place)
  const table = koffi.decode(api, 'uintptr_t', 1 + Math.max(...places)) as unknown as BigUint64Array
  const calls = Object.fromEntries(
    Object.entries(functions).map(([name, [place, prototype]]) => [
      name,
      koffi.decode(table[place]!, koffi.proto(prototype)) as Call,
    ]),
  ) as Record<keyof typeof functions, Call>
  return { koffi, library, version, calls }
}

let opening: ReturnType<typeof open> | undefined

async function load(provider: Provider): Promise<DirectRuntime> {
  opening ??= open()
  const { koffi, library, version, calls } = await opening
  const made = new BigUint64Array(1)

  /** Call a function that answers with a status. @throws Error with ONNX Runtime's message where it is a failure. */
  function attempt(call: Call, ...operands: unknown[]): void {
    const status = call(...operands)
    if (!status) return
    const message = String(calls.errorMessage(status))
    calls.releaseStatus(status)
    throw new Error(message)
  }

  /** What a function makes. */
  function make(call: Call, ...operands: unknown[]): Handle {
    attempt(call, ...operands, made)
    return made[0]!
  }

  const env = make(calls.createEnv, fatal, 'saccade')
  attempt(calls.disableTelemetry, env)
  const memory = make(calls.createMemory, deviceAllocator, defaultMemory)
  const unused = new FinalizationRegistry<Handle>((handle) => calls.releaseValue(handle))

  /** Have a session's options name the provider. @throws Error where this build or machine has no such provider. */
  function provide(options: Handle): void {
    if (provider === 'webgpu') attempt(calls.addProvider, options, 'WebGPU', null, null, 0)
    if (provider !== 'cuda') return
    const cuda = make(calls.createCuda)
    try {
      const [keys, values] = [textsOf(Object.keys(cudaOptions)), textsOf(Object.values(cudaOptions))]
      attempt(calls.updateCuda, cuda, keys.pointers, values.pointers, keys.letters.length)
      attempt(calls.addCuda, options, cuda)
    } finally {
      calls.releaseCuda(cuda)
    }
  }

  /** A value over a typed array, whose memory ONNX Runtime reads and writes. */
  class DirectTensor implements Tensor {
    readonly data: Data
    readonly handle: Handle

    constructor(dtype: ValueType, data: Data, dims: readonly number[]) {
      this.data = data
      const shape = BigInt64Array.from(dims, BigInt)
      this.handle = make(calls.createTensor, memory, data, data.byteLength, shape, dims.length, elementTypes[dtype])
      unused.register(this, this.handle)
    }
  }

  class DirectSession implements Session {
    readonly #session: Handle
    #operands: [feeds: Operands, fetches: Operands] | undefined

    constructor(model: Uint8Array) {
      const options = make(calls.createOptions)
      try {
        attempt(calls.setSeverity, options, fatal)
        attempt(calls.setOptimisation, options, optimiseAll)
        attempt(calls.setThreads, options, 1)
        provide(options)
        this.#session = make(calls.createSession, env, model, model.byteLength, options)
      } finally {
        calls.releaseOptions(options)
      }
    }

    /** What makes values in the provider's memory. */
    get allocator(): Handle {
      const place = make(calls.createNamedMemory, memoryNames[provider], deviceAllocator, 0, defaultMemory)
      return make(calls.createAllocator, this.#session, place)
    }

    async run(feeds: Readonly<Record<string, Tensor>>, fetches: Readonly<Record<string, Tensor>>): Promise<void> {
      this.#operands ??= [operandsOf(feeds), operandsOf(fetches)]
      const [given, taken] = this.#operands
      for (let i = 0; i < given.names.length; i++) given.handles[i] = (feeds[given.names[i]!] as Held).handle
      for (let i = 0; i < taken.names.length; i++) taken.handles[i] = (fetches[taken.names[i]!] as Held).handle
      attempt(
        calls.run,
        this.#session,
        0,
        given.pointers,
        given.handles,
        given.names.length,
        taken.pointers,
        taken.names.length,
        taken.handles,
      )
    }

    async release(): Promise<void> {
      calls.releaseSession(this.#session)
    }
  }

  function resident(model: Uint8Array): (dtype: ValueType, dims: readonly number[]) => ResidentTensor {
    const keeper = new DirectSession(model)
    const { allocator } = keeper
    return (dtype, dims) => {
      const shape = BigInt64Array.from(dims, BigInt)
      const handle = make(calls.allocateTensor, allocator, shape, dims.length, elementTypes[dtype])
      const tensor = {
        ...{ data: undefined, handle, keeper },
        dispose() {
          unused.unregister(tensor)
          calls.releaseValue(handle)
        },
      }
      unused.register(tensor, handle, tensor)
      return tensor
    }
  }

  /** Texts as C has them. */
  function textsOf(texts: readonly string[]): Texts {
    const letters = texts.map((text) => Buffer.from(`${text}\0`))
    return { letters, pointers: BigUint64Array.from(letters, (text) => koffi.address(text)) }
  }

  /** The names of operands as C has them, and room for their handles. */
  function operandsOf(tensors: Readonly<Record<string, Tensor>>): Operands {
    const names = Object.keys(tensors)
    return { names, ...textsOf(names), handles: new BigUint64Array(names.length) }
  }

  return {
    version,
    library,
    InferenceSession: { create: async (model) => new DirectSession(model) },
    Tensor: DirectTensor,
    resident,
  }
}

/** A value as ONNX Runtime knows it. */
type Held = Tensor & { readonly handle: Handle }

type Texts = {
  /** What the pointers point to. */
  readonly letters: readonly Buffer[]
  readonly pointers: BigUint64Array
}

type Operands = Texts & {
  readonly names: readonly string[]
  readonly handles: BigUint64Array
}

/** The library that onnxruntime-node brings for this machine. */
function libraryPath(): string {
  const bin = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node')), '../bin')
  const abi = readdirSync(bin).find((name) => name.startsWith('napi-'))
  const folder = join(bin, abi ?? '', process.platform, process.arch)
  const file = readdirSync(folder).find((name) => /^(lib)?onnxruntime\.(so\.1|dll|1\.dylib)$/.test(name))
  if (!file) throw new Error(`no library of ONNX Runtime in ${folder}`)
  return join(folder, file)
}
