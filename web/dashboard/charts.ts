// Curves: one small chart a metric, one line a run or a group of them. A pointer, or the arrow keys, reads values at a place
// in all charts at once; dragging shows a part of them.

import type { RunDetail } from '../../src/dashboard/protocol.ts'
import type { Group } from '../../src/report/groups.ts'
import { type DrawnChart, type Inks, lineChart, type Series } from '../../src/report/line-chart.ts'
import { arrange, metricOf, titleOf } from '../../src/report/metrics.ts'
import { onDark, onLight } from '../../src/report/palette.ts'
import { svgDocument } from '../../src/report/svg.ts'
import { tickWords } from '../../src/report/ticks.ts'
import { element } from '../dom.ts'
import { download } from './download.ts'
import { acrossWords, chanceOf, csvOfLines, groupsOf, type Line, linesOf, measureOf } from './lines.ts'
import type { Settings } from './settings.ts'

/** Pixels. */
const height = 220

/** As many lines have a colour of their own; any others are grey. */
export const mostColours = onLight.length

/** The colours of lines, as the system is light or dark now. */
export const lineColours = (): readonly string[] =>
  matchMedia('(prefers-color-scheme: dark)').matches ? onDark : onLight

/** What is drawn. `colours` is the number of the colour of each run's line, or of its group's; without one it is grey. */
export type Drawing = {
  readonly runs: readonly RunDetail[]
  readonly colours: ReadonlyMap<string, number>
  readonly settings: Settings
}

type Chart = {
  readonly metric: string
  readonly figure: HTMLElement
  readonly title: HTMLElement
  readonly plot: HTMLElement
  readonly readout: HTMLElement
  readonly values: HTMLElement
  lines: readonly Line[]
  series: readonly Series[]
  drawn?: DrawnChart
}

/** All charts of the runs that are shown. */
export class Charts {
  private readonly first: HTMLElement
  private readonly rest: HTMLElement
  private readonly more: HTMLDetailsElement
  private readonly say: (words: string) => void
  private readonly onRange: (range: readonly [number, number] | undefined) => void
  private charts: Chart[] = []
  private drawing: Drawing | undefined
  private range: readonly [number, number] | undefined
  /** Where values are read: in the unit of the axis across. */
  private cursor: number | undefined
  private readonly resized = new ResizeObserver(() => this.draw())

  /**
   * @param say tells people who do not see it what the arrow keys have come to
   * @param onRange told of the part that is shown
   */
  constructor(
    places: { readonly first: HTMLElement; readonly rest: HTMLElement; readonly more: HTMLDetailsElement },
    say: (words: string) => void,
    onRange: (range: readonly [number, number] | undefined) => void,
  ) {
    this.first = places.first
    this.rest = places.rest
    this.more = places.more
    this.say = say
    this.onRange = onRange
    this.more.addEventListener('toggle', () => this.draw())
    this.resized.observe(this.first)
  }

  /** Show these runs' curves as they are now. Charts stay while the metrics do. */
  show(drawing: Drawing): void {
    if (drawing.settings.x !== this.drawing?.settings.x) this.showRange(undefined)
    this.drawing = drawing
    const names = drawing.runs.flatMap(({ points }) => points.flatMap(({ values }) => Object.keys(values)))
    const { main, rest } = arrange(names)
    const wanted = [...main, ...rest]
    if (JSON.stringify(wanted) !== JSON.stringify(this.charts.map(({ metric }) => metric))) {
      this.charts = wanted.map((metric) => this.make(metric))
      this.first.replaceChildren(...this.charts.slice(0, main.length).map(({ figure }) => figure))
      this.rest.replaceChildren(...this.charts.slice(main.length).map(({ figure }) => figure))
    }
    this.more.hidden = rest.length === 0
    if (wanted.length === 0) this.first.replaceChildren(element('p', { className: 'muted' }, 'No epoch yet.'))
    this.draw()
  }

  /** Show a part of the axis across, or all of it. */
  showRange(range: readonly [number, number] | undefined): void {
    this.range = range
    this.onRange(range)
    this.draw()
  }

