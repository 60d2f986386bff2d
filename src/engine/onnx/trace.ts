// Runs a definition's body once, symbolically, on the recording backend; tfjs itself takes the gradient. What comes out
// is one graph for all stages, and where each result goes.

import {
  engine,
  getBackend,
  registerBackend,
  removeBackend,
  setBackend,
  type Tensor,
  tidy,
  zerosLike,
} from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-layers' // registers the gradients
import { type Definition, EngineError, type Layout, noGradient, sizeOf, type Tensors } from '../engine.ts'
import type { Graph, Value, ValueType } from './graph.ts'
import { cast } from './operators.ts'
import { backendName, Recorder, registerRecorderKernels } from './recorder.ts'

/** A result: what it is, when it is due, and who gets it. */
export type Output = { readonly value: Value; readonly stage: number; readonly to: Destination }

export type Destination =
  | { readonly host: string }
  /** At this offset of a vector. */
  | { readonly vector: string; readonly offset: number }

/** A definition as data. */
export type Trace = { readonly graph: Graph; readonly outputs: readonly Output[] }

/** @throws EngineError where the body leaves the contract of `Definition`, or uses what cannot be recorded. */
export function trace(definition: Definition): Trace {
  registerRecorderKernels()
  const recorder = new Recorder(definition.name)
  const previous = getBackend() as string | undefined
  registerBackend(backendName, () => recorder)
  void setBackend(backendName) // synchronous, as the factory is
  try {
    return record(definition, recorder)
  } catch (error) {
    dropTape()
    throw explained(error, definition)
  } finally {
    if (previous) void setBackend(previous)
    for (const dataId of recorder.moved) if (previous) engine().moveData(engine().backend, dataId)
    removeBackend(backendName)
  }
}

function record(definition: Definition, recorder: Recorder): Trace {
  const { name, gradient, writes = [], stages } = definition
  const outputs: Output[] = []
  tidy(() => {
    const resident = residents(definition, recorder)
    const due = (tensors: Tensors, stage: number) => {
      for (const [key, tensor] of Object.entries(tensors)) {
        const value = recorder.recorded(tensor)
        if (!writes.includes(key)) outputs.push({ value: forHost(value), stage, to: { host: key } })
        else outputs.push({ value: forVector(value, name, key), stage, to: { vector: key, offset: 0 } })
      }
      return tensors
    }
    const last = stages.length - 1
    if (!gradient) return void due(drive(definition, resident, recorder, due), last)

    const tensors = Object.values(resident[gradient.of] ?? fail(name, `reads no vector "${gradient.of}"`))
    const { grads } = engine().gradients(
      () => scalarLoss(name, due(drive(definition, resident, recorder, due), last)),
      tensors,
      null as never,
      true,
    )
    if (grads.every((grad) => grad === null || grad === undefined)) throw noGradient(name)
    let offset = 0
    for (const [i, tensor] of tensors.entries()) {
      const value = recorder.recorded(grads[i] ?? zerosLike(tensor))
      outputs.push({ value, stage: last, to: { vector: gradient.into, offset } })
      offset += tensor.size
    }
  })
  for (const key of writes) {
    if (!outputs.some(({ to }) => 'vector' in to && to.vector === key)) fail(name, `returns no "${key}" to be written`)
  }
  return { graph: recorder.graph, outputs }
}

/** Let the generator run, answering each yield with the next stage's inputs; gives what it returns. */
function drive(
  definition: Definition,
  resident: Record<string, Tensors>,
  recorder: Recorder,
  due: (tensors: Tensors, stage: number) => void,
): Tensors {
  const { name, stages, body } = definition
  const answers = stages.map((signature, stage) =>
    Object.fromEntries(
      Object.entries(signature).map(([key, { shape, dtype }]) => [
        key,
        recorder.tensorOf(recorder.graph.input({ stage, name: key }, shape, dtype)),
      ]),
    ),
  )
  const generator = body(resident, answers[0] ?? fail(name, 'has no stage 0'))
  let stage = 0
  let step = generator.next()
  for (; !step.done; stage++) {
    due(step.value, stage)
    step = generator.next(answers[stage + 1] ?? fail(name, `yields more than ${stages.length - 1} times`))
  }
  if (stage !== stages.length - 1) fail(name, `yields ${stage} times, not ${stages.length - 1}`)
  return step.value
}

function residents({ reads }: Definition, recorder: Recorder): Record<string, Tensors> {
  return Object.fromEntries(
    Object.entries(reads).map(([vector, layout]) => [vector, tensorsOf(vector, layout, recorder)]),
  )
}

function tensorsOf(vector: string, layout: Layout, recorder: Recorder): Tensors {
  let offset = 0
  return Object.fromEntries(
    layout.map(({ name, shape }) => {
      const value = recorder.graph.input({ vector, name, offset }, shape, 'float32')
      offset += sizeOf(shape)
      return [name, recorder.tensorOf(value)]
    }),
  )
}

/** The host knows floats and integers only. */
const forHost = (value: Value): Value => cast(value, value.dtype === 'float32' ? 'float32' : ('int32' as ValueType))

function forVector(value: Value, definition: string, key: string): Value {
  if (value.dtype === 'float32' && value.shape.length === 1) return value
  return fail(definition, `returns "${key}" as ${value.dtype} [${value.shape}], not as a flat float32 vector`)
}

function scalarLoss(name: string, { loss }: Tensors): Tensor {
  if (!loss) return fail(name, 'returns no "loss" to be differentiated')
  if (loss.size === 1 && loss.rank === 0 && loss.dtype === 'float32') return loss
  return fail(name, `returns a loss that is ${loss.dtype} [${loss.shape}], not a float32 scalar`)
}

function fail(name: string, what: string): never {
  throw new EngineError(`"${name}" ${what}`)
}

/** tfjs keeps what a broken-off gradient had saved. */
function dropTape(): void {
  const { state } = engine()
  for (const node of state.activeTape ?? []) for (const tensor of node.saved ?? []) tensor.dispose()
  state.activeTape = null as never
}

function explained(error: unknown, { name }: Definition): unknown {
  const text = error instanceof Error ? error.message : String(error)
  const missing = /Kernel '([^']+)' not registered|gradient function not found for (\w+)/.exec(text)
  if (!missing) return error
  const what = missing[1]
    ? `uses the operation ${missing[1]}, which the onnx engine lacks; rewrite it, or choose another engine`
    : `needs the gradient of ${missing[2]}, which tfjs does not have; keep it out of the loss, or stop the gradient`
  return new EngineError(`"${name}" ${what}`)
}
