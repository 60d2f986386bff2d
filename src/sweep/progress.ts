// A sweep, told as it goes, and where it stands: lines for people.

import { type Output, Overall, StatusLine } from '../report/terminal.ts'
import { inWords } from './definition.ts'
import type { SweepState } from './directory.ts'
import type { Entry } from './journal.ts'
import type { SweepOptions } from './options.ts'
import type { Sweep } from './sweep.ts'
import { mean, spread, type Trial } from './trial.ts'
import type { Trials } from './trials.ts'

/** Print what a sweep tells: words, or the journal's entries as JSON. */
export function reportSweep(
  sweep: Sweep,
  options: SweepOptions,
  { out, json }: { readonly out: Output; readonly json: boolean },
): { clear(): void } {
  const status = new StatusLine(out)
  const overall = new Overall(status, 'trial', sweep.count)
  sweep.on('entry', (entry, trial) => {
    if (json) return void out.write(`${JSON.stringify(entry)}\n`)
    for (const line of linesOf(entry, trial, sweep, options)) status.print(line)
    const ended = sweep.trials.all.filter(({ end }) => end).length
    overall.show(ended, shareOf(sweep))
  })
  return { clear: () => status.clear() }
}

/** How much of the work is behind a sweep, in [0, 1]: a trial that has ended is whole, others count by their epochs. */
function shareOf({ trials, count, epochs }: Sweep): number {
  const shares = trials.all.map(({ end, runs }) => {
    if (end) return 1
    const done = runs.map(({ validation, reached }) => Math.max(0, reached, ...validation.keys()) / epochs)
    return done.reduce((sum, share) => sum + share, 0) / done.length
  })
  return shares.reduce((sum, share) => sum + share, 0) / Math.max(1, count)
}

function linesOf(entry: Entry, trial: Trial | undefined, { trials, count }: Sweep, options: SweepOptions): string[] {
  if (!trial) return []
  const name = `trial ${String(trial.trial).padStart(String(count).length)}`
  switch (entry.event) {
    case 'propose':
      return [`${name} of ${count}: ${inWords(trial.point)}`]
    case 'reached': {
      if (entry.finished) return []
      const seed = options.seeds > 1 ? `, seed ${entry.seed}` : ''
      const shown = trials.values({ ...trial, runs: [trials.runOf(trial, entry.seed)] }, entry.epoch)
      return [`${name}${seed}: ${inUnits(shown, options)} after epoch ${entry.epoch}`]
    }
    case 'end': {
      const best = bestOf(trials)
      const result =
        entry.outcome === 'failed'
          ? entry.error
          : `${inUnits(trials.values(trial), options)} after epoch ${entry.epoch}`
      const leader = best ? `; best: ${inUnits(trials.values(best), options)} (trial ${best.trial})` : ''
      return [`${name} ${entry.outcome}: ${result}${leader}`]
    }
    default:
      return []
  }
}

/** The objective's values as `1.23 %`, or with their spread over the seeds. */
export function inUnits(values: readonly number[], { objective }: Pick<SweepOptions, 'objective'>): string {
  if (values.length === 0) return 'no result'
  const digits = objective === 'error' ? 2 : 3
  const deviation = values.length > 1 ? ` ± ${spread(values).toFixed(digits)}` : ''
  return `${mean(values).toFixed(digits)}${deviation}${objective === 'error' ? ' %' : ''}`
}

/** Trials that have a value and did not fail, the best first. */
export function rankedTrials(trials: Trials): Trial[] {
  return trials.all
    .filter((trial) => trial.end?.outcome !== 'failed' && Number.isFinite(trials.cost(trial)))
    .sort((a, b) => trials.cost(a) - trials.cost(b))
}

/** The best trial so far. */
export const bestOf = (trials: Trials): Trial | undefined => rankedTrials(trials)[0]

/** Where a sweep stands. */
export function statusLines(directory: string, { definition, trials, count }: SweepState): string[] {
  const { options } = definition
  const ended = (outcome: string): number => trials.all.filter(({ end }) => end?.outcome === outcome).length
  const open = trials.all.filter(({ end }) => !end)
  const resting = trials.resting().length
  const best = bestOf(trials)
  return [
    `${directory}: ${count} ${count === 1 ? 'trial' : 'trials'} by ${options.sampler}, scheduler ${options.scheduler}` +
      (options.seeds > 1 ? `, ${options.seeds} seeds each` : ''),
    `${ended('complete')} complete, ${ended('stopped')} stopped early, ${ended('failed')} failed, ${open.length - resting} under way, ${resting} resting, ${Math.max(0, count - trials.all.length)} to come`,
    ...trials.all.flatMap(({ trial, end }) =>
      end?.outcome === 'failed' ? [`trial ${trial} failed: ${end.error}`] : [],
    ),
    ...(best
      ? [`best: ${inUnits(trials.values(best), options)} (trial ${best.trial}: ${inWords(best.point)})`]
      : ['no result yet']),
  ]
}
