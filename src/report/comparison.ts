// Several algorithms on one world, with one budget and the same seeds: what each came to, and how it got there, as
// numbers, as a table and as a picture.

import type { EpochRecord, Summary } from '../runs/records.ts'
import { spreadOf as rangeOf } from './groups.ts'
import { lineChart, type Series } from './line-chart.ts'
import { widthOf } from './measure.ts'
import { titleOf } from './metrics.ts'
import { lineColour } from './palette.ts'
import { type Heading, sheet } from './sheet.ts'
import { inks } from './theme.ts'

/** What is compared: the runs of one setting under several seeds. */
export type Candidate = {
  /** For the legend. */
  readonly label: string
  readonly runs: readonly { readonly epochs: readonly EpochRecord[]; readonly summary: Summary }[]
  /** M. */
  readonly rollouts: number
}

/** Over the seeds. */
export type Spread = {
  readonly mean: number
  readonly low: number
  readonly high: number
  readonly values: readonly number[]
}

/** How far a candidate was after an epoch. */
export type Milestone = {
  readonly epoch: number
  /** Episodes learned from so far. */
  readonly rollouts: number
  /** Seconds of training so far, evaluations apart; mean over the seeds. */
  readonly seconds: number
  /** Greedy validation error, percent. */
  readonly error: Spread
}

/** What a candidate came to. */
export type Result = {
  readonly label: string
  readonly seeds: readonly number[]
  /** Test errors, percent. */
  readonly greedy: Spread
  readonly sampled: Spread
  readonly averaged: Spread
  /** Mean glimpses of a test episode, where the agent may stop. */
  readonly glimpses?: Spread
  /** Seconds of training. */
  readonly seconds: Spread
  /** Episodes learned from. */
  readonly rollouts: number
  readonly course: readonly Milestone[]
}

/** The results of all candidates, in their order. */
export function compare(candidates: readonly Candidate[]): Result[] {
  return candidates.map(({ label, runs, rollouts }) => {
    const over = (read: (summary: Summary) => number): Spread => spreadOf(runs.map(({ summary }) => read(summary)))
    const course = courseOf(runs, rollouts)
    const stops = runs.every(({ summary }) => summary.glimpses !== undefined)
    return {
      label,
      seeds: runs.map(({ summary }) => summary.seed),
      greedy: over(({ testError }) => testError.greedy),
      sampled: over(({ testError }) => testError.sampled),
      averaged: over(({ testError }) => testError.averaged),
      ...(stops && { glimpses: over(({ glimpses }) => glimpses!) }),
      seconds: spreadOf(runs.map(({ epochs }) => epochs.reduce((sum, { seconds }) => sum + seconds, 0))),
      rollouts: Math.max(0, ...course.map((milestone) => milestone.rollouts)),
      course,
    }
  })
}

/** Epoch by epoch, as far as every seed has come. */
function courseOf(runs: Candidate['runs'], rollouts: number): Milestone[] {
  const length = Math.min(...runs.map(({ epochs }) => epochs.length))
  const course: Milestone[] = []
  let [played, seconds] = [0, 0]
  for (let i = 0; i < length; i++) {
    const records = runs.map(({ epochs }) => epochs[i]!)
    const [first] = records
    played += Math.round(first!.imagesPerSecond * first!.seconds) * rollouts
    seconds += spreadOf(records.map((record) => record.seconds)).mean
    const errors = records.flatMap(({ validation }) => (validation?.error === undefined ? [] : [validation.error]))
    if (errors.length < records.length) continue
    course.push({ epoch: first!.epoch, rollouts: played, seconds, error: spreadOf(errors) })
  }
  return course
}

const spreadOf = (values: readonly number[]): Spread => ({ ...rangeOf(values), values })

/** A Markdown table: mean over the seeds, and the smallest and the largest in brackets. */
export function comparisonTable(results: readonly Result[]): string {
  const stops = results.some(({ glimpses }) => glimpses)
  const head = [
    '',
    'greedy %',
    'sampled %',
    'averaged %',
    ...(stops ? ['glimpses'] : []),
    'seconds',
    'rollouts',
    'seeds',
  ]
  const rows = results.map((result) => [
    result.label,
    words(result.greedy),
    words(result.sampled),
    words(result.averaged),
    ...(stops ? [result.glimpses ? words(result.glimpses) : '-'] : []),
    words(result.seconds, 0),
    result.rollouts.toLocaleString('en'),
    result.seeds.join(', '),
  ])
  const lines = [head, head.map(() => '---'), ...rows]
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}

/** `1.02`, or `1.02 (0.97-1.07)` over several seeds. */
function words({ mean, low, high, values }: Spread, digits = 2): string {
  const range = `${low.toFixed(digits)}-${high.toFixed(digits)}`
  return values.length > 1 ? `${mean.toFixed(digits)} (${range})` : mean.toFixed(digits)
}

const size = [380, 260] as const

/** Error against wall time, against rollouts and, where agents may stop, against glimpses, as one SVG. */
export function drawComparison(results: readonly Result[], head: Heading): string {
  const along = (x: (milestone: Milestone) => number): Series['points'][] =>
    results.map(({ course }) =>
      course.map((milestone) => ({ x: x(milestone), y: milestone.error.mean, ...rangeIn(milestone.error) })),
    )
  const stopping = results.map(({ glimpses, greedy }) =>
    glimpses ? [{ x: glimpses.mean, y: greedy.mean, ...rangeIn(greedy) }] : [],
  )
  const minutes = results.some(({ seconds }) => seconds.mean > 600)
  const error = titleOf('validation.error')
  const panels = [
    panel(
      error,
      `${minutes ? 'minutes' : 'seconds'} of training`,
      results,
      along(({ seconds }) => seconds / (minutes ? 60 : 1)),
    ),
    panel(
      error,
      'rollouts',
      results,
      along(({ rollouts }) => rollouts),
    ),
    ...(stopping.some((points) => points.length > 0)
      ? [panel(titleOf('testError.greedy'), 'mean glimpses', results, stopping)]
      : []),
  ]
  return sheet(
    head,
    panels,
    size,
    results.map(({ label }, i) => ({ label, colour: lineColour(i) })),
  )
}

const rangeIn = ({ low, high }: Spread): { low: number; high: number } => ({ low, high })

function panel(title: string, xLabel: string, results: readonly Result[], lines: readonly Series['points'][]): string {
  const series = results.map(({ label }, i) => ({ label, colour: lineColour(i), points: lines[i]! }))
  const [width, height] = size
  return lineChart({ title, xLabel, width, height, series, inks, fromZero: true, named: false, measure: widthOf }).svg
}