  private make(metric: string): Chart {
    const title = element('span', {}, titleOf(metric))
    const values = element('span', { className: 'values' })
    const plot = element('div', { className: 'plot', tabIndex: 0 })
    plot.setAttribute('role', 'group')
    const readout = element('div', { className: 'readout', hidden: true })
    readout.setAttribute('aria-hidden', 'true')
    const tool = (words: string, act: (chart: Chart) => void): HTMLElement => {
      const button = element('button', { type: 'button', className: 'tool' }, words)
      button.setAttribute('aria-label', `${words} of ${metricOf(metric).title}`)
      button.addEventListener('click', () => act(chart))
      return button
    }
    const tools = element(
      'span',
      { className: 'tools' },
      tool('CSV', (chart) => this.saveCsv(chart)),
      tool('SVG', (chart) => this.saveSvg(chart)),
    )
    const caption = element('figcaption', {}, title, values, tools)
    const figure = element('figure', { className: 'panel chart' }, caption, plot, readout)
    const chart: Chart = { metric, figure, title, plot, readout, values, lines: [], series: [] }
    this.listen(chart)
    return chart
  }

  private draw(): void {
    const { drawing } = this
    if (!drawing) return
    const groups = groupsOf(drawing.runs, drawing.settings)
    const inks = inksOf()
    // all is measured before anything is changed: a change would have the browser lay out the page for the next measure
    const widths = this.charts.map(({ plot }) => Math.floor(plot.clientWidth))
    const pictures = this.charts.map((chart, i) => {
      // in a part of the page that is folded
      if (widths[i] === 0) return undefined
      chart.lines = linesOf(chart.metric, groups, drawing.settings)
      chart.series = this.seriesOf(chart.lines, groups, drawing)
      chart.drawn = this.drawOne(chart, widths[i]!, inks)
      return parsed(svgDocument(widths[i]!, height, chart.drawn.svg))
    })
    for (const [i, chart] of this.charts.entries()) {
      const title = this.titleOf(chart)
      chart.title.textContent = title
      chart.plot.setAttribute('aria-label', `${title}; arrow keys read values`)
      const svg = pictures[i]
      if (!svg) continue
      svg.setAttribute('role', 'img')
      svg.setAttribute('aria-label', `${title}, ${latestWords(chart)}`)
      chart.plot.replaceChildren(svg)
      chart.values.replaceChildren(...latestOf(chart))
    }
    this.read()
  }

  private drawOne(chart: Chart, width: number, inks: Inks, title?: string): DrawnChart {
    const { runs, settings } = this.drawing!
    const { x, log } = settings
    const chance = chart.metric === 'validation.error' ? chanceOf(runs) : undefined
    return lineChart({
      ...{ width, height, series: chart.series, inks, log, measure },
      ...{ xLabel: acrossWords[x], whole: x === 'epochs', fromZero: metricOf(chart.metric).fromZero ?? false },
      ...(chance !== undefined && { level: { y: chance, label: 'chance' } }),
      ...(this.range && { range: this.range }),
      ...(title !== undefined && { title }),
    })
  }

  private seriesOf(lines: readonly Line[], groups: readonly Group<RunDetail>[], { colours }: Drawing): Series[] {
    const all = lineColours()
    const grey = inksOf().faded
    const series = lines.map((line, i): Series => {
      const colour = all[colours.get(groups[i]!.runs[0]!.name) ?? -1]
      return { ...line, colour: colour ?? grey, ...(colour === undefined && { quiet: true, stroke: 1 }) }
    })
    // grey ones below
    return series.sort((a, b) => Number(b.quiet ?? false) - Number(a.quiet ?? false))
  }

  private listen(chart: Chart): void {
    const { plot } = chart
    let began: number | undefined
    plot.addEventListener('pointermove', (event) => {
      const x = this.placeAt(chart, event)
      if (began !== undefined && x !== undefined) mark(chart, began, x)
      this.moveTo(began === undefined ? x : undefined)
    })
    plot.addEventListener('pointerleave', () => {
      if (began === undefined) this.moveTo(undefined)
    })
    plot.addEventListener('pointerdown', (event) => {
      if (event.pointerType === 'touch') return
      began = this.placeAt(chart, event)
      plot.setPointerCapture(event.pointerId)
    })
    plot.addEventListener('pointerup', (event) => {
      const [from, to] = [began, this.placeAt(chart, event)]
      began = undefined
      unmark(chart)
      if (from === undefined || to === undefined || !chart.drawn) return
      if (Math.abs(chart.drawn.across(to) - chart.drawn.across(from)) < 10) return
      this.showRange([Math.min(from, to), Math.max(from, to)])
    })
    plot.addEventListener('dblclick', () => this.showRange(undefined))
    plot.addEventListener('keydown', (event) => this.press(chart, event))
    plot.addEventListener('blur', () => this.moveTo(undefined))
  }

