// The workers of a training in Node: one in this thread, or several in threads of their own that share memory.

import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { agents } from '../agent/registry.ts'
import { algorithms } from '../algorithms/registry.ts'
import { UserError } from '../core/errors.ts'
import { exportStore, type StoreEntry } from '../datasets/store.ts'
import { selectEngine, threadsFor } from '../engine/select.ts'
import { environments } from '../env/registry.ts'
import type { RunConfig } from '../runs/config.ts'
import { abortShared, allocateShared, type SharedMemory } from './all-reduce.ts'
import { type Message, soloPool, taskGate, type WorkerPool } from './pool.ts'

/** Little lives long in a worker: a small nursery costs no time and saves tens of megabytes a thread. */
const resourceLimits = { maxYoungGenerationSizeMb: 8 }

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

/** Workers, and which engine they compute on and why. */
export type AssembledWorkers = {
  readonly pool: WorkerPool
  readonly engine: { readonly name: string; readonly why: string }
  /** What a person should know of how this came out. */
  readonly warning?: string
}

/** What is wanted of a pool. */
export type WantedWorkers = {
  readonly engine: string
  /** 0 for as many as suit the engine: one a core, on one GPU as many as its batch keeps busy. */
  readonly workers: number
  /** Into how many shards each batch is cut; 0 for as many as there are workers. */
  readonly shards: number
}

/**
 * Workers for a configuration whose agent has `length` parameters: so many where the engine can be had in threads, else one;
 * never more than there are items in a batch, or shards where their number is given.
 * @throws UserError where the engine is not to be had, or more than one worker is asked for where only this process knows
 * the world, the agent or the algorithm.
 */
export async function assembleWorkers(
  config: RunConfig,
  length: number,
  wanted: WantedWorkers,
): Promise<AssembledWorkers> {
  const { engine, definition, why } = await selectEngine(wanted.engine)
  const { batchSize, rollouts } = config.training
  const most = Math.min(wanted.shards || batchSize, batchSize)
  const suitable = threadsFor(definition, availableParallelism(), batchSize * rollouts)
  const asked = definition.threadable ? Math.min(wanted.workers || suitable, most) : 1
  const own = asked > 1 ? onlyHere(config) : undefined
  if (own && wanted.workers > 1) {
    engine.dispose()
    throw new UserError(`workers ${wanted.workers} given, but ${own}; use --workers 1, or name its module in imports`)
  }
  const size = own ? 1 : asked
  const shards = Math.min(wanted.shards || size, batchSize)
  if (size > 1) engine.dispose()
  const memory = allocateShared(size, length, shards)
  const pool = size > 1 ? await threadPool(config, engine.name, memory) : soloPool(config, engine, memory)
  const used = { name: engine.name, why: `${engine.description}; ${why}` }
  return { pool, engine: used, ...(own && { warning: `1 worker: ${own}; name its module in imports for more` }) }
}

/** What of a configuration was registered by this process alone, in words; undefined where worker threads will know all of it. */
function onlyHere({ environment, agent, algorithm }: RunConfig): string | undefined {
  const origins = [
    ['environment', environment.id, environments.originOf(environment.id)],
    ['agent', agent.name, agents.originOf(agent.name)],
    ['algorithm', algorithm.name, algorithms.originOf(algorithm.name)],
  ] as const
  const own = origins.find(([, , origin]) => origin === 'process')
  return own && `the ${own[0]} "${own[1]}" was registered in this process, which worker threads do not see`
}

/** A thread for each worker, each with an engine of this name. @throws UserError where one cannot start. */
async function threadPool(config: RunConfig, engine: string, memory: SharedMemory): Promise<WorkerPool> {
  const { size } = memory
  const store = exportStore()
  const threads = Array.from(
    { length: size },
    (_, rank) =>
      new Worker(workerSource(), {
        resourceLimits,
        workerData: { config, engine, memory, rank, store } satisfies WorkerSetup,
      }),
  )
  const gate = taskGate()
  let disposed: Promise<void> | undefined

  const answerOf = (thread: Worker, rank: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        settle()
        abortShared(memory)
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

  const dispose = (): Promise<void> => {
    disposed ??= gate.end().then(async () => {
      // a worker that has died does not answer
      const pending = Promise.allSettled(threads.map(answerOf))
      for (const thread of threads) thread.postMessage({ task: 'dispose', request: {} } satisfies Message)
      await Promise.race([pending, new Promise((resolve) => setTimeout(resolve, 2000).unref())])
      abortShared(memory)
      await Promise.all(threads.map((thread) => thread.terminate()))
    })
    return disposed
  }

  try {
    await answers() // every thread says that it is ready
  } catch (error) {
    await dispose()
    throw error
  }
  return {
    size,
    shards: memory.shards,
    call: async (task, request) =>
      gate.run(async () => {
        const pending = answers()
        for (const thread of threads) thread.postMessage({ task, request } as Message)
        return (await pending) as never[]
      }),
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
