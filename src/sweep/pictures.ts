// A sweep in three pictures: the objective against each option, all options at once in parallel coordinates, and every
// trial's learning curve. The colours are the same in all: complete, stopped early, and the best.

import { lineChart, type Series } from '../report/line-chart.ts'
import { widthOf } from '../report/measure.ts'
import { metricOf, titleOf } from '../report/metrics.ts'
import { heading, sheet } from '../report/sheet.ts'
import { element, svgDocument, text } from '../report/svg.ts'
import { belief, beliefFaint, faded, inks, right, rule } from '../report/theme.ts'
import { logTicks, niceTicks, tickWords } from '../report/ticks.ts'
import type { SweepState } from './directory.ts'
import { inUnits, rankedTrials } from './progress.ts'
import { type Dimension, freeDimensions, type NumberDomain, toScale, type Value } from './space.ts'
import { mean, type Trial } from './trial.ts'

const [panelWidth, panelHeight, margin] = [290, 210, 24]

/** A trial as it is drawn. */
type Mark = {
  readonly trial: Trial
  readonly value: number
  readonly colour: string
  /** The best last, for what is drawn last lies on top. */
  readonly rank: number
}

/** The pictures by file name. */
export function drawSweep(state: SweepState): Record<string, string> {
  const marks = marksOf(state)
  return {
    'options.svg': drawOptions(state, marks),
    'parallel.svg': drawParallel(state, marks),
    'curves.svg': drawLearning(state, marks),
  }
}

function marksOf({ trials }: SweepState): Mark[] {
  return rankedTrials(trials)
    .map((trial, rank) => ({
      trial,
      rank,
      value: mean(trials.values(trial)),
      colour: rank === 0 ? right : trial.end?.outcome === 'complete' ? belief : beliefFaint,
    }))
    .reverse()
}

const titled = ({ definition, trials }: SweepState, what: string) => {
  const [best] = rankedTrials(trials)
  return {
    title: what,
    subtitle: `${trials.all.length} trials; green: the best, ${inUnits(trials.values(best!), definition.options)}; blue: complete; pale: stopped early or under way`,
  }
}

/** Whether the axis of values is logarithmic: the worst is many times the best. */
const spansDecades = (marks: readonly { readonly value: number }[]): boolean => {
  const values = marks.map(({ value }) => value)
  return isWide(Math.min(...values), Math.max(...values))
}

const isWide = (least: number, most: number): boolean => least > 0 && most > 5 * least

/** One panel per option: its value across, the objective up. */
function drawOptions(state: SweepState, marks: readonly Mark[]): string {
  const panels = optionsOf(state).map(({ name, dimension }) => {
    const series = marks.flatMap(({ trial, value, colour, rank }): Series[] =>
      Object.hasOwn(trial.point, name)
        ? [
            {
              ...{ label: String(trial.trial), colour, radius: rank === 0 ? 5 : 3.2 },
              points: [{ x: shareOn(dimension, trial.point[name]!), y: value }],
            },
          ]
        : [],
    )
    const [width, height] = [panelWidth, panelHeight]
    const chart = { width, height, series, inks, named: false, measure: widthOf, log: spansDecades(marks) }
    return lineChart({ ...chart, title: name, xLabel: '', range: [-0.06, 1.06], xTicks: ticksOn(dimension) }).svg
  })
  const head = titled(state, `${objectiveOf(state)}, against each option`)
  return sheet(head, panels, [panelWidth, panelHeight])
}

const objectiveOf = ({ definition }: SweepState): string => titleOf(`validation.${definition.options.objective}`)

/** Where the values of an option are marked, as shares of its axis. */
function ticksOn(dimension: Dimension): { tick: number; word: string }[] {
  const { domain } = dimension
  if (domain.kind === 'same' || domain.kind === 'choice')
    return labelsOf(dimension).map(({ words, share }) => ({ tick: share, word: words }))
  const ticks = domain.log ? logTicks(domain.low, domain.high, 4) : niceTicks(domain.low, domain.high, 5)
  const words = tickWords(ticks)
  return ticks.map((tick, i) => ({ tick: shareOn(dimension, tick), word: words[i]! }))
}

