// One line chart as SVG: for the pictures, and for the dashboard's page. Lines with bands, linear or logarithmic, marked with
// round numbers that do not collide, each line named at its end where there is room. Pure: runs in a browser too.

import { element, shortened, text } from './svg.ts'
import { logTicks, niceRange, niceTicks, tickWords, wholeTicks, withoutCollision } from './ticks.ts'

/** A point of a line; `low` to `high` is the band about it. */
export type LinePoint = { readonly x: number; readonly y: number; readonly low?: number; readonly high?: number }

/** One line. */
export type Series = {
  readonly label: string
  readonly colour: string
  /** In rising order of x. */
  readonly points: readonly LinePoint[]
  /** Drawn pale behind it: what was smoothed. */
  readonly raw?: readonly LinePoint[]
  /** Not named at its end. */
  readonly quiet?: boolean
  /** Pixels: of its dots, which a line of more than twelve points has not; and of its stroke. */
  readonly radius?: number
  readonly stroke?: number
}

/** The colours that are no line's. */
export type Inks = { readonly ink: string; readonly faded: string; readonly rule: string; readonly paper: string }

/** What to draw. */
export type LineChart = {
  readonly width: number
  readonly height: number
  readonly series: readonly Series[]
  /** Of the axis across, with its unit. */
  readonly xLabel: string
  /** Above the chart, with its unit. */
  readonly title?: string
  /** Logarithmic upwards: points that are not above 0 are left out. */
  readonly log?: boolean
  /** The axis upwards begins at 0. */
  readonly fromZero?: boolean
  /** Mark whole numbers across: epochs, glimpses. */
  readonly whole?: boolean
  /** Where the axis across is marked, and with which words, in place of round numbers. */
  readonly xTicks?: readonly { readonly tick: number; readonly word: string }[]
  /** The part of the axis across that is shown; all by default. */
  readonly range?: readonly [number, number]
  /** A level to compare with. */
  readonly level?: { readonly y: number; readonly label: string }
  /** Whether lines are named at their ends; where there are several, by default. */
  readonly named?: boolean
  readonly inks: Inks
  /** Width of words in pixels at a font size. */
  readonly measure: (words: string, size: number, bold?: boolean) => number
}

/** A chart as drawn: its markup, and where things are in it, for a pointer. */
export type DrawnChart = {
  readonly svg: string
  /** Pixels: the box of the lines. */
  readonly box: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number }
  /** Shown numbers to pixels. */
  readonly across: (x: number) => number
  readonly up: (y: number) => number
}

const [small, words] = [10, 11]
const gap = 8

/** Draw it, in a box of its width and height from (0, 0). */
export function lineChart(chart: LineChart): DrawnChart {
  const { width, height, measure, inks, title } = chart
  const visible = chart.series.map((series) => clipped(series, chart))
  const [xLow, xHigh] = chart.range ?? extent(visible.flatMap(({ points }) => points.map(({ x }) => x)))
  const top = title === undefined ? 10 : 30
  const bottom = height - 34
  const yTicks = ticksUp(visible, chart, Math.max(2, Math.floor((bottom - top) / 26)))
  const left = 10 + Math.max(...yTicks.words.map((word) => measure(word, small)))
  const names = namesRoom(visible, chart, (bottom - top) / (words + 2), width)
  const right = width - names - 10
  const span = Math.max(1e-12, xHigh - xLow)
  const across = (x: number): number =>
    xHigh > xLow ? left + ((x - xLow) / span) * (right - left) : (left + right) / 2
  const scale = chart.log ? Math.log10 : (value: number) => value
  const [low, high] = yTicks.range.map(scale) as [number, number]
  const up = (y: number): number => bottom - ((scale(y) - low) / Math.max(1e-12, high - low)) * (bottom - top)
  const place = { across, up, left, right, top, bottom }
  const svg = [
    title === undefined
      ? ''
      : text(
          shortened(title, width - 8, (part) => measure(part, 12, true)),
          4,
          14,
          { bold: true, size: 12, fill: inks.ink },
        ),
    drawUp(yTicks, place, inks),
    drawAcross(chart, [xLow, xHigh], place),
    chart.level && chart.level.y >= yTicks.range[0] && chart.level.y <= yTicks.range[1]
      ? drawLevel(chart.level, place, chart)
      : '',
    ...visible.map((series) => drawSeries(series, place)),
    names > 0 ? drawNames(visible, place, chart, names) : '',
  ].join('')
  return { svg, box: { left, top, right, bottom }, across, up }
}

