// A sweep from its first trial, or from wherever its journal says, to its last. Decides, and writes down what happens before
// anything follows from it; trains nothing itself and prints nothing.

import { EventEmitter } from 'eventemitter3'
import { UserError } from '../core/errors.ts'
import { configOf, type Definition, seedsOf } from './definition.ts'
import type { Entry, Journal } from './journal.ts'
import { createSampler } from './samplers/index.ts'
import type { Sampler } from './samplers/sampler.ts'
import { createScheduler } from './schedulers/index.ts'
import type { Scheduler } from './schedulers/scheduler.ts'
import type { EpochResult, Executor, Outcome, Segment } from './segment.ts'
import type { Ending, Trial } from './trial.ts'
import { epochOf, isThere, Trials } from './trials.ts'

/** What a sweep tells, with its listeners' arguments. */
export type SweepEvents = {
  /** An entry is in the journal. */
  entry: [Entry, Trial | undefined]
}

/** @see SweepEvents for what it tells. */
export class Sweep extends EventEmitter<SweepEvents> {
  readonly trials: Trials
  /** How many trials there will be. */
  readonly count: number
  private readonly definition: Definition
  private readonly journal: Journal
  private readonly executor: Executor
  private readonly sampler: Sampler
  /** That a trial may have. */
  readonly epochs: number
  private readonly scheduler: Scheduler
  /** Segments that have been decided on and wait for a slot, first come first served. */
  private readonly backlog: Segment[] = []
  private running = 0
  private stopping = false
  private fatal: unknown
  private wake: () => void = () => {}

  /** @param trials how many points to try, in place of what the definition says */
  constructor(definition: Definition, journal: Journal, executor: Executor, trials = definition.options.trials) {
    super()
    this.definition = definition
    this.journal = journal
    this.executor = executor
    this.sampler = createSampler(definition.options, definition.space)
    this.count = Math.min(trials, this.sampler.count)
    this.epochs = configOf(definition, {}).training.epochs
    this.scheduler = createScheduler(definition.options, this.epochs)
    this.trials = new Trials(seedsOf(definition), definition.options.objective, journal.entries, journal.path)
  }

  /**
   * Run to the end, or to `stop`.
   * @returns whether every trial has ended
   * @throws UserError where the journal cannot be written or the executor cannot start.
   */
  async run(): Promise<boolean> {
    await this.executor.start(() => this.wake())
    for (const trial of this.trials.all) {
      // killed between the proposal and what follows from it
      if (!trial.end && trial.target === 0) this.advance(trial, this.firstEpochOf(trial))
      else this.line(trial)
    }
    while (!this.stopping && this.fatal === undefined) {
      const woken = new Promise<void>((resolve) => {
        this.wake = resolve
      })
      this.settle()
      this.launch()
      if (this.running === 0 && this.backlog.length === 0) break
      await woken
    }
    if (this.fatal !== undefined) {
      await this.executor.stop()
      throw this.fatal
    }
    return this.trials.all.length >= this.count && this.trials.all.every(({ end }) => end)
  }

  /** End soon: what runs here rests at a checkpoint, and the journal knows the rest. */
  async stop(): Promise<void> {
    this.stopping = true
    await this.executor.stop()
    this.wake()
  }

  /** End the trials that have come to their budget, and decide about the others until every slot has something to do. */
  private settle(): void {
    for (const trial of this.trials.resting())
      if (trial.runs.every(({ finished }) => finished)) this.end(trial, 'complete')
    while (this.running + this.backlog.length < this.executor.slots) {
      const busy = this.running + this.backlog.length > 0
      const decision = this.scheduler.decide(this.trials, this.trials.all.length < this.count, busy)
      if (decision.do === 'wait') return
      if (decision.do === 'stop') this.end(decision.trial, 'stopped')
      else {
        const trial = decision.do === 'propose' ? this.propose() : decision.trial
        const epoch = decision.do === 'propose' ? this.firstEpochOf(trial) : decision.epoch
        this.advance(trial, epoch)
      }
    }
  }

