// Several algorithms on one world, with one budget and the same seeds: what each came to, and how it got there, as
// numbers, as a table and as a picture.

import * as Plot from '@observablehq/plot'
import type { EpochRecord, Summary } from '../runs/records.ts'
import { type Heading, heading, plot } from './charts.ts'
import { element, svgDocument, text } from './svg.ts'
import { faded, groupColour } from './theme.ts'

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

function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return { mean, low: Math.min(...values), high: Math.max(...values), values }
}

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

const [width, height, margin, gap, header] = [380, 260, 24, 22, 58]

/** One mark of a line: the mean error, from the smallest to the largest. */
type Mark = {
  readonly label: string
  readonly x: number
  readonly mean: number
  readonly low: number
  readonly high: number
}

/** Error against wall time, against rollouts and, where agents may stop, against glimpses, as one SVG. */
export function drawComparison(results: readonly Result[], head: Heading): string {
  const labels = results.map(({ label }) => label)
  const along = (x: (milestone: Milestone) => number): Mark[] =>
    results.flatMap(({ label, course }) =>
      course.map((milestone) => ({ label, x: x(milestone), ...milestone.error, mean: milestone.error.mean })),
    )
  const stopping = results.flatMap(({ label, glimpses, greedy }) =>
    glimpses ? [{ label, x: glimpses.mean, ...greedy }] : [],
  )
  const panels = [
    panel(
      'Validation error, %',
      'seconds of training',
      labels,
      along(({ seconds }) => seconds),
      0,
    ),
    panel(
      'Validation error, %',
      'thousand rollouts',
      labels,
      along(({ rollouts }) => rollouts / 1000),
      1,
    ),
    ...(stopping.length > 0 ? [panel('Test error, %', 'mean glimpses', labels, stopping, 2)] : []),
  ]
  const across = margin + panels.length * (width + gap)
  const legend = labels.map((label, i) => {
    const y = header + height + 24 + 18 * i
    const swatch = element('rect', { x: margin, y: y - 8, width: 14, height: 8, rx: 2, fill: groupColour(i) })
    return swatch + text(label, margin + 19, y)
  })
  const whole = header + height + 30 + 18 * labels.length
  return svgDocument(
    Math.max(across, 2 * margin + 5.7 * head.subtitle.length),
    whole,
    heading(head),
    ...panels,
    ...legend,
  )
}

function panel(
  title: string,
  xLabel: string,
  labels: readonly string[],
  marks: readonly Mark[],
  place: number,
): string {
  const axes = { ticks: 6, grid: true, label: null, tickSize: 0, nice: true } as const
  const chart: Plot.PlotOptions = {
    ...{ width, height, marginLeft: 44, marginRight: 14, marginTop: 30, marginBottom: 34 },
    x: { ...axes, zero: place < 2 },
    y: { ...axes, zero: true },
    color: { domain: [...labels], range: labels.map((_, i) => groupColour(i)) },
    marks: [
      Plot.areaY(marks, { x: 'x', y1: 'low', y2: 'high', fill: 'label', fillOpacity: 0.16, z: 'label' }),
      Plot.lineY(marks, { x: 'x', y: 'mean', stroke: 'label', strokeWidth: 1.75, z: 'label' }),
      Plot.dot(marks, { x: 'x', y: 'mean', fill: 'label', r: 2.2 }),
    ],
  }
  const x = margin + place * (width + gap)
  return (
    plot(chart, x, header) +
    text(title, x + 4, header + 14, { bold: true, size: 12 }) +
    text(xLabel, x + width - 14, header + height - 4, { anchor: 'end', size: 10, fill: faded })
  )
}