  /** Arrow keys, Home and End read values; `[` and `]` show what follows and what precedes; Escape shows all. */
  private press(chart: Chart, event: KeyboardEvent): void {
    const places = placesOf(chart)
    const now = this.cursor === undefined ? places.length : places.findIndex((x) => x >= this.cursor! - 1e-9)
    const moves: Readonly<Record<string, number>> = {
      ...{ ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: places.length - 1 },
    }
    const move = moves[event.key]
    if (move !== undefined) {
      this.moveTo(places[Math.max(0, Math.min(places.length - 1, move))])
      this.say(
        `${acrossWords[this.drawing!.settings.x]} ${this.words(this.cursor)}: ${readingsOf(chart, this.cursor)
          .map(({ label, value }) => `${label} ${value}`)
          .join(', ')}`,
      )
    } else if (event.key === 'Escape') this.showRange(undefined)
    else if ((event.key === '[' || event.key === ']') && this.cursor !== undefined) {
      const [low, high] = [places[0]!, places.at(-1)!]
      this.showRange(event.key === '[' ? [this.cursor, high] : [low, this.cursor])
    } else return
    event.preventDefault()
  }

  private placeAt({ plot, drawn }: Chart, event: PointerEvent): number | undefined {
    if (!drawn) return undefined
    const { left, right } = drawn.box
    const pixel = Math.min(right, Math.max(left, event.clientX - plot.getBoundingClientRect().left))
    const [from, to] = [drawn.across(0), drawn.across(1)]
    return to === from ? undefined : (pixel - from) / (to - from)
  }

  private moveTo(x: number | undefined): void {
    this.cursor = x
    this.read()
  }

  /** Draw the line at which values are read, in every chart, and the values beside it. */
  private read(): void {
    for (const chart of this.charts) {
      const { drawn, plot, readout } = chart
      plot.querySelector('.cursor')?.remove()
      const at = drawn && this.cursor !== undefined ? nearest(placesOf(chart), this.cursor) : undefined
      readout.hidden = at === undefined
      if (at === undefined || !drawn) continue
      const { top, bottom } = drawn.box
      const line = document.createElementNS('http://www.w3.org/2000/svg', 'line')
      for (const [name, value] of Object.entries({ x1: drawn.across(at), x2: drawn.across(at), y1: top, y2: bottom }))
        line.setAttribute(name, String(value))
      line.classList.add('cursor')
      plot.querySelector('svg')?.append(line)
      fillReadout(chart, at, `${acrossWords[this.drawing!.settings.x]} ${this.words(at)}`)
    }
  }

  /** A chart's title, by what the errors of the runs that are shown are. */
  private titleOf({ metric }: Pick<Chart, 'metric'>): string {
    return titleOf(metric, measureOf(this.drawing?.runs ?? []))
  }

  private words(x: number | undefined): string {
    if (x === undefined) return ''
    return this.drawing!.settings.x === 'minutes' ? x.toFixed(x < 10 ? 1 : 0) : Math.round(x).toLocaleString('en')
  }

  private saveCsv({ metric, lines }: Chart): void {
    download(
      `${metric}.csv`,
      'text/csv',
      csvOfLines(metric, lines, this.drawing!.settings.x, measureOf(this.drawing!.runs)),
    )
  }

  private saveSvg(chart: Chart): void {
    const inks = inksOf()
    const width = Math.max(480, chart.plot.clientWidth)
    const { svg } = this.drawOne(chart, width, inks, this.titleOf(chart))
    download(
      `${chart.metric}.svg`,
      'image/svg+xml',
      svgDocument(width, height, `<rect width="100%" height="100%" fill="${inks.paper}"/>`, svg),
    )
  }
}

