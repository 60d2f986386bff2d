// A worker: takes segments off the queue, trains each in a process of its own, and sends back what comes of it. What it needs
// of a run it has in its own directory, or in Redis, or trains again from the beginning: equal configurations, equal runs.

import { rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Job, Worker } from 'bullmq'
import { EventEmitter } from 'eventemitter3'
import type { Redis } from 'ioredis'
import { UserError } from '../core/errors.ts'
import { writeWhole } from '../runs/files.ts'
import type { Address } from './address.ts'
import { runInChild } from './child.ts'
import { type Allowed, checkJobConfig, type JobData, parseJob } from './job.ts'
import { connect, type JobProgress, keptSeconds, type Libraries, loadLibraries, queueName, runKey } from './redis.ts'
import type { EpochResult, Outcome, RunSegment } from './segment.ts'
import { packRun, positionOf, unpackRun } from './snapshot.ts'

/** How a worker works. */
export type WorkerOptions = {
  readonly address: Address
  /** Where it keeps run directories, its own. */
  readonly directory: string
  /** Segments at once. */
  readonly jobs: number
  /** What jobs may use, the modules imported already; nothing by default. */
  readonly allowed?: Allowed
  /** What trains a segment; a child process by default. */
  readonly runSegment?: RunSegment
  /** Milliseconds after which a worker that says nothing has gone, and another takes over. */
  readonly silence?: number
  /** Milliseconds between two copies of a running run in Redis. */
  readonly copyEvery?: number
}

/** What a worker tells. */
export type WorkerEvents = {
  take: [{ readonly name: string; readonly fromEpoch: number; readonly toEpoch: number }]
  result: [{ readonly name: string } & EpochResult]
  done: [{ readonly name: string; readonly outcome: Outcome }]
  warning: [string]
  /** It has closed itself, for it can do no more here. */
  broken: [UserError]
}

/** The worker that its losing of a job does not end: somebody else has it now. */
const lost = 'the queue has given it to another worker'

/** @see WorkerEvents for what it tells. */
export class SweepWorker extends EventEmitter<WorkerEvents> {
  private readonly options: WorkerOptions
  private readonly closing = new AbortController()
  private libraries: Libraries | undefined
  private connection: Redis | undefined
  private workers: Worker<JobData, Outcome>[] = []

  constructor(options: WorkerOptions) {
    super()
    this.options = options
  }

  /** @throws UserError where Redis cannot be reached or the directory cannot be written. */
  async start(): Promise<void> {
    const { address, jobs, silence = 30_000 } = this.options
    this.probeDisk()
    const libraries = await loadLibraries()
    this.libraries = libraries
    this.connection = await connect(libraries, address, (message) => this.emit('warning', message))
    const { Worker: BullWorker, WaitingError } = libraries.bullmq
    const handBack = async (job: Job<JobData, Outcome>, token: string): Promise<never> => {
      await job.moveToWait(token)
      throw new WaitingError()
    }
    for (let i = 0; i < jobs; i++) {
      const worker = new BullWorker<JobData, Outcome>(
        queueName,
        (job, token, signal) => this.process(job, signal!, () => handBack(job, token!)),
        {
          connection: this.connection,
          lockDuration: silence,
          stalledInterval: silence,
          // attempts are for runs that fail; a worker that goes away is no fault of theirs
          maxStalledCount: 100,
          drainDelay: Math.min(5, silence / 1000),
        },
      )
      worker.on('error', () => {})
      worker.on('lockRenewalFailed', (ids) => {
        for (const id of ids) worker.cancelJob(id, lost)
      })
      this.workers.push(worker)
    }
    await Promise.all(this.workers.map((worker) => worker.waitUntilReady()))
  }

  /** Let what runs rest, hand it back to the queue, and go. */
  async close(): Promise<void> {
    this.closing.abort()
    await Promise.all(this.workers.map((worker) => worker.close()))
    this.connection?.disconnect()
  }

  private async process(
    job: Job<JobData, Outcome>,
    signal: { addEventListener(type: 'abort', listener: () => void): void; readonly aborted: boolean },
    handBack: () => Promise<never>,
  ): Promise<Outcome> {
    const { sweep, segment } = this.accept(job.data)
    const { runSegment = runInChild, directory, copyEvery = 60_000 } = this.options
    const path = join(directory, sweep, segment.name)
    const rest = new AbortController()
    signal.addEventListener('abort', () => rest.abort())
    this.closing.signal.addEventListener('abort', () => rest.abort())
    if (signal.aborted || this.closing.signal.aborted) rest.abort()

    await this.fetch(sweep, segment.name, path)
    const { name, toEpoch } = segment
    this.emit('take', { name, fromEpoch: Math.floor(Math.min(toEpoch, positionOf(path))), toEpoch })
    const progress: JobProgress & { results: EpochResult[] } = { worker: hostname(), results: [] }
    let copied = performance.now()
    const tell = (result: EpochResult): void => {
      progress.results.push(result)
      job.updateProgress(progress).catch(() => {})
      this.emit('result', { name, ...result })
      if (performance.now() - copied < copyEvery) return
      copied = performance.now()
      void this.copy(sweep, name, path).catch(() => {})
    }
    const outcome = await runSegment(segment, path, tell, rest.signal)
    this.emit('done', { name, outcome })
    if (outcome.status === 'halted') {
      // others may do better; whoever cannot write fails every trial that it takes
      this.emit('broken', new UserError(outcome.error))
      return handBack()
    }
    if (outcome.status === 'failed') {
      this.closeIfBroken()
      throw new Error(outcome.error)
    }
    if (signal.aborted) throw new Error(lost)
    await this.copy(sweep, name, path)
    return outcome.status === 'stopped' ? handBack() : outcome
  }

  /** A job that may be done here. @throws UnrecoverableError, which is tried no more, saying why not. */
  private accept(data: unknown): JobData {
    try {
      const job = parseJob(data, this.options.allowed ?? { imports: [], data: [] })
      checkJobConfig(job)
      return job
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      this.emit('warning', error.message)
      throw new this.libraries!.bullmq.UnrecoverableError(error.message)
    }
  }

  /** The run as Redis has it, where that is further than it is here. */
  private async fetch(sweep: string, name: string, path: string): Promise<void> {
    const run = await this.connection!.getBuffer(runKey(sweep, name))
    if (!run) return
    const arrived = `${path}.fetched`
    unpackRun(run, arrived)
    if (positionOf(arrived) > positionOf(path)) unpackRun(run, path)
    rmSync(arrived, { recursive: true, force: true })
  }

  private async copy(sweep: string, name: string, path: string): Promise<void> {
    const run = packRun(path)
    if (run) await this.connection!.set(runKey(sweep, name), run, 'EX', keptSeconds)
  }

  private probeDisk(): void {
    const path = join(this.options.directory, '.probe')
    writeWhole(path, 'can this be written?\n')
    rmSync(path, { force: true })
  }

  /** Whoever cannot write fails every trial that it takes: better that others take them. */
  private closeIfBroken(): void {
    try {
      this.probeDisk()
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      this.emit('broken', error)
    }
  }
}
