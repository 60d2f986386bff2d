// Curves: one small chart a metric, one line a run. Charts stay and get new points while the same runs and metrics are
// shown; otherwise they are made anew.

import uPlot from 'uplot'
import type { RunDetail } from '../../src/dashboard/protocol.ts'
import { element } from '../dom.ts'
import { arrange, figure, titleOf } from './words.ts'

/** Pixels. */
const height = 190

/** A run and its colour. */
export type Shown = { readonly detail: RunDetail; readonly colour: string }

type Chart = {
  readonly metric: string
  readonly plot: uPlot
  readonly holder: HTMLElement
  /** Where the values are written: of the epoch under the pointer, or else each run's latest. */
  readonly values: HTMLElement
}

/** All charts of the runs that are shown. */
export class Charts {
  private readonly first: HTMLElement
  private readonly rest: HTMLElement
  private readonly more: HTMLElement
  private charts: Chart[] = []
  private made = ''
  private readonly resized = new ResizeObserver(() => this.fit())

  constructor(first: HTMLElement, rest: HTMLElement, more: HTMLElement) {
    this.first = first
    this.rest = rest
    this.more = more
    more.addEventListener('toggle', () => this.fit())
  }

  /** Show these runs' curves as they are now. */
  show(shown: readonly Shown[]): void {
    const metrics = new Set(shown.flatMap(({ detail }) => detail.points.flatMap(({ values }) => Object.keys(values))))
    const { first, rest } = arrange(metrics)
    const key = JSON.stringify([first, rest, shown.map(({ detail, colour }) => [detail.name, colour])])
    if (key === this.made) {
      for (const chart of this.charts) this.fill(chart, shown)
      return
    }
    this.made = key
    this.clear()
    for (const metric of first) this.add(this.first, metric, shown)
    for (const metric of rest) this.add(this.rest, metric, shown)
    this.more.hidden = rest.length === 0
    if (first.length + rest.length === 0) this.first.append(element('p', { className: 'muted' }, 'No epoch yet.'))
  }

  /** Make them anew at the next `show`: the colours have changed. */
  forget(): void {
    this.made = ''
  }

  private clear(): void {
    this.resized.disconnect()
    for (const { plot } of this.charts) plot.destroy()
    this.charts = []
    this.first.replaceChildren()
    this.rest.replaceChildren()
  }

  private add(parent: HTMLElement, metric: string, shown: readonly Shown[]): void {
    const holder = element('div')
    const values = element('span', { className: 'values' })
    const caption = element('figcaption', {}, element('span', {}, titleOf(metric)), values)
    parent.append(element('figure', { className: 'panel' }, caption, holder))
    const tell = (plot: uPlot): void => values.replaceChildren(...valuesOf(plot, shown))
    const plot = new uPlot(optionsOf(shown, widthOf(holder), tell), [[]], holder)
    plot.root.setAttribute('role', 'img')
    const chart = { metric, plot, holder, values }
    this.fill(chart, shown)
    this.charts.push(chart)
    this.resized.observe(holder)
  }

  private fill({ metric, plot, values }: Chart, shown: readonly Shown[]): void {
    plot.setData(dataOf(metric, shown))
    plot.root.setAttribute('aria-label', inWords(metric, shown))
    values.replaceChildren(...valuesOf(plot, shown))
  }

  private fit(): void {
    for (const { plot, holder } of this.charts) {
      const width = widthOf(holder)
      if (width !== plot.width) plot.setSize({ width, height })
    }
  }
}

const widthOf = (holder: HTMLElement): number => Math.max(120, Math.floor(holder.clientWidth))

/** Epochs, then a line a run; null where a run has no such number. */
function dataOf(metric: string, shown: readonly Shown[]): uPlot.AlignedData {
  const all = shown.flatMap(({ detail }) => detail.points.map(({ epoch }) => epoch))
  const epochs = [...new Set(all)].sort((a, b) => a - b)
  const lines = shown.map(({ detail }) => {
    const values = new Map(detail.points.map(({ epoch, values }) => [epoch, values[metric]]))
    return epochs.map((epoch) => values.get(epoch) ?? null)
  })
  return [epochs, ...lines]
}

/** The values under the pointer, or else the latest, in the colours of their runs. */
function valuesOf(plot: uPlot, shown: readonly Shown[]): HTMLElement[] {
  const { idx } = plot.cursor
  const at = typeof idx === 'number' ? [element('span', { className: 'muted' }, `epoch ${plot.data[0][idx]}`)] : []
  const values = shown.map(({ colour }, i) => {
    const line = [...(plot.data[i + 1] ?? [])]
    const value = typeof idx === 'number' ? line[idx] : line.findLast((each) => each !== null)
    const span = element('span', {}, figure(value))
    span.style.color = colour
    return span
  })
  return [...at, ...values]
}

function optionsOf(shown: readonly Shown[], width: number, tell: (plot: uPlot) => void): uPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const [muted, line] = ['--muted', '--line'].map((name) => style.getPropertyValue(name).trim()) as [string, string]
  const axis: uPlot.Axis = {
    ...{ stroke: muted, font: '11px ui-sans-serif, system-ui, sans-serif' },
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
  }
  return {
    ...{ width, height },
    scales: { x: { time: false, range: (_, low, high) => (low === high ? [low - 1, high + 1] : [low, high]) } },
    cursor: { sync: { key: 'epochs' }, points: { size: 6 }, drag: { x: true, y: false } },
    legend: { show: false },
    hooks: { setCursor: [tell] },
    axes: [
      { ...axis, size: 26, gap: 4, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] },
      { ...axis, size: 46, gap: 4 },
    ],
    series: [
      {},
      ...shown.map(({ detail, colour }) => ({
        ...{ stroke: colour, width: 2, spanGaps: true },
        points: { show: detail.points.length <= 40, size: 5, fill: colour },
      })),
    ],
  }
}

/** What a chart shows, for those who do not see it. */
function inWords(metric: string, shown: readonly Shown[]): string {
  const lines = shown.map(({ detail }) => {
    const last = detail.points.findLast(({ values }) => values[metric] !== undefined)
    return last ? `${detail.name} ${figure(last.values[metric])} at epoch ${last.epoch}` : `${detail.name} nothing`
  })
  return `${titleOf(metric)}: ${lines.join('; ')}`
}
