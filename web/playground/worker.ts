// A worker of the page: an engine, and on it an agent that looks, or a training.

import '../../src/agent/builtin.ts'
import '../../src/algorithms/builtin.ts'
import '../../src/env/worlds/builtin.ts'
import { UserError } from '../../src/core/errors.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { decodeAgentFile } from '../../src/inference/agent-file.ts'
import { Looker } from './looker.ts'
import { Trainee } from './trainee.ts'
import { startEngine } from './wasm.ts'
import type { Ask, News, Say, Tasks } from './wire.ts'

/** The part of a worker's own scope that is used; its types are not those of a page. */
const scope = globalThis as unknown as {
  postMessage(message: Say): void
  addEventListener(type: 'message', react: (event: MessageEvent<Ask>) => void): void
}

let engine: Promise<Engine> | undefined
let looker: Looker | undefined
let trainee: Trainee | undefined

const engineHere = (): Promise<Engine> => {
  engine ??= startEngine()
  return engine
}

const tell = (news: News): void => scope.postMessage(news)

const tasks: { [Task in keyof Tasks]: (request: Tasks[Task]['request']) => Promise<Tasks[Task]['answer']> } = {
  async card({ file }) {
    return decodeAgentFile(file, 'this file').card
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
