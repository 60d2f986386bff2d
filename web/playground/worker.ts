// A worker of the page: an engine, and on it an agent that looks, or a training.

import '../../src/agent/builtin.ts'
import '../../src/algorithms/builtin.ts'
import '../../src/env/worlds/builtin.ts'
import { UserError } from '../../src/core/errors.ts'
import { createEagerEngine } from '../../src/engine/eager.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { createWasmEngine } from '../../src/engine/wasm.ts'
import { Looker } from './looker.ts'
import { Trainee } from './trainee.ts'
import { type Ask, type Backend, backends, type News, type Say, type Tasks } from './wire.ts'

/** The part of a worker's own scope that is used; its types are not those of a page. */
const scope = globalThis as unknown as {
  postMessage(message: Say): void
  addEventListener(type: 'message', react: (event: MessageEvent<Ask>) => void): void
}

const makers: Record<Backend, () => Promise<Engine>> = {
  async wasm() {
    const { prepare } = await import('./wasm.ts')
    prepare()
    return createWasmEngine()
  },
  async cpu() {
    await import('@tensorflow/tfjs-backend-cpu')
    return createEagerEngine('cpu', 'cpu', 'TensorFlow.js in plain JavaScript')
  },
}

/** An engine on a backend, or, where it does not start here, on the next; its name is that of the backend. */
async function startEngine(wanted: Backend): Promise<Engine> {
  for (const name of [wanted, ...backends.filter((each) => each !== wanted)]) {
    try {
      return await makers[name]()
    } catch {
      // it does not start here: the next one
    }
  }
  throw new UserError('neither WebAssembly nor plain JavaScript computes here')
}

let engine: Promise<Engine> | undefined
let looker: Looker | undefined
let trainee: Trainee | undefined

const engineHere = (): Promise<Engine> => {
  engine ??= startEngine(backends[0])
  return engine
}

const tell = (news: News): void => scope.postMessage(news)

const tasks: { [Task in keyof Tasks]: (request: Tasks[Task]['request']) => Promise<Tasks[Task]['answer']> } = {
  async prepare({ backend }) {
    engine = startEngine(backend)
    return { backend: (await engine).name as Backend }
  },
  async load({ file, digits }) {
    looker = new Looker(file, digits, await engineHere())
    return looker.card
  },
  async play(request) {
    if (!looker) throw new UserError('there is no agent to look')
    return looker.play(request)
  },
  async train(request) {
    trainee = await Trainee.create(request, await engineHere(), tell)
    return trainee.start
  },
  async permit(permit) {
    trainee?.permit(permit)
    return undefined
  },
  async save() {
    if (!trainee) throw new UserError('there is no training to save')
    return trainee.save()
  },
}

scope.addEventListener('message', async ({ data: { id, task, request } }) => {
  try {
    scope.postMessage({ id, answer: await tasks[task](request as never) })
  } catch (error) {
    scope.postMessage({ id, error: error instanceof Error ? error.message : String(error) })
  }
})
