// What the page and its workers say to one another, and the page's end of the line. A worker computes, so that the page
// never stands still; one looks, and each training has one of its own.

import type { Gaze } from '../../src/dashboard/protocol.ts'
import type { AgentCard } from '../../src/inference/agent-file.ts'
import type { PartialConfig } from '../../src/runs/config.ts'
import type { EpochRecord, Measure, Summary } from '../../src/runs/records.ts'
import type { Digits, Episode, SceneRequest } from './looker.ts'

/** What can compute, the one that is tried first first. */
export const backends = ['wasm', 'cpu'] as const
export type Backend = (typeof backends)[number]

/** What a worker does, by name. */
export type Tasks = {
  /** Start an engine on this backend, or on the next that starts. */
  prepare: { request: { backend: Backend }; answer: { backend: Backend } }
  /** Take an agent file, and digits to make scenes of. */
  load: { request: { file: Uint8Array; digits: Digits }; answer: AgentCard }
  /** Have a scene looked at. */
  play: { request: SceneRequest; answer: Episode }
  /** Get a training ready, from an agent file where there is one; it waits for `permit`. */
  train: { request: TrainingRequest; answer: TrainingStart }
  permit: { request: Permit; answer: undefined }
  /** The agent as it is now, and how good it is. */
  save: { request: Record<never, never>; answer: SavedAgent }
}

export type Permit = 'run' | 'pause' | 'step'

export type TrainingRequest = {
  readonly config: PartialConfig
  /** An agent file whose parameters it begins with. */
  readonly from?: Uint8Array | undefined
  /** Where the four IDX files of MNIST are, with a slash at its end. */
  readonly digits: string
}

export type TrainingStart = {
  readonly parameters: number
  readonly itemsPerEpoch: number
  readonly epochs: number
  readonly measure: Measure
  /** Before anything is learned: percent, or as `measure` says. */
  readonly figure: number
}

export type SavedAgent = {
  readonly file: Uint8Array
  readonly epoch: number
  readonly measure: Measure
  /** Greedy, on the test items. */
  readonly figure: number
  readonly items: number
}

/** What a training tells by itself. */
export type News =
  | { readonly epoch: EpochRecord }
  /** In [0, 1]: how much of the current epoch is done. */
  | { readonly progress: number; readonly imagesPerSecond: number; readonly secondsLeft: number }
  /** `iterations` are those of all epochs so far. */
  | { readonly gaze: Gaze; readonly iterations: number; readonly kept: boolean }
  | { readonly summary: Summary | null }
  | { readonly failure: string }

export type Ask = { readonly id: number } & {
  readonly [Task in keyof Tasks]: { readonly task: Task; readonly request: Tasks[Task]['request'] }
}[keyof Tasks]
export type Say =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: string }
  | News

/** A worker, called like a function. */
export class Colleague {
  private readonly worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  private readonly waiting = new Map<number, { resolve(answer: never): void; reject(error: Error): void }>()
  private asked = 0

  /** @param onNews told of what the worker says by itself */
  constructor(onNews: (news: News) => void = () => {}) {
    this.worker.addEventListener('message', ({ data }: MessageEvent<Say>) => {
      if (!('id' in data)) return onNews(data)
      const waiting = this.waiting.get(data.id)
      this.waiting.delete(data.id)
      if ('error' in data) waiting?.reject(new Error(data.error))
      else waiting?.resolve(data.answer as never)
    })
    this.worker.addEventListener('error', (event) => {
      event.preventDefault()
      const error = new Error(event.message || 'its worker did not start')
      for (const { reject } of this.waiting.values()) reject(error)
      this.waiting.clear()
      onNews({ failure: error.message })
    })
  }

  call<Task extends keyof Tasks>(task: Task, request: Tasks[Task]['request']): Promise<Tasks[Task]['answer']> {
    const id = ++this.asked
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject })
      this.worker.postMessage({ id, task, request } as Ask)
    })
  }

  /** Let go of it, whatever it is doing. */
  dismiss(): void {
    this.worker.terminate()
  }
}
