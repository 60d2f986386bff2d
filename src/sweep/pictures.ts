// A sweep in three pictures: the objective against each option, all options at once in parallel coordinates, and every
// trial's learning curve. The colours are the same in all: complete, stopped early, and the best.

import * as Plot from '@observablehq/plot'
import { heading, plot, wholeTicks } from '../report/charts.ts'
import { element, svgDocument, text } from '../report/svg.ts'
import { belief, beliefFaint, faded, ink, right, rule } from '../report/theme.ts'
import type { SweepState } from './directory.ts'
import { inUnits, rankedTrials } from './progress.ts'
import { type Dimension, freeDimensions, type NumberDomain, toScale, type Value } from './space.ts'
import { mean, type Trial } from './trials.ts'

const [panelWidth, panelHeight, gap, margin, header] = [290, 210, 22, 24, 58]

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

/** The value axis: logarithmic where the worst is many times the best. */
function valueAxis(marks: readonly { readonly value: number }[]): Plot.ScaleOptions {
  const values = marks.map(({ value }) => value)
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const quiet = { grid: true, label: null, tickSize: 0, insetTop: 6, insetBottom: 6 }
  if (!isWide(least, most)) return { ...quiet, ticks: 5 } as Plot.ScaleOptions
  const decades = Array.from({ length: 13 }, (_, i) => 10 ** (i - 6))
  const ticks = decades.flatMap((one) => [one, 2 * one, 5 * one]).filter((tick) => tick >= least && tick <= most)
  return { ...quiet, type: 'log', domain: [least, most], ticks, tickFormat: shown } as Plot.ScaleOptions
}

const isWide = (least: number, most: number): boolean => least > 0 && most > 5 * least

/** One panel per option: its value across, the objective up. */
function drawOptions(state: SweepState, marks: readonly Mark[]): string {
  const options = optionsOf(state)
  const columns = Math.min(3, options.length)
  const panels = options.map(({ name, dimension: { domain } }, i) => {
    const points = marks.flatMap((mark) =>
      Object.hasOwn(mark.trial.point, name) ? [{ ...mark, at: mark.trial.point[name]! }] : [],
    )
    const across =
      domain.kind === 'choice'
        ? { type: 'point' as const, domain: domain.values.map(String), padding: 0.5 }
        : {
            type: domain.kind !== 'same' && domain.log ? ('log' as const) : ('linear' as const),
            ticks: 4,
            tickFormat: '~g',
            inset: 8,
          }
    const at = ({ at }: { at: Value }): Value => (domain.kind === 'choice' ? String(at) : at)
    const chart = {
      ...{ width: panelWidth, height: panelHeight, marginLeft: 44, marginRight: 12, marginTop: 30, marginBottom: 30 },
      x: { ...across, label: null, tickSize: 0 },
      y: valueAxis(marks),
      marks: [
        Plot.dot(points, {
          x: at,
          y: 'value',
          fill: ({ colour }: Mark) => colour,
          r: ({ rank }: Mark) => (rank === 0 ? 5 : 3.2),
        }),
      ],
      r: { type: 'identity' as const },
      color: { type: 'identity' as const },
    } as Plot.PlotOptions
    const [x, y] = [margin + (i % columns) * (panelWidth + gap), header + Math.floor(i / columns) * (panelHeight + gap)]
    return plot(chart, x, y) + text(name, x + 4, y + 14, { bold: true, size: 12 })
  })
  const width = 2 * margin + Math.max(2, columns) * panelWidth + (Math.max(2, columns) - 1) * gap
  const height = header + Math.ceil(options.length / columns) * (panelHeight + gap)
  return svgDocument(
    width,
    height,
    heading(titled(state, `Validation ${state.definition.options.objective} against each option`)),
    ...panels,
  )
}

/** One line per trial, through its value on each option's axis to its objective on the last. */
function drawParallel(state: SweepState, marks: readonly Mark[]): string {
  const options = optionsOf(state)
  const [apart, top, bottom] = [Math.max(120, 640 / options.length), header + 34, header + 34 + 300]
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
      name: state.definition.options.objective,
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
  return svgDocument(
    at(options.length) + margin + 50,
    bottom + 34,
    heading(titled(state, 'Every trial through its options')),
    ...axes,
    ...lines,
  )
}

/** The objective after each epoch, the mean over a trial's seeds. */
function drawLearning(state: SweepState, marks: readonly Mark[]): string {
  const { options } = state.definition
  const points = marks.flatMap(({ trial, colour, rank }) => {
    const epochs = [...new Set(trial.runs.flatMap(({ validation }) => [...validation.keys()]))].sort((a, b) => a - b)
    return epochs.flatMap((epoch) => {
      const values = trial.runs.flatMap(({ validation }) => validation.get(epoch)?.[options.objective] ?? [])
      return values.length === trial.runs.length
        ? [{ trial: trial.trial, epoch, value: mean(values), colour, rank }]
        : []
    })
  })
  const [width, height] = [720, 380]
  const last = points.filter(({ rank }) => rank === 0).at(-1)
  const chart = {
    ...{ width, height, marginLeft: 48, marginRight: 20, marginTop: 16, marginBottom: 34 },
    x: {
      ticks: wholeTicks(1, Math.max(...points.map(({ epoch }) => epoch))),
      tickFormat: 'd',
      label: null,
      tickSize: 0,
      inset: 6,
    },
    y: valueAxis(points),
    color: { type: 'identity' },
    marks: [
      Plot.lineY(points, { x: 'epoch', y: 'value', z: 'trial', stroke: 'colour', strokeWidth: 1.3 }),
      Plot.dot(
        points.filter(({ trial }) => points.filter((each) => each.trial === trial).length === 1),
        { x: 'epoch', y: 'value', fill: 'colour', r: 2.4 },
      ),
      Plot.dot(last ? [last] : [], { x: 'epoch', y: 'value', fill: right, r: 4 }),
    ],
  } as Plot.PlotOptions
  const label = text('epoch', margin + width - 20, header + height - 2, { anchor: 'end', size: 10, fill: ink })
  return svgDocument(
    width + 2 * margin,
    header + height + margin,
    heading(titled(state, `Validation ${options.objective} by epoch`)),
    plot(chart, margin, header),
    label,
  )
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