/** The colours of the current scheme that are no line's. */
function inksOf(): Inks {
  const style = getComputedStyle(document.documentElement)
  const [ink, faded, rule, paper] = ['--ink', '--muted', '--line', '--panel'].map((name) =>
    style.getPropertyValue(name).trim(),
  ) as [string, string, string, string]
  return { ink, faded, rule, paper }
}

const ruler = document.createElement('canvas').getContext('2d')!
let family: string | undefined

function measure(words: string, size: number, bold = false): number {
  family ??= getComputedStyle(document.body).fontFamily
  ruler.font = `${bold ? 600 : 400} ${size}px ${family}`
  return ruler.measureText(words).width
}

/** Markup of our own making as an element; what runs say is in it as text. */
function parsed(markup: string): SVGElement {
  const { documentElement } = new DOMParser().parseFromString(markup, 'image/svg+xml')
  const svg = document.importNode(documentElement, true) as unknown as SVGElement
  svg.removeAttribute('font-family')
  svg.querySelector('rect')?.remove() // the paper
  return svg
}

/** Every place across at which a chart has a point, in order. */
function placesOf({ series }: Chart): number[] {
  return [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b)
}

const nearest = (places: readonly number[], x: number): number | undefined =>
  places.reduce<number | undefined>(
    (best, place) => (best === undefined || Math.abs(place - x) < Math.abs(best - x) ? place : best),
    undefined,
  )

/** Every line's value at a place: that of its point there, or the last before it. */
function readingsOf(
  { series }: Chart,
  at: number | undefined,
): { label: string; colour: string; y: number; value: string }[] {
  if (at === undefined) return []
  const found = series.flatMap(({ label, colour, points, quiet }) => {
    const point = points.findLast(({ x }) => x <= at + 1e-9)
    return point && !quiet ? [{ label, colour, y: point.y, value: number(point.y) }] : []
  })
  return found.sort((a, b) => b.y - a.y)
}

/** A number in its unit as short as it can be told apart. */
function number(value: number): string {
  const size = Math.abs(value)
  if (size >= 1000) return Math.round(value).toLocaleString('en')
  if (size >= 1) return value.toFixed(2)
  return tickWords([Number(value.toPrecision(3))])[0]!
}

function fillReadout(chart: Chart, at: number, words: string): void {
  const { readout, drawn, plot } = chart
  const rows = readingsOf(chart, at).map(({ label, colour, value }) => {
    const mark = element('i', { className: 'mark' })
    mark.style.background = colour
    return element('div', {}, mark, element('b', {}, value), ` ${label}`)
  })
  readout.replaceChildren(element('div', { className: 'muted' }, words), ...rows)
  const x = drawn!.across(at)
  const right = x > plot.clientWidth / 2
  readout.style.left = right ? '' : `${plot.offsetLeft + x + 10}px`
  readout.style.right = right ? `${plot.offsetLeft + plot.clientWidth - x + 10}px` : ''
}

/** Of a single line, its latest value; several have theirs at their ends. */
function latestOf({ series }: Chart): string[] {
  const last = series.length === 1 ? series[0]!.points.at(-1) : undefined
  return last ? [number(last.y)] : []
}

/** The part that is being chosen. */
function mark(chart: Chart, from: number, to: number): void {
  unmark(chart)
  const { drawn, plot } = chart
  const [left, right] = [drawn!.across(Math.min(from, to)), drawn!.across(Math.max(from, to))]
  const rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
  const box = { x: left, y: drawn!.box.top, width: right - left, height: drawn!.box.bottom - drawn!.box.top }
  for (const [name, value] of Object.entries(box)) rect.setAttribute(name, String(value))
  rect.classList.add('part')
  plot.querySelector('svg')?.append(rect)
}

const unmark = ({ plot }: Chart): void => plot.querySelector('.part')?.remove()

/** What a chart shows, for those who do not see it. */
function latestWords({ series }: Chart): string {
  const lines = series.map(({ label, points }) => {
    const last = points.at(-1)
    return last ? `${label} ${number(last.y)}` : `${label} nothing`
  })
  return `latest: ${lines.join('; ')}`
}