type Place = {
  readonly across: (x: number) => number
  readonly up: (y: number) => number
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** What can be seen of a line: within the range, and above 0 where the axis is logarithmic. */
function clipped(series: Series, { log = false, range }: LineChart): Series {
  const keep = (points: readonly LinePoint[]): LinePoint[] =>
    points
      .filter(({ x, y }) => Number.isFinite(y) && !(log && y <= 0) && !(range && (x < range[0] || x > range[1])))
      .map((point) => (log && point.low !== undefined && point.low <= 0 ? { ...point, low: point.y } : point))
  return { ...series, points: keep(series.points), ...(series.raw && { raw: keep(series.raw) }) }
}

function extent(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1]
  return values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [
    values[0]!,
    values[0]!,
  ] as [number, number])
}

type Ticks = {
  readonly range: readonly [number, number]
  readonly ticks: readonly number[]
  readonly words: readonly string[]
}

function ticksUp(series: readonly Series[], { log, fromZero, level }: LineChart, most: number): Ticks {
  const all = series.flatMap(({ points }) => points.flatMap(({ y, low = y, high = y }) => [low, high]))
  const [least, largest] = extent(all)
  // a level is shown where it does not squeeze the lines
  const lifted = level && !log && largest < level.y && level.y < 2.5 * largest ? level.y : largest
  if (log) {
    const range = least < largest ? ([least, largest] as const) : ([least / 2, largest * 2] as const)
    const ticks = logTicks(range[0], range[1], most)
    return { range, ticks, words: tickWords(ticks) }
  }
  const range = niceRange(fromZero && least >= 0 ? 0 : least, lifted > 0 || !fromZero ? lifted : 1, Math.min(6, most))
  const ticks = niceTicks(range[0], range[1], Math.min(6, most))
  return { range, ticks, words: tickWords(ticks) }
}

function drawUp({ ticks, words: labels }: Ticks, { up, left, right }: Place, { faded, rule }: Inks): string {
  return ticks
    .map((tick, i) => {
      const y = up(tick)
      const line = element('line', { x1: left, x2: right, y1: y, y2: y, stroke: rule, 'stroke-width': 1 })
      return line + text(labels[i]!, left - 6, y + 3.5, { size: small, fill: faded, anchor: 'end' })
    })
    .join('')
}

function drawAcross(
  { xLabel, whole, xTicks, inks, measure }: LineChart,
  [low, high]: readonly [number, number],
  place: Place,
): string {
  const { across, left, right, bottom } = place
  const most = Math.max(2, Math.floor((right - left) / 36))
  const wanted = whole
    ? wholeTicks(Math.ceil(low), Math.floor(high), Math.min(8, most))
    : niceTicks(low, high, Math.min(7, most))
  const labels = tickWords(wanted)
  const all = xTicks ?? wanted.map((tick, i) => ({ tick, word: labels[i]! }))
  const shown = withoutCollision(
    all,
    ({ tick }) => across(tick),
    ({ word }) => measure(word, small),
    gap,
  )
  const marks = shown.map(({ tick, word }) =>
    text(word, across(tick), bottom + 15, { size: small, fill: inks.faded, anchor: 'middle' }),
  )
  const name = text(xLabel, right, bottom + 29, { size: small, fill: inks.faded, anchor: 'end' })
  return marks.join('') + name
}

