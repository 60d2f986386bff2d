// Which engine computes: by name, or the first of the list that is to be had here; and why, in one line.

import { createRequire } from 'node:module'
import { suggestion } from '../core/options.ts'
import { createEagerEngine } from './eager.ts'
import { type Engine, EngineError, guarded } from './engine.ts'
import { createWasmEngine } from './wasm.ts'

/** An engine that can be asked for. */
export type EngineDefinition = {
  readonly name: string
  readonly description: string
  /** What its absence costs, and how to get it. */
  readonly remedy: string
  /** Whether `auto` may take it. */
  readonly automatic: boolean
  /** Whether several may run in the threads of one process. */
  readonly threadable: boolean
  /** Where threads share one device: the episodes of a batch that each should have at least, for a further one to pay. */
  readonly episodesPerThread?: number
  create(): Promise<Engine>
}

/** Every engine, the one that `auto` prefers first. */
export const engines: readonly EngineDefinition[] = [
  {
    name: 'onnx',
    description: 'the whole step traced into one graph, run by ONNX Runtime; the fastest without a GPU',
    remedy: 'npm add -O --ignore-scripts onnxruntime-node@1.30.0',
    automatic: true,
    threadable: true,
    create: async () => (await import('./onnx/index.ts')).createOnnxEngine(),
  },
  {
    name: 'onnx-cuda',
    description: "the traced graph on an NVIDIA GPU, through ONNX Runtime's CUDA provider",
    remedy: 'install CUDA, cuDNN 9 and the provider that was built for them: docs/gpu.md',
    automatic: false,
    threadable: true,
    episodesPerThread: 512,
    create: async () => (await import('./onnx/index.ts')).createOnnxEngine({ provider: 'cuda' }),
  },
  {
    name: 'onnx-webgpu',
    description:
      "the traced graph on any GPU with a Vulkan, Metal or Direct3D driver, through ONNX Runtime's WebGPU provider",
    remedy: 'install a GPU driver with Vulkan (libvulkan.so.1 on Linux)',
    automatic: false,
    threadable: false,
    create: async () => (await import('./onnx/index.ts')).createOnnxEngine({ provider: 'webgpu' }),
  },
  {
    name: 'tensorflow',
    description: 'libtensorflow through @tensorflow/tfjs-node-gpu or tfjs-node, on the GPU where it finds one',
    remedy: 'npm install @tensorflow/tfjs-node-gpu@4.22.0 (or tfjs-node@4.22.0)',
    automatic: true,
    threadable: false,
    create: createTensorflowEngine,
  },
  {
    name: 'wasm',
    description: 'TensorFlow.js in WebAssembly; runs everywhere',
    remedy: 'reinstall @tensorflow/tfjs-backend-wasm',
    automatic: true,
    threadable: true,
    create: createWasmEngine,
  },
  {
    name: 'cpu',
    description: 'TensorFlow.js in plain JavaScript; for reference and tests',
    remedy: 'reinstall @tensorflow/tfjs-backend-cpu',
    automatic: true,
    threadable: true,
    create: async () => {
      await import('@tensorflow/tfjs-backend-cpu')
      return createEagerEngine('cpu', 'cpu', 'TensorFlow.js in plain JavaScript, one thread')
    },
  },
]

/** How many threads an engine is best run in, on so many cores with so many episodes in a batch. */
export function threadsFor(
  { threadable, episodesPerThread }: EngineDefinition,
  cores: number,
  episodes: number,
): number {
  if (!threadable) return 1
  return episodesPerThread ? Math.max(1, Math.min(cores, Math.floor(episodes / episodesPerThread))) : cores
}

/** An engine, and one line on why it is this one. */
export type Selection = { readonly engine: Engine; readonly definition: EngineDefinition; readonly why: string }

/**
 * The engine of a name; for `auto`, the first of `engines` that starts.
 * @throws EngineError where the name is unknown, or the engine that was asked for by name cannot be had.
 */
export async function selectEngine(name: string): Promise<Selection> {
  if (name !== 'auto') {
    const definition = engines.find((engine) => engine.name === name)
    if (!definition)
      throw new EngineError(
        `unknown engine "${name}"${suggestion(name, ['auto', ...engines.map((engine) => engine.name)])}`,
      )
    try {
      return { engine: guarded(await definition.create()), definition, why: 'asked for by name' }
    } catch (error) {
      throw new EngineError(`engine ${name}: ${firstLine(error)}; to get it: ${definition.remedy}`)
    }
  }
  const missed: string[] = []
  for (const definition of engines.filter(({ automatic }) => automatic)) {
    try {
      const engine = guarded(await definition.create())
      const why = missed.length > 0 ? `the best found here; ${missed.join('; ')}` : definition.description
      return { engine, definition, why }
    } catch (error) {
      missed.push(`no ${definition.name} (${firstLine(error)}; to get it: ${definition.remedy})`)
    }
  }
  throw new EngineError(`no engine starts here: ${missed.join('; ')}`)
}

/** libtensorflow, through whichever of the two packages is installed. */
async function createTensorflowEngine(): Promise<Engine> {
  mendNodeUtil()
  const failures: string[] = []
  for (const name of ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']) {
    try {
      const tf = (await import(name)) as {
        version?: Record<string, string>
        default?: { version?: Record<string, string> }
      }
      const core = await import('@tensorflow/tfjs-core')
      await core.setBackend('tensorflow')
      const gpu = (core.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice
      const version = (tf.version ?? tf.default?.version)?.['tfjs-node'] ?? ''
      return await createEagerEngine('tensorflow', 'tensorflow', `${name} ${version}, ${gpu ? 'GPU' : 'CPU'}`)
    } catch (error) {
      failures.push(`${name}: ${firstLine(error)}`)
    }
  }
  throw new EngineError(failures.join('; '))
}

/** tfjs-node 4.22 calls functions of node:util that Node 23 removed; put them back before it loads. */
function mendNodeUtil(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined
  util.isArray ??= Array.isArray
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]!
