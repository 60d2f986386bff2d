// Many machines: segments become jobs of a BullMQ queue, and whichever worker is free takes one. The job's id is made of what
// the segment is, so that a sweep that was killed finds what it had ordered.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Job, Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Address } from './address.ts'
import { codeVersion, type JobData, parseOutcome, parseResults, refused } from './job.ts'
import { connect, type JobProgress, keptSeconds, type Libraries, loadLibraries, queueName, runKey } from './redis.ts'
import type { EpochResult, Executor, Outcome, Segment } from './segment.ts'
import { packRun, positionOf, unpackRun } from './snapshot.ts'

/** How a queue is used. */
export type QueueOptions = {
  readonly address: Address
  /** The sweep's id. */
  readonly sweep: string
  /** Where run directories are collected. */
  readonly directory: string
  /** Segments at once; as many as there are workers by default. */
  readonly jobs?: number
  /** How often a job that failed is tried again. */
  readonly retries: number
  readonly warn: (message: string) => void
  /** Milliseconds between two looks at a job. */
  readonly every?: number
}

type SegmentJob = Job<JobData, Outcome, string, JobProgress>

/** An executor on a queue. Stopping it leaves its jobs to the workers; the same sweep collects them later. */
export class QueueExecutor implements Executor {
  private readonly options: QueueOptions
  private libraries: Libraries | undefined
  private connection: Redis | undefined
  private queue: Queue<JobData, Outcome> | undefined
  private workers = 0
  private counting: NodeJS.Timeout | undefined
  private stopped = false

  constructor(options: QueueOptions) {
    this.options = options
  }

  get slots(): number {
    return this.options.jobs ?? Math.max(1, this.workers)
  }

  async start(wake: () => void): Promise<void> {
    const { address, warn, jobs, every = 500 } = this.options
    this.libraries = await loadLibraries()
    this.connection = await connect(this.libraries, address, warn)
    this.queue = new this.libraries.bullmq.Queue<JobData, Outcome>(queueName, { connection: this.connection })
    // the connection speaks for both
    this.queue.on('error', () => {})
    if (jobs !== undefined) return
    const count = async (): Promise<void> => {
      const before = this.slots
      this.workers = (await this.queue!.getWorkersCount().catch(() => undefined)) ?? this.workers
      if (this.slots !== before) wake()
    }
    await count()
    if (this.workers === 0) warn('no workers yet; start some with: npm run worker -- --queue ...')
    this.counting = setInterval(() => void count(), 4 * every)
  }

  async run(segment: Segment, tell: (result: EpochResult) => void): Promise<Outcome> {
    try {
      return await this.follow(segment, tell)
    } catch (error) {
      // a connection that was closed on purpose ends what still waited for it
      if (this.stopped) return { status: 'stopped' }
      throw error
    }
  }

  async stop(): Promise<void> {
    this.stopped = true
    clearInterval(this.counting)
    this.connection?.disconnect()
  }

  /** Order a segment, unless it is ordered already, and look after it until it has ended. */
  private async follow(segment: Segment, tell: (result: EpochResult) => void): Promise<Outcome> {
    const { every = 500, warn } = this.options
    const id = `${this.options.sweep}-${segment.name}-${segment.toEpoch}`
    let ordered = false
    while (!this.stopped) {
      const job = (await this.queue!.getJob(id)) as SegmentJob | undefined
      if (!job) {
        if (ordered) warn(`trial ${segment.name}: Redis has forgotten it; ordering it again`)
        await this.order(segment, id)
        ordered = true
      } else {
        for (const result of parseResults(job.progress)) tell(result)
        const outcome = await this.outcomeOf(job, segment)
        if (outcome) return outcome
      }
      await new Promise((resolve) => setTimeout(resolve, every))
    }
    return { status: 'stopped' }
  }

  private async order(segment: Segment, id: string): Promise<void> {
    const { sweep, directory, retries } = this.options
    const path = join(directory, segment.name)
    const run = existsSync(path) ? packRun(path) : undefined
    if (run) await this.connection!.set(runKey(sweep, segment.name), run, 'EX', keptSeconds)
    await this.queue!.add(
      'segment',
      { version: codeVersion, sweep, segment },
      {
        jobId: id,
        attempts: retries + 1,
        backoff: { type: 'exponential', delay: 1000 },
        removeOnComplete: { age: keptSeconds },
        removeOnFail: { age: keptSeconds },
      },
    )
  }

  private async outcomeOf(job: SegmentJob, { name }: Segment): Promise<Outcome | undefined> {
    const state = await job.getState()
    if (state === 'failed') {
      const { failedReason } = ((await this.queue!.getJob(job.id!)) ?? job) as SegmentJob
      if (failedReason.startsWith(refused)) {
        await job.remove() // so that it is ordered again once a worker takes it
        return { status: 'halted', error: failedReason }
      }
      const stalled = /stalled more than/.test(failedReason)
      return { status: 'failed', error: stalled ? 'its workers went away, too often' : failedReason }
    }
    if (state !== 'completed') return undefined
    // read again: what was read before it was complete has no result
    const { returnvalue } = (await this.queue!.getJob(job.id!)) as SegmentJob
    const outcome = parseOutcome(returnvalue)
    await this.collect(name)
    return outcome
  }

  /** Bring a run's directory home. */
  private async collect(name: string): Promise<void> {
    const key = runKey(this.options.sweep, name)
    const path = join(this.options.directory, name)
    const run = await this.connection!.getBuffer(key)
    if (!run) return
    unpackRun(run, path)
    if (positionOf(path) > 0) await this.connection!.del(key)
  }
}
