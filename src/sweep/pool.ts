// This machine's processes: so many segments at once, each tried again a bounded number of times.

import { join } from 'node:path'
import { runInChild } from './child.ts'
import type { EpochResult, Executor, Outcome, RunSegment, Segment } from './segment.ts'

/** How a pool works. */
export type PoolOptions = {
  /** Where run directories are made. */
  readonly directory: string
  /** Segments at once. */
  readonly jobs: number
  /** How often a run that died is taken up again. */
  readonly retries: number
  /** Milliseconds before the first retry; twice as many before each further one. */
  readonly backoff?: number
  /** Told about every death that is not the last. */
  readonly warn?: (message: string) => void
  /** What trains a segment; a child process by default. */
  readonly runSegment?: RunSegment
}

/** An executor on this machine. */
export class LocalPool implements Executor {
  readonly slots: number
  private readonly options: PoolOptions
  private readonly stopping = new AbortController()
  private readonly running = new Set<Promise<Outcome>>()

  constructor(options: PoolOptions) {
    this.options = options
    this.slots = options.jobs
  }

  async start(): Promise<void> {}

  async run(segment: Segment, tell: (result: EpochResult) => void): Promise<Outcome> {
    const outcome = this.attempts(segment, tell)
    this.running.add(outcome)
    try {
      return await outcome
    } finally {
      this.running.delete(outcome)
    }
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await Promise.allSettled(this.running)
  }

  private async attempts(segment: Segment, tell: (result: EpochResult) => void): Promise<Outcome> {
    const { directory, retries, backoff = 1000, warn, runSegment = runInChild } = this.options
    const { signal } = this.stopping
    for (let attempt = 0; ; attempt++) {
      if (signal.aborted) return { status: 'stopped' }
      const outcome = await runSegment(segment, join(directory, segment.name), tell, signal)
      if (outcome.status !== 'failed' || attempt >= retries) return outcome
      warn?.(`trial ${segment.name}: ${outcome.error}; trying again (${attempt + 1} of ${retries})`)
      await pause(backoff * 2 ** attempt, signal)
    }
  }
}

/** Wait, unless or until aborted. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal.addEventListener('abort', end)
  })
}
