// The workers of a training as the training sees them: one method, `call`, which gives every worker the same task and
// resolves to all their answers. Here the pool of one, in this thread, which needs no threads and runs in a browser too.

import { UserError } from '../core/errors.ts'
import type { Engine } from '../engine/engine.ts'
import type { RunConfig } from '../runs/config.ts'
import { AllReduce, type SharedMemory } from './all-reduce.ts'
import { type CountedBatch, type EvaluationRequest, evaluateBatches } from './evaluation.ts'
import { Learner, type ShardReport } from './learner.ts'

type Vectors = Record<string, Float32Array>

/** What workers do, by name: what is asked of them and what they answer. */
export type Tasks = {
  /** Learn from the iterations [from, to) of an epoch. */
  train: { request: { epoch: number; from: number; to: number }; answer: ShardReport[] }
  evaluate: { request: EvaluationRequest; answer: CountedBatch[] }
  /** Whole vectors; the first worker answers for all. */
  read: { request: Record<never, never>; answer: { vectors: Vectors; steps: number } | undefined }
  write: { request: { vectors: Vectors; steps: number }; answer: undefined }
  /** Let go of everything that was compiled: native memory does not go with a thread. */
  dispose: { request: Record<never, never>; answer: undefined }
}

/** A task as it is sent to a thread. */
export type Message = { readonly [Task in keyof Tasks]: { task: Task; request: Tasks[Task]['request'] } }[keyof Tasks]

/** The workers of a training. */
export interface WorkerPool {
  readonly size: number
  /** Into how many shards each batch is cut. */
  readonly shards: number
  /** Give every worker the same task; all answers. @throws UserError after `dispose`. */
  call<Task extends keyof Tasks>(task: Task, request: Tasks[Task]['request']): Promise<Tasks[Task]['answer'][]>
  /** Wait for the task that is under way, and let go of workers and engines. */
  dispose(): Promise<void>
}

/** Do one task with a learner. */
export async function runTask(learner: Learner, reduce: AllReduce, { task, request }: Message): Promise<unknown> {
  switch (task) {
    case 'train':
      return learner.train(request.epoch, request.from, request.to)
    case 'evaluate':
      return evaluateBatches(learner, request, reduce.rank, reduce.size)
    case 'read':
      return reduce.rank === 0 ? learner.read() : undefined
    case 'write':
      return void learner.write(request.vectors, request.steps)
    case 'dispose':
      return void learner.dispose()
  }
}

/** Lets one task after the other be done, none after `end`; `end` waits for the one that is under way. */
export function taskGate(): { run<T>(task: () => Promise<T>): Promise<T>; end(): Promise<void> } {
  let ended = false
  let current: Promise<unknown> = Promise.resolve()
  return {
    run(task) {
      if (ended) throw new UserError('these workers were disposed; make a new trainer')
      const running = task()
      current = running.catch(() => {})
      return running
    },
    async end() {
      ended = true
      await current
    },
  }
}

/** One worker, in this thread, on this engine. */
export function soloPool(config: RunConfig, engine: Engine, memory: SharedMemory): WorkerPool {
  const reduce = new AllReduce(memory, 0)
  const learner = new Learner(config, engine, reduce)
  const gate = taskGate()
  let disposed: Promise<void> | undefined
  return {
    size: 1,
    shards: memory.shards,
    call: async (task, request) =>
      gate.run(async () => [(await runTask(learner, reduce, { task, request } as Message)) as never]),
    dispose() {
      disposed ??= gate.end().then(() => {
        learner.dispose()
        engine.dispose()
      })
      return disposed
    },
  }
}
