// The workers of a training, called together: one in this thread, or several in threads of their own that share memory.
// The caller sees one method, `call`, which gives every worker the same task and resolves to all their answers.

import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { exportStore, type StoreEntry } from '../datasets/store.ts'
import type { Engine } from '../engine/engine.ts'
import { selectEngine, threadsFor } from '../engine/select.ts'
import { UserError } from '../errors.ts'
import type { RunConfig } from './config.ts'
import { type EvaluationRequest, type Tally, tally } from './evaluation.ts'
import { Learner, type Sums } from './learner.ts'
import { abortShare, allocateShare, Share, type SharedMemory } from './share.ts'

type Vectors = Record<string, Float32Array>

/** Little lives long in a worker: a small nursery costs no time and saves tens of megabytes a thread. */
const resourceLimits = { maxYoungGenerationSizeMb: 8 }

/** What workers do, by name: what they are told and what they answer. */
export type Tasks = {
  /** Learn from the iterations [from, to) of an epoch. */
  train: { told: { epoch: number; from: number; to: number }; answer: Sums[] }
  evaluate: { told: EvaluationRequest; answer: Tally }
  /** Whole vectors; the first worker answers for all. */
  read: { told: Record<never, never>; answer: { vectors: Vectors; steps: number } | undefined }
  write: { told: { vectors: Vectors; steps: number }; answer: undefined }
}

/** A task as it is sent to a thread. */
export type Message = { readonly [Task in keyof Tasks]: { task: Task; told: Tasks[Task]['told'] } }[keyof Tasks]

/** What a thread needs to become a worker. */
export type WorkerSetup = {
  readonly config: RunConfig
  readonly engine: string
  readonly memory: SharedMemory
  readonly rank: number
  readonly store: readonly StoreEntry[]
}

/** What a thread says. */
export type Reply =
  | { readonly answer: unknown }
  | { readonly error: string; readonly byUser: boolean; readonly stack?: string }

/** The workers of a training. */
export interface Team {
  readonly size: number
  call<Task extends keyof Tasks>(task: Task, told: Tasks[Task]['told']): Promise<Tasks[Task]['answer'][]>
  dispose(): Promise<void>
}

/** Do one task with a learner. */
export async function perform(learner: Learner, share: Share, message: Message): Promise<unknown> {
  switch (message.task) {
    case 'train':
      return learner.train(message.told.epoch, message.told.from, message.told.to)
    case 'evaluate':
      await learner.refreshAverage()
      return tally(learner, message.told, share.rank, share.size)
    case 'read': {
      const read = await learner.read()
      return share.rank === 0 ? read : undefined
    }
    case 'write':
      return void learner.write(message.told.vectors, message.told.steps)
  }
}

/** A team, and which engine it computes on and why. */
export type Assembled = { readonly team: Team; readonly engine: { readonly name: string; readonly why: string } }

/**
 * A team for a configuration whose agent has `length` parameters: so many workers (0 for as many as suit the engine, by
 * default one a core) where the engine can be had in threads, else one. @throws UserError where the engine is not to be had.
 */
export async function assembleTeam(
  config: RunConfig,
  length: number,
  wanted: { readonly engine: string; readonly workers: number },
): Promise<Assembled> {
  const { engine, definition, why } = await selectEngine(wanted.engine)
  const { batchSize, rollouts } = config.training
  const suitable = Math.min(threadsFor(definition, availableParallelism(), batchSize * rollouts), batchSize)
  const size = definition.threadable ? wanted.workers || suitable : 1
  if (size > 1) engine.dispose()
  const team = size > 1 ? await threadTeam(config, engine.name, size, length) : soloTeam(config, engine, length)
  return { team, engine: { name: engine.name, why: `${engine.description}; ${why}` } }
}

/** A team of one, in this thread, on this engine. */
function soloTeam(config: RunConfig, engine: Engine, length: number): Team {
  const share = new Share(allocateShare(1, length), 0)
  const learner = new Learner(config, engine, share)
  return {
    size: 1,
    call: async (task, told) => [(await perform(learner, share, { task, told } as Message)) as never],
    dispose: async () => engine.dispose(),
  }
}

/** A team of `size` threads, each with an engine of this name. @throws UserError where one cannot start. */
async function threadTeam(config: RunConfig, engine: string, size: number, length: number): Promise<Team> {
  const memory = allocateShare(size, length)
  const store = exportStore()
  const threads = Array.from(
    { length: size },
    (_, rank) =>
      new Worker(workerSource(), {
        resourceLimits,
        workerData: { config, engine, memory, rank, store } satisfies WorkerSetup,
      }),
  )
  let disposed = false

  const answerOf = (thread: Worker, rank: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        settle()
        abortShare(memory)
        reject(error)
      }
      const onMessage = (reply: Reply): void => {
        if ('error' in reply) {
          const error = reply.byUser ? new UserError(reply.error) : new Error(`worker ${rank}: ${reply.error}`)
          if (reply.stack) error.stack = reply.stack
          fail(error)
          return
        }
        settle()
        resolve(reply.answer)
      }
      const onError = (error: Error): void =>
        fail(new UserError(`worker ${rank} died: ${error.message}; the last checkpoint is intact`))
      const onExit = (code: number): void =>
        fail(new UserError(`worker ${rank} died with exit code ${code}; the last checkpoint is intact`))
      const settle = (): void => {
        thread.off('message', onMessage).off('error', onError).off('exit', onExit)
      }
      thread.on('message', onMessage).on('error', onError).on('exit', onExit)
    })

  /** All answers, or the first worker's own complaint rather than its fellows' that it has died. */
  const answers = async (): Promise<unknown[]> => {
    const settled = await Promise.allSettled(threads.map(answerOf))
    const failures = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []))
    const cause = failures.find((error) => !error.message.startsWith('another worker has died')) ?? failures[0]
    if (cause) throw cause
    return settled.map((result) => (result as PromiseFulfilledResult<unknown>).value)
  }

  const dispose = async (): Promise<void> => {
    if (disposed) return
    disposed = true
    abortShare(memory)
    await Promise.all(threads.map((thread) => thread.terminate()))
  }

  try {
    await answers() // every thread says that it is ready
  } catch (error) {
    await dispose()
    throw error
  }
  return {
    size,
    async call(task, told) {
      const pending = answers()
      for (const thread of threads) thread.postMessage({ task, told } as Message)
      return (await pending) as never[]
    },
    dispose,
  }
}

/** The module of a worker thread; run from TypeScript sources, a thread must first be taught TypeScript as this one was. */
function workerSource(): URL {
  if (!import.meta.url.endsWith('.ts')) return new URL('./worker.js', import.meta.url)
  const source = new URL('./worker.ts', import.meta.url)
  const tsx = import.meta.resolve('tsx/esm/api')
  const script = `import { register } from ${JSON.stringify(tsx)}; register(); await import(${JSON.stringify(source.href)})`
  return new URL(`data:text/javascript,${encodeURIComponent(script)}`)
}
