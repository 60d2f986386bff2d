// The page's end of the line to a worker. A worker computes, so that the page never stands still; one looks, and each training
// has one of its own.

import type { Ask, News, Say, Tasks } from './wire.ts'

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
