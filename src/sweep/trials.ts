// Where every trial of a sweep stands: what its journal's entries add up to.

import { UserError } from '../core/errors.ts'
import type { Metrics } from '../runs/records.ts'
import type { Entry } from './journal.ts'
import type { SweepOptions } from './options.ts'
import { mean, type Standing, type Trial, type TrialRun } from './trial.ts'

/** Every trial, in order of proposal. */
export class Trials implements Standing {
  readonly all: Trial[] = []
  private readonly seeds: readonly number[]
  private readonly objective: SweepOptions['objective']

  /**
   * @param path of the journal whose every line an entry is, for messages
   * @throws UserError naming the line that contradicts the ones before it.
   */
  constructor(
    seeds: readonly number[],
    objective: SweepOptions['objective'],
    entries: readonly Entry[] = [],
    path = 'journal',
  ) {
    this.seeds = seeds
    this.objective = objective
    entries.forEach((entry, i) => {
      try {
        this.apply(entry)
      } catch (error) {
        throw new UserError(`${path}: line ${i + 1}: ${(error as Error).message}`)
      }
    })
  }

  /** @throws Error where the entry contradicts what was before: a trial that ends twice, or was never proposed. */
  apply(entry: Entry): void {
    if (entry.event === 'sweep' || entry.event === 'trials') return
    if (entry.event === 'propose') {
      if (entry.trial !== this.all.length + 1) throw new Error(`trial ${entry.trial} follows trial ${this.all.length}`)
      const runs = this.seeds.map((seed) => ({ seed, validation: new Map(), reached: 0, finished: false }))
      this.all.push({ trial: entry.trial, point: entry.point, runs, target: 0 })
      return
    }
    const trial = this.all[entry.trial - 1]
    if (!trial) throw new Error(`trial ${entry.trial} was never proposed`)
    if (trial.end) throw new Error(`trial ${entry.trial} ended, and then: ${entry.event}`)
    switch (entry.event) {
      case 'advance':
        trial.target = entry.epoch
        return
      case 'epoch':
        this.runOf(trial, entry.seed).validation.set(entry.epoch, entry.validation)
        return
      case 'reached':
        Object.assign(this.runOf(trial, entry.seed), { reached: entry.epoch, finished: entry.finished })
        return
      case 'end':
        trial.end = entry
    }
  }

  runOf(trial: Trial, seed: number): TrialRun {
    const run = trial.runs.find((each) => each.seed === seed)
    if (!run) throw new Error(`trial ${trial.trial} has no run with seed ${seed}`)
    return run
  }

  /** The objective's values of a trial's runs, one per seed that has any, best up to an epoch; as shown to people. */
  values(trial: Trial, epoch = Number.POSITIVE_INFINITY): number[] {
    return trial.runs.flatMap((run) => {
      const costs = [...run.validation].flatMap(([at, metrics]) =>
        at <= epoch ? [costOf(this.objective, metrics)] : [],
      )
      const least = Math.min(...costs)
      return Number.isFinite(least) ? [signed(this.objective, least)] : []
    })
  }

  /** What schedulers and samplers compare: the mean over the seeds, lower is better; infinite where a run has no value yet. */
  cost(trial: Trial, epoch = Number.POSITIVE_INFINITY): number {
    const values = this.values(trial, epoch)
    if (values.length < trial.runs.length) return Number.POSITIVE_INFINITY
    return signed(this.objective, mean(values))
  }

  /** The same of one epoch alone, as it was reported; infinite where a run has no value there. */
  costAt(trial: Trial, epoch: number): number {
    return mean(
      trial.runs.map(({ validation }) => {
        const metrics = validation.get(epoch)
        return metrics ? costOf(this.objective, metrics) : Number.POSITIVE_INFINITY
      }),
    )
  }

  /** Running trials that have come as far as they may, every run of them. */
  resting(): Trial[] {
    return this.all.filter((trial) => !trial.end && trial.target > 0 && trial.runs.every((run) => isThere(trial, run)))
  }
}

/** Whether a run has nothing to do until the scheduler says so. */
export const isThere = ({ target }: Trial, { reached, finished }: TrialRun): boolean => finished || reached >= target

/** The epoch that all of a trial's runs have come to. */
export const epochOf = ({ runs }: Trial): number => Math.min(...runs.map(({ reached }) => reached))

/** Lower is better. */
function costOf(objective: SweepOptions['objective'], metrics: Metrics): number {
  const value = metrics[objective] ?? Number.NaN
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : signed(objective, value)
}

/** A cost as a value, and the other way round: of returns, more is better. */
const signed = (objective: SweepOptions['objective'], cost: number): number => (objective === 'return' ? -cost : cost)