function drawLevel(
  { y, label }: { y: number; label: string },
  { up, left, right }: Place,
  { inks }: LineChart,
): string {
  const stroke = { stroke: inks.faded, 'stroke-dasharray': '3 3', 'stroke-width': 1 }
  const line = element('line', { x1: left, x2: right, y1: up(y), y2: up(y), ...stroke })
  return line + text(label, right - 2, up(y) - 4, { size: small, fill: inks.faded, anchor: 'end' })
}

function drawSeries({ points, raw = [], colour, radius = 2.4, stroke = 1.75 }: Series, { across, up }: Place): string {
  const at = ({ x, y }: { x: number; y: number }): string => `${across(x).toFixed(1)},${up(y).toFixed(1)}`
  const line = (all: readonly LinePoint[]): string => `M${all.map(at).join('L')}`
  const wide = points.some(({ low, high }) => low !== undefined && high !== undefined && high > low)
  const upper = points.map(({ x, y, high = y }) => ({ x, y: high }))
  const lower = points.map(({ x, y, low = y }) => ({ x, y: low })).reverse()
  const path = { fill: 'none', stroke: colour, 'stroke-linejoin': 'round' }
  return [
    wide ? element('path', { d: `${line([...upper, ...lower])}Z`, fill: colour, 'fill-opacity': 0.16 }) : '',
    raw.length > 1 ? element('path', { d: line(raw), ...path, 'stroke-width': 1, 'stroke-opacity': 0.35 }) : '',
    points.length > 1 ? element('path', { d: line(points), ...path, 'stroke-width': stroke }) : '',
    ...(points.length <= 12
      ? points.map((point) => element('circle', { cx: across(point.x), cy: up(point.y), r: radius, fill: colour }))
      : []),
  ].join('')
}

/** How much room names at the ends need; 0 where there are none, or more than fit below each other. */
function namesRoom(series: readonly Series[], { named, measure }: LineChart, fitting: number, width: number): number {
  const all = series.filter(({ points, quiet }) => points.length > 0 && !quiet)
  if (!(named ?? all.length > 1) || all.length === 0 || all.length > fitting) return 0
  return Math.min(0.34 * width, 12 + Math.max(...all.map(({ label }) => measure(label, words))))
}

/** Each line's name beside its last point, pushed apart where they would touch. */
function drawNames(
  series: readonly Series[],
  { across, up, top, bottom, right }: Place,
  { inks, measure }: LineChart,
  room: number,
): string {
  const pitch = words + 2
  const ends = series
    .filter(({ points, quiet }) => points.length > 0 && !quiet)
    .map(({ points, label, colour }) => ({ label, colour, x: across(points.at(-1)!.x), y: up(points.at(-1)!.y) }))
    .sort((a, b) => a.y - b.y)
  const places = spread(
    ends.map(({ y }) => y),
    pitch,
    top + 2,
    bottom,
  )
  return ends
    .map(({ label, colour, x, y }, i) => {
      const shown = shortened(label, room - 12, (part) => measure(part, words))
      const leader = {
        points: `${x.toFixed(1)},${y.toFixed(1)} ${right + 2},${y.toFixed(1)} ${right + 10},${places[i]!.toFixed(1)}`,
      }
      return (
        element('polyline', { ...leader, fill: 'none', stroke: colour, 'stroke-opacity': 0.6, 'stroke-width': 1 }) +
        text(shown, right + 12, places[i]! + 4, { size: words, fill: inks.ink })
      )
    })
    .join('')
}

/** Rising places at least `pitch` apart within [low, high], as near to where they want to be as pushing gets them. */
export function spread(wanted: readonly number[], pitch: number, low: number, high: number): number[] {
  const places = [...wanted]
  for (let i = 0; i < places.length; i++) places[i] = Math.max(places[i]!, i === 0 ? low : places[i - 1]! + pitch)
  for (let i = places.length - 1; i >= 0; i--)
    places[i] = Math.min(places[i]!, i === places.length - 1 ? high : places[i + 1]! - pitch)
  return places
}
