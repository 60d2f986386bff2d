// Asynchronous successive halving (Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning", algorithm 2): at
// each rung, of the trials that have come so far, the best 1 in `factor` go on; whoever is free promotes one that may, from
// the highest rung down, and begins a new trial where none may. In the end, where a small sweep has trained nobody to the end,
// the leader goes on alone.

import { z } from 'zod'
import type { Standing, Trial } from '../trial.ts'
import { defineScheduler, type Scheduler } from './scheduler.ts'

type Options = { readonly minEpochs: number; readonly factor: number }

export const asha = defineScheduler({
  description: 'asynchronous successive halving',
  options: {
    factor: z
      .int()
      .min(2)
      .max(100)
      .default(3)
      .describe('asha: each rung has this many times the epochs, and lets one in this many of its trials go on'),
  },
  create: ashaScheduler,
})

/** Rungs at minEpochs, minEpochs x factor, ... below the budget. Which trials meet there depends on who is done first. */
function ashaScheduler(options: Options, epochs: number): Scheduler {
  const rungs = rungsOf(options, epochs)
  return {
    firstEpoch: rungs[0]!,
    decide(trials, more, running) {
      for (let rung = rungs.length - 1; rung >= 0; rung--) {
        const trial = promotable(trials, rungs[rung]!, options.factor)
        if (trial) return { do: 'advance', trial, epoch: rungs[rung + 1] ?? epochs }
      }
      if (more) return { do: 'propose' }
      if (running) return { do: 'wait' }
      // nobody will come any more whom a resting trial could be among the best of
      const left = leading(trials)
      if (!left) return { do: 'wait' }
      if (trials.all.some(({ end }) => end?.outcome === 'complete') || trials.cost(left) === Number.POSITIVE_INFINITY)
        return { do: 'stop', trial: left }
      return { do: 'advance', trial: left, epoch: rungs.find((rung) => rung > left.target) ?? epochs }
    },
  }
}

/** The epochs at which trials rest: below the budget. */
export function rungsOf({ minEpochs, factor }: Options, epochs: number): number[] {
  const rungs: number[] = []
  for (let rung = minEpochs; rung < epochs; rung *= factor) rungs.push(rung)
  return rungs
}

/** Of the resting trials, the best of the highest rung. */
function leading(trials: Standing): Trial | undefined {
  const better = (a: Trial, b: Trial): number => b.target - a.target || trials.cost(a) - trials.cost(b)
  return trials.resting().sort(better)[0]
}

/** The best trial resting at a rung that is among the best 1 in `factor` of all that have come to it. */
function promotable(trials: Standing, rung: number, factor: number): Trial | undefined {
  const arrived = trials.all
    .filter((trial) => trial.runs.every(({ reached, finished }) => reached >= rung || finished))
    .map((trial) => ({ trial, cost: trials.cost(trial, rung) }))
    .sort((a, b) => a.cost - b.cost)
  const best = arrived.slice(0, Math.floor(arrived.length / factor))
  return best.find(({ trial, cost }) => !trial.end && trial.target === rung && Number.isFinite(cost))?.trial
}
