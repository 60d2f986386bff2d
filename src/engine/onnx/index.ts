// The traced engine: a definition becomes one ONNX graph, gradients included, and ONNX Runtime runs it.

import { matMul, type Tensor2D } from '@tensorflow/tfjs-core'
import type { InferenceSession } from 'onnxruntime-common'
import { type Engine, EngineError } from '../engine.ts'
import { Arena } from './arena.ts'
import type { Runtime } from './bindings.ts'
import { Device, DeviceVector } from './device.ts'
import { type DirectRuntime, loadDirectRuntime, type Provider } from './direct.ts'
import { optimise } from './passes/index.ts'
import { createProgram } from './program.ts'
import { forbidTelemetry } from './telemetry.ts'
import { trace } from './trace.ts'
import { ResidentVector } from './vector.ts'

export { exportOnnx } from './export.ts'

export type OnnxOptions = {
  /** Threads within one operator. Many small operators are slower on two threads than on one. Default 1. */
  readonly threads?: number
  /** Where ONNX Runtime computes. Default `cpu`. */
  readonly provider?: Provider
  /** Whether element-wise stages run as loops of our own. Default true, on the CPU. */
  readonly loops?: boolean
  /** Whether ONNX Runtime is called directly where it can be: on one thread. Default true. */
  readonly direct?: boolean
  /** Whether values stay in the provider's memory between runs, if it is called directly. Default true, but on the CPU. */
  readonly resident?: boolean
  /** Further session options of ONNX Runtime, for measuring. */
  readonly session?: InferenceSession.SessionOptions
}

/** @throws EngineError where onnxruntime-node is not installed or does not load. */
export async function createOnnxEngine({
  threads = 1,
  provider = 'cpu',
  loops = true,
  direct = true,
  resident = provider !== 'cpu',
  session,
}: OnnxOptions = {}): Promise<Engine> {
  const plain = direct && threads === 1 && session === undefined
  const called = plain ? await loadDirectRuntime(provider).catch(() => undefined) : undefined
  const runtime = called ?? (await loadRuntime())
  const where = `${provider}, ${threads === 1 ? '1 thread' : `${threads} threads`}`
  const options: InferenceSession.SessionOptions = {
    executionProviders: [provider],
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
    ...session,
  }
  const device = called && resident ? startDevice(called, options, provider) : undefined
  const arena = provider === 'cpu' && loops && !device ? Arena.create() : undefined
  const home = device ? { device } : { arena }
  const how = device ? 'called directly, values stay there' : called ? 'called directly' : 'through its Node binding'
  const engine: Engine = {
    name: provider === 'cpu' ? 'onnx' : `onnx-${provider}`,
    description: `ONNX Runtime ${runtime.version}, ${where}, ${how}`,
    vector: (length) =>
      device
        ? new DeviceVector(length, device)
        : new ResidentVector(length, (size) => arena?.allocate(size) ?? new Float32Array(size)),
    compile: (definition) => createProgram(definition, optimise(trace(definition).outputs), runtime, options, home),
    dispose: () => {},
  }
  if (provider !== 'cpu') await probe(engine, provider)
  return engine
}

/** @throws EngineError where the provider does not start. */
function startDevice(runtime: DirectRuntime, options: InferenceSession.SessionOptions, provider: Provider): Device {
  try {
    return new Device(runtime, options)
  } catch (error) {
    throw unavailable(provider, error)
  }
}

/** @throws EngineError where a provider does not compute: it is known only when a first session is run. */
async function probe(engine: Engine, provider: string): Promise<void> {
  const signature = { x: { shape: [2, 2], dtype: 'float32' } } as const
  const program = engine.compile({
    name: 'probe',
    reads: {},
    stages: [signature],
    *body(_, { x }) {
      yield* []
      return { square: matMul(x as Tensor2D, x as Tensor2D) }
    },
  })
  try {
    await program.run({}, () => ({ x: Float32Array.of(1, 2, 3, 4) }))
  } catch (error) {
    throw unavailable(provider, error)
  } finally {
    program.dispose()
  }
}

function unavailable(provider: string, error: unknown): EngineError {
  const [why] = (error as Error).message.replace(/^.*?(\[ONNXRuntimeError\] : \d+ : \w+)?: /, '').split('\n')
  return new EngineError(`ONNX Runtime's provider ${provider} does not start here: ${why?.slice(0, 300)}`)
}

async function loadRuntime(): Promise<Runtime & { readonly version: string }> {
  await forbidTelemetry()
  try {
    const { InferenceSession, Tensor, env } = await import('onnxruntime-node')
    env.logLevel = 'fatal' // what goes wrong is thrown, too
    return { InferenceSession, Tensor: Tensor as unknown as Runtime['Tensor'], version: env.versions.common ?? '' }
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : error
    throw new EngineError(`the onnx engine needs the package onnxruntime-node (npm i onnxruntime-node@1.30.0): ${why}`)
  }
}
