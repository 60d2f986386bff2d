// The median stopping rule (Golovin et al. 2017, Google Vizier): a trial stops where its best is worse than the median of the
// others' running averages at that epoch.

import { mean, type Trial, type Trials } from '../trials.ts'
import type { Scheduler } from './scheduler.ts'

type Options = { readonly minEpochs: number; readonly minTrials: number }

/** A verdict every `minEpochs` epochs, once `minTrials` other trials have come as far. */
export function median({ minEpochs, minTrials }: Options, epochs: number): Scheduler {
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

/** The mean of a trial's costs over the epochs up to one that it has come to; nothing where it has not. */
function averageUpTo(trials: Trials, trial: Trial, epoch: number): number[] {
  if (!trial.runs.every(({ reached, finished }) => reached >= epoch || finished)) return []
  const epochs = [...(trial.runs[0]?.validation.keys() ?? [])].filter((each) => each <= epoch)
  const costs = epochs.map((each) => trials.cost(trial, each))
  return costs.length > 0 ? [mean(costs)] : []
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
