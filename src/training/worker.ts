// The thread of one worker: it becomes a learner, says that it is ready, and does what it is asked.

import { parentPort, workerData } from 'node:worker_threads'
import '../catalogue.ts'
import { UserError } from '../core/errors.ts'
import { adoptStore } from '../datasets/store.ts'
import { selectEngine } from '../engine/select.ts'
import { importModules } from '../runs/imports.ts'
import { AllReduce } from './all-reduce.ts'
import { Learner } from './learner.ts'
import { type Message, runTask } from './pool.ts'
import type { Reply, WorkerSetup } from './worker-pool.ts'

const setup = workerData as WorkerSetup
const port = parentPort!
const reply = (message: Reply): void => port.postMessage(message)

const complaint = (error: unknown): Reply => {
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  return { error: message, byUser: error instanceof UserError, ...(stack && { stack }) }
}

try {
  adoptStore(setup.store)
  await importModules(setup.config.imports)
  const { engine } = await selectEngine(setup.engine)
  const reduce = new AllReduce(setup.memory, setup.rank)
  const learner = new Learner(setup.config, engine, reduce)
  port.on('message', (message: Message) => {
    runTask(learner, reduce, message).then(
      (answer) => reply({ answer }),
      (error) => reply(complaint(error)),
    )
  })
  reply({ answer: 'ready' })
} catch (error) {
  reply(complaint(error))
}
