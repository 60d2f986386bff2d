// A tfjs backend that computes nothing: each kernel that tfjs runs on it becomes a value of the graph.

import {
  type DataId,
  DataStorage,
  type DataType,
  engine,
  KernelBackend,
  registerKernel,
  type Tensor,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core'
import { EngineError, sizeOf } from '../engine.ts'
import { Graph, type Value, type ValueType } from './graph.ts'
import { kernels } from './kernels/index.ts'

export const backendName = 'saccade-recorder'

type Numbers = Float32Array | Int32Array | Uint8Array

/** Records; the tensors on it are symbols. */
export class Recorder extends KernelBackend {
  readonly graph = new Graph()
  readonly #values = new DataStorage<Value>(this, engine())
  /** Constants that tfjs moved here from another backend, to be moved back. */
  readonly moved: DataId[] = []
  readonly #definition: string

  constructor(definition: string) {
    super()
    this.#definition = definition
  }

  recorded(tensor: TensorInfo): Value {
    return this.#values.get(tensor.dataId)
  }

  infoOf(value: Value): TensorInfo {
    const dataId = {}
    this.#values.set(dataId, value)
    return { dataId, shape: [...value.shape], dtype: value.dtype as DataType }
  }

  tensorOf(value: Value): Tensor {
    return engine().makeTensorFromTensorInfo(this.infoOf(value), this)
  }

  override write(values: Numbers, shape: number[], dtype: DataType): DataId {
    const dataId = {}
    this.move(dataId, values, shape, dtype)
    this.moved.pop()
    return dataId
  }

  override move(dataId: DataId, values: Numbers, shape: number[], dtype: DataType): void {
    if (dtype === 'string' || dtype === 'complex64') {
      throw new EngineError(`"${this.#definition}" uses a ${dtype} tensor, which the onnx engine cannot hold`)
    }
    const data = values.slice()
    if (data.length !== sizeOf(shape)) throw new EngineError(`${data.length} numbers for the shape [${shape}]`)
    this.#values.set(dataId, this.graph.constant(data, [...shape], dtype as ValueType))
    this.moved.push(dataId)
  }

  /** @throws EngineError unless the value is a constant. */
  override readSync(dataId: DataId): Numbers {
    const { data, op, shape, dtype } = this.#values.get(dataId)
    if (data === undefined) {
      throw new EngineError(
        `"${this.#definition}" reads the numbers of a tensor (${dtype} [${shape}], from ${op}) that are not known ` +
          'while it is compiled; keep the computation in tensors, or choose another engine',
      )
    }
    const values = util.getTypedArrayFromDType(dtype as 'float32', sizeOf(shape))
    if (typeof data === 'number') return values.fill(data)
    values.set(data)
    return values
  }

  override async read(dataId: DataId): Promise<Numbers> {
    return this.readSync(dataId)
  }

  override disposeData(dataId: DataId): boolean {
    this.#values.delete(dataId)
    return true
  }

  override refCount = () => 1
  override incRef = () => {}
  override numDataIds = () => this.#values.numDataIds()
  override timerAvailable = () => false
  override memory = () => ({ unreliable: true })
  override floatPrecision = (): 32 => 32
  override epsilon = () => 1e-7
  override dispose = () => {}
}

/** Make tfjs know the recorder's kernels; once in a process. */
export function registerRecorderKernels(): void {
  if (registered) return
  registered = true
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, backend, attrs }) => {
        const recorder = backend as Recorder
        const present = Object.entries(inputs).filter(([, input]) => input != null)
        const values = Object.fromEntries(present.map(([name, input]) => [name, recorder.recorded(input!)]))
        const outputs = kernel(values, (attrs ?? {}) as never, recorder.graph)
        return Array.isArray(outputs)
          ? outputs.map((value) => recorder.infoOf(value))
          : recorder.infoOf(outputs as Value)
      },
    })
  }
}

let registered = false