  private advance(trial: Trial, epoch: number): void {
    this.write({ event: 'advance', trial: trial.trial, epoch })
    this.line(trial)
  }

  /** Without a scheduler, the number of epochs may be an option that varies. */
  private firstEpochOf({ point }: Trial): number {
    return this.definition.options.scheduler === 'none'
      ? configOf(this.definition, point).training.epochs
      : this.scheduler.firstEpoch
  }

  private propose(): Trial {
    const { all } = this.trials
    const observations = all.map((trial) => ({
      point: trial.point,
      epoch: trial.end?.outcome === 'failed' ? 0 : epochOf(trial),
      cost: trial.end?.outcome === 'failed' ? Number.POSITIVE_INFINITY : this.trials.cost(trial, epochOf(trial)),
    }))
    const point = this.sampler.propose(all.length, observations)
    this.write({ event: 'propose', trial: all.length + 1, point })
    return all.at(-1)!
  }

  /** Put what a trial's runs still have to do into the backlog. */
  private line(trial: Trial): void {
    if (trial.end || trial.target === 0) return
    for (const run of trial.runs) {
      if (isThere(trial, run)) continue
      this.backlog.push({
        trial: trial.trial,
        seed: run.seed,
        name: runName(trial.trial, run.seed, trial.runs.length),
        config: configOf(this.definition, trial.point, run.seed),
        toEpoch: trial.target,
      })
    }
  }

  private launch(): void {
    while (this.running < this.executor.slots && this.fatal === undefined) {
      const segment = this.backlog.shift()
      if (!segment) return
      const trial = this.trials.all[segment.trial - 1]!
      if (trial.end) continue
      this.running++
      void this.executor
        .run(segment, (result) => this.guard(() => this.note(trial, segment.seed, result)))
        .then((outcome) => this.guard(() => this.conclude(trial, segment, outcome)))
        .catch((error: unknown) => {
          this.fatal ??= error
        })
        .finally(() => {
          this.running--
          this.wake()
        })
    }
  }

  /** Write an epoch's result down, unless it is there: a run that was taken up again repeats itself. */
  private note(trial: Trial, seed: number, { epoch, validation }: EpochResult): void {
    if (trial.end || this.trials.runOf(trial, seed).validation.has(epoch)) return
    this.write({ event: 'epoch', trial: trial.trial, seed, epoch, validation })
  }

  private conclude(trial: Trial, { seed }: Segment, outcome: Outcome): void {
    if (trial.end || outcome.status === 'stopped') return
    if (outcome.status === 'halted')
      throw new UserError(`trial ${trial.trial}: ${outcome.error}; the same command goes on`)
    if (outcome.status === 'failed') {
      this.end(trial, 'failed', outcome.error)
      return
    }
    for (const result of outcome.results) this.note(trial, seed, result)
    const { epoch, finished } = outcome
    this.write({ event: 'reached', trial: trial.trial, seed, epoch, finished })
  }

  private end(trial: Trial, outcome: Ending, error?: string): void {
    const values = this.trials.values(trial)
    const whole = values.length === trial.runs.length
    this.write({
      event: 'end',
      trial: trial.trial,
      outcome,
      epoch: epochOf(trial),
      ...(whole && { value: values.reduce((sum, value) => sum + value, 0) / values.length }),
      ...(error !== undefined && { error }),
    })
  }

  /** The journal first: what it does not hold has not happened. */
  private write(entry: Entry): void {
    this.journal.append(entry)
    this.trials.apply(entry)
    this.emit('entry', entry, 'trial' in entry ? this.trials.all[entry.trial - 1] : undefined)
  }

  /** What goes wrong while somebody else's event is handled ends the sweep. */
  private guard(act: () => void): void {
    if (this.fatal !== undefined) return
    try {
      act()
    } catch (error) {
      this.fatal = error
      this.wake()
    }
  }
}

/** The name of a run's directory. */
export const runName = (trial: number, seed: number, seeds: number): string =>
  `${String(trial).padStart(4, '0')}${seeds > 1 ? `-seed-${seed}` : ''}`