/** One line per trial, through its value on each option's axis to its objective on the last. */
function drawParallel(state: SweepState, marks: readonly Mark[]): string {
  const options = optionsOf(state)
  const apart = Math.max(120, 640 / options.length)
  const width = margin + 60 + options.length * apart + margin + 50
  const head = heading(titled(state, 'Every trial through its options'), width)
  const [top, bottom] = [head.bottom + 34, head.bottom + 334]
  const at = (axis: number): number => margin + 60 + axis * apart
  const up = (share: number): number => bottom - share * (bottom - top)
  const values = marks.map(({ value }) => value)
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const log = isWide(least, most)
  const placed = (value: number): number => (log ? Math.log(value) : value)
  const shareOf = (value: number): number =>
    most > least ? (placed(value) - placed(least)) / (placed(most) - placed(least)) : 0.5
  const lines = marks.map(({ trial, value, colour, rank }) => {
    const stops = options.flatMap(({ name, dimension }, axis) =>
      Object.hasOwn(trial.point, name) ? [[at(axis), up(shareOn(dimension, trial.point[name]!))]] : [],
    )
    const points = [...stops, [at(options.length), up(shareOf(value))]].map(
      ([x, y]) => `${x!.toFixed(1)},${y!.toFixed(1)}`,
    )
    return element('polyline', {
      points: points.join(' '),
      fill: 'none',
      stroke: colour,
      'stroke-width': rank === 0 ? 2.6 : 1.2,
      'stroke-opacity': rank === 0 ? 1 : 0.75,
    })
  })
  const axes = [
    ...options.map(({ name, dimension }) => ({ name, labels: labelsOf(dimension) })),
    {
      name: metricOf(`validation.${state.definition.options.objective}`).title,
      labels: [least, most].map((value) => ({ words: shown(value), share: shareOf(value) })),
    },
  ].map(({ name, labels }, axis) =>
    [
      element('line', { x1: at(axis), x2: at(axis), y1: top - 6, y2: bottom + 6, stroke: rule, 'stroke-width': 1.5 }),
      text(name.slice(name.indexOf('.') + 1), at(axis), top - 16, { bold: true, anchor: 'middle', size: 11 }),
      ...labels.map(({ words, share }) =>
        text(words, at(axis) - 6, up(share) + 4, { anchor: 'end', size: 10, fill: faded }),
      ),
    ].join(''),
  )
  return svgDocument(width, bottom + 34, head.svg, ...axes, ...lines)
}

/** The objective after each epoch, the mean over a trial's seeds. */
function drawLearning(state: SweepState, marks: readonly Mark[]): string {
  const { objective } = state.definition.options
  const series = marks.map(({ trial, colour, rank }): Series => {
    const epochs = [...new Set(trial.runs.flatMap(({ validation }) => [...validation.keys()]))].sort((a, b) => a - b)
    const points = epochs.flatMap((epoch) => {
      const values = trial.runs.flatMap(({ validation }) => validation.get(epoch)?.[objective] ?? [])
      return values.length === trial.runs.length ? [{ x: epoch, y: mean(values) }] : []
    })
    return { label: String(trial.trial), colour, points, stroke: rank === 0 ? 2.6 : 1.3 }
  })
  const log = spansDecades(series.flatMap(({ points }) => points.map(({ y }) => ({ value: y }))))
  const [width, height] = [720, 380]
  const chart = { width, height, series, inks, log, whole: true, named: false, xLabel: 'epoch', measure: widthOf }
  return sheet(titled(state, `${objectiveOf(state)}, by epoch`), [lineChart(chart).svg], [width, height], [], 1)
}

/** Each name once, with what says how to draw its values: its widest alternative comes first in most sweeps. */
function optionsOf({ definition: { space } }: SweepState): { name: string; dimension: Dimension }[] {
  const free = freeDimensions(space)
  return [...new Set(free.map(({ name }) => name))].map((name) => ({
    name,
    dimension: free.find((each) => each.name === name)!,
  }))
}

/** Where a value lies between the ends of its axis; alternatives of a name may reach beyond them. */
function shareOn({ domain }: Dimension, value: Value): number {
  if (domain.kind === 'same') return 0
  if (domain.kind === 'choice') return (domain.values.indexOf(value) + 0.5) / domain.values.length
  const { low, high } = ends(domain)
  return Math.min(1.04, Math.max(-0.04, (toScale(domain, Number(value)) - low) / (high - low)))
}

function labelsOf(dimension: Dimension): { words: string; share: number }[] {
  const { domain } = dimension
  if (domain.kind === 'same') return []
  const values = domain.kind === 'choice' ? domain.values : [domain.low, domain.high]
  return values.map((value) => ({ words: shown(value), share: shareOn(dimension, value) }))
}

const ends = (domain: NumberDomain) => ({ low: toScale(domain, domain.low), high: toScale(domain, domain.high) })

const shown = (value: Value): string =>
  typeof value === 'number' ? String(Number(value.toPrecision(3))) : String(value)
