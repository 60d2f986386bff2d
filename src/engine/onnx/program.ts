// A compiled definition: one ONNX Runtime session (or one loop of our own) per stage over one memory.

import type { InferenceSession } from 'onnxruntime-common'
import { type Arrays, type Definition, EngineError, lengthOf, type Program, type Vector } from '../engine.ts'
import type { Arena } from './arena.ts'
import type { Runtime, Session } from './bindings.ts'
import { type Device, DeviceMemory } from './device.ts'
import { type Loop, loopOf } from './loop.ts'
import { Memory, nameOf } from './memory.ts'
import { encodeModel } from './model.ts'
import { settle } from './passes/settle.ts'
import { cut, type Stage } from './stages.ts'
import type { Output } from './trace.ts'

/** Where a program's values lie: typed arrays, in an arena if there is one, or a device. */
export type Home = { readonly arena: Arena | undefined } | { readonly device: Device }

/** Open the sessions for what a definition was traced to; they are ready when the first run needs them. */
export function createProgram(
  definition: Definition,
  results: readonly Output[],
  runtime: Runtime,
  options: InferenceSession.SessionOptions,
  home: Home,
): Program {
  const { stages, loops, memory } = 'device' in home ? onDevice(home.device) : inArrays(home.arena)
  const opening = Promise.all(
    stages.map((stage, k) => (loops[k] ? undefined : open(`${definition.name} ${k}`, stage, runtime, options))),
  )
  opening.catch(() => {}) // the first run reports it
  let running = false

  function inArrays(arena: Arena | undefined) {
    const outputs = results.map(flat)
    const plan = cut(outputs, definition.stages.length)
    const loops = plan.stages.map((stage) => arena && loopOf(stage, arena))
    const memory = new Memory(definition, outputs, plan, runtime, loops.some(Boolean) ? arena : undefined)
    return { stages: plan.stages, loops, memory }
  }

  function onDevice(device: Device) {
    const lengths = new Map(Object.entries(definition.reads).map(([name, layout]) => [name, lengthOf(layout)]))
    const outputs = settle(results, lengths)
    const { stages } = cut(outputs, definition.stages.length, false)
    return { stages, loops: [] as Loop[], memory: new DeviceMemory(definition, outputs, stages, device) }
  }

  async function run(
    vectors: Readonly<Record<string, Vector>>,
    host: (stage: number, outputs: Arrays) => Arrays,
  ): Promise<Arrays> {
    if (running) throw new EngineError(`"${definition.name}" is running already; await its result first`)
    running = true
    try {
      const sessions = await opening
      await turn() // a long training in this thread lets others in: signals, timers, messages
      await memory.begin(vectors)
      let answers: Arrays = {}
      for (const [k, stage] of stages.entries()) {
        memory.accept(k, host(k, answers))
        const { feeds, fetches } = memory.bind(stage)
        await (loops[k] ?? sessions[k])?.run(feeds, fetches)
        answers = memory.deliver(k)
      }
      memory.finish()
      return answers
    } finally {
      running = false
    }
  }

  const dispose = () => {
    opening.then(
      (sessions) => sessions.map((session) => session?.release()),
      () => {}, // nothing was opened
    )
    if (memory instanceof DeviceMemory) memory.dispose()
  }
  return { run, dispose }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The host and the vectors take flat arrays, whatever the shape. */
function flat(output: Output): Output {
  const { value } = output
  return value.op === 'Reshape' ? flat({ ...output, value: value.inputs[0]! }) : output
}

/** A session for a stage; none where there is nothing to compute. */
async function open(
  name: string,
  { nodes, feeds, fetches }: Stage,
  { InferenceSession }: Runtime,
  options: InferenceSession.SessionOptions,
): Promise<Session | undefined> {
  if (nodes.length === 0) return undefined
  const named = (values: Stage['feeds']) => new Map(values.map((value) => [nameOf(value), value]))
  const model = encodeModel({ name, inputs: named(feeds), outputs: named(fetches), nodes })
  try {
    return await InferenceSession.create(model, options)
  } catch (error) {
    throw new EngineError(`ONNX Runtime refuses "${name}": ${error instanceof Error ? error.message : error}`)
  }
}
