// The median stopping rule (Golovin et al. 2017, "Google Vizier", section 3.2.2): a trial stops at an epoch where its best so far
// is strictly worse than the median of the others' running averages, each the mean of what that trial reported up to that epoch.

import { z } from 'zod'
import { mean, type Standing, type Trial } from '../trial.ts'
import { defineScheduler, type Scheduler } from './scheduler.ts'

type Options = { readonly minEpochs: number; readonly minTrials: number }

export const median = defineScheduler({
  description: 'the median of the others',
  options: {
    minTrials: z.int().min(1).default(4).describe('median: trials that must have come as far before one is stopped'),
  },
  create: medianScheduler,
})

/** A verdict every `minEpochs` epochs, once `minTrials` other trials have come as far. */
function medianScheduler({ minEpochs, minTrials }: Options, epochs: number): Scheduler {
  return {
    firstEpoch: minEpochs,
    decide(trials, more) {
      for (const trial of trials.resting()) {
        const others = trials.all.flatMap((other) => (other === trial ? [] : averageUpTo(trials, other, trial.target)))
        if (others.length >= minTrials && trials.cost(trial, trial.target) > middle(others))
          return { do: 'stop', trial }
        return { do: 'advance', trial, epoch: Math.min(epochs, trial.target + minEpochs) }
      }
      return { do: more ? 'propose' : 'wait' }
    },
  }
}

/** The mean of what a trial cost at each epoch up to one that it has come to; nothing where it has not, or never had a value. */
function averageUpTo(trials: Standing, trial: Trial, epoch: number): number[] {
  if (!trial.runs.every(({ reached, finished }) => reached >= epoch || finished)) return []
  const epochs = [...(trial.runs[0]?.validation.keys() ?? [])].filter((each) => each <= epoch)
  const costs = epochs.map((each) => trials.costAt(trial, each)).filter(Number.isFinite)
  return costs.length > 0 ? [mean(costs)] : []
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
