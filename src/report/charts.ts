// Charts, by Observable Plot on a document that needs no browser: learning curves, error against glimpses, confusion.

import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { Panel } from './curves.ts'
import type { Gains } from './statistics.ts'
import { element, svgDocument, text, translated } from './svg.ts'
import { belief, faded, groupColour, ink, paper, right, rule, wrong } from './theme.ts'

const { document } = parseHTML('<html></html>')

const [panelWidth, panelHeight, gap, margin, header] = [290, 190, 22, 24, 58]

/** A chart as an `<svg>` element at (x, y). */
export function plot(options: Plot.PlotOptions, x: number, y: number): string {
  const chart = Plot.plot({ ...options, document: document as never }) as unknown as Chart
  const attributes = { x, y, width: options.width!, height: options.height!, ...defaults }
  for (const name of chart.getAttributeNames()) chart.removeAttribute(name)
  for (const [name, value] of Object.entries(attributes)) chart.setAttribute(name, String(value))
  // Plot's style sheet says no more than the defaults, in selectors that few programs know
  chart.querySelector('style')?.remove()
  return chart.outerHTML
}

/** As much of an element as is used here. */
type Chart = {
  getAttributeNames(): string[]
  removeAttribute(name: string): void
  setAttribute(name: string, value: string): void
  querySelector(selector: string): { remove(): void } | null
  readonly outerHTML: string
}

const defaults = { 'font-size': 10, fill: faded, 'text-anchor': 'middle' }

/** Words above a picture. */
export type Heading = {
  readonly title: string
  readonly subtitle: string
}

export const heading = ({ title, subtitle }: Heading): string =>
  text(title, margin, 28, { size: 16, bold: true }) + text(subtitle, margin, 46, { size: 11, fill: faded })

/** Room for the words above, as far as that can be known without measuring. */
const widthOf = ({ title, subtitle }: Heading): number =>
  2 * margin + Math.max(9.2 * title.length, 5.7 * subtitle.length)

/** What the colours mean, from x to the right. */
function legend(labels: readonly string[], x: number, y: number): string {
  let at = x
  const entries = labels.map((label, i) => {
    const entry =
      element('rect', { x: at, y: y - 8, width: 14, height: 8, rx: 2, fill: groupColour(i) }) +
      text(label, at + 19, y, { size: 11 })
    at += 19 + 6.3 * label.length + 18
    return entry
  })
  return entries.join('')
}

/** A quiet frame for every line chart: a grid, few ticks, no box. */
const axes = { ticks: 5, grid: true, label: null, tickSize: 0, nice: true } as const

/** One line chart per panel; line: mean over runs, band: from the smallest to the largest. */
function lines(panels: readonly (Panel & { readonly xLabel: string })[], labels: readonly string[]): string[] {
  return panels.map(({ title, points, xLabel }, i) => {
    const single = new Set(points.map(({ epoch }) => epoch)).size === 1
    const epochs = points.map(({ epoch }) => epoch)
    const largest = Math.max(...epochs)
    const chart: Plot.PlotOptions = {
      width: panelWidth,
      height: panelHeight,
      marginLeft: 44,
      marginRight: 10,
      marginTop: 30,
      marginBottom: 34,
      x: {
        ...{ ...axes, grid: false, nice: false, tickFormat: 'd', ticks: wholeTicks(Math.min(...epochs), largest) },
        ...(single && { inset: 20 }),
      },
      y: axes,
      color: { domain: [...labels], range: labels.map((_, k) => groupColour(k)) },
      marks: [
        Plot.areaY(points, { x: 'epoch', y1: 'low', y2: 'high', fill: 'group', fillOpacity: 0.16, z: 'group' }),
        Plot.lineY(points, { x: 'epoch', y: 'mean', stroke: 'group', strokeWidth: 1.75, z: 'group' }),
        Plot.dot(largest <= 12 ? points : [], { x: 'epoch', y: 'mean', fill: 'group', r: 2.4 }),
      ],
    }
    const [x, y] = placeOf(i)
    return (
      plot(chart, x, y) +
      text(title, x + 4, y + 14, { bold: true, size: 12 }) +
      text(xLabel, x + panelWidth - 10, y + panelHeight - 4, { anchor: 'end', size: 10, fill: faded })
    )
  })
}

/** At most seven whole numbers, evenly apart, from the first to the last. */
export function wholeTicks(first: number, last: number): number[] {
  const [step = 1] = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 10_000].filter(
    (size) => (last - first) / size <= 7,
  )
  const multiples = Array.from({ length: Math.floor(last / step) + 1 }, (_, i) => i * step)
  return [...new Set([first, ...multiples.filter((tick) => tick >= first + step / 2)])]
}

const columns = 3
const placeOf = (i: number): [number, number] => [
  margin + (i % columns) * (panelWidth + gap),
  header + Math.floor(i / columns) * (panelHeight + gap),
]

function sheet(head: Heading, panels: readonly string[], labels: readonly string[]): string {
  const across = Math.min(columns, Math.max(2, panels.length))
  const width = Math.max(2 * margin + across * panelWidth + (across - 1) * gap, widthOf(head))
  const rows = Math.ceil(panels.length / columns)
  const height = header + rows * (panelHeight + gap) + (labels.length > 1 ? 30 : 0)
  const key = labels.length > 1 ? legend(labels, margin, height - 18) : ''
  return svgDocument(width, height, heading(head), ...panels, key)
}

/** Learning curves as one SVG. */
export function drawCurves(panels: readonly Panel[], labels: readonly string[], head: Heading): string {
  const named = panels.map((panel) => ({ ...panel, xLabel: 'epoch' }))
  return sheet(head, lines(named, labels), labels)
}

/** What each further glimpse is worth, as one SVG: the error, and the belief in the right class, after each. */
export function drawGains(groups: readonly { label: string; gains: readonly Gains[] }[], head: Heading): string {
  const panel = (title: string, read: (gains: Gains) => readonly number[]): Panel & { xLabel: string } => ({
    title,
    xLabel: 'glimpses',
    points: groups.flatMap(({ label, gains }) =>
      read(gains[0]!).map((_, t) => {
        const values = gains.map((each) => read(each)[t]!)
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length
        return { group: label, epoch: t + 1, mean, low: Math.min(...values), high: Math.max(...values) }
      }),
    ),
  })
  const panels = [
    panel('Error, %', ({ error }) => error),
    panel('Belief in the right class, %', ({ beliefInTarget }) => beliefInTarget.map((share) => 100 * share)),
  ]
  const labels = groups.map(({ label }) => label)
  return sheet(head, lines(panels, labels), labels)
}

/** Which class was taken for which, int32 [K, K] by (right class, named class), as one SVG. */
export function drawConfusion(counts: Int32Array, names: readonly string[], head: Heading): string {
  const classes = names.length
  const totals = names.map((_, row) => counts.subarray(row * classes, (row + 1) * classes).reduce((a, b) => a + b, 0))
  const cells = Array.from(counts, (count, i) => {
    const [row, column] = [Math.floor(i / classes), i % classes]
    const share = totals[row] ? count / totals[row] : 0
    return { target: names[row]!, named: names[column]!, count, share, correct: row === column }
  })
  const mistakes = cells.filter(({ correct, count }) => !correct && count > 0)
  const worst = Math.max(0.001, ...mistakes.map(({ share }) => share))
  const hits = cells.filter(({ correct }) => correct)
  const side = Math.max(300, Math.min(760, 44 * classes))
  const longest = Math.max(...names.map((name) => name.length))
  const above = longest > 4 ? 18 + 4 * longest : 26
  const left = 40 + 6 * longest
  const numbers = classes <= 20
  const dark = ({ share }: { share: number }): boolean => share > 0.6 * worst
  const words = { text: (d: { count: number }) => String(d.count), fontSize: 10, x: 'named', y: 'target' } as const
  const chart = plot(
    {
      width: side + left,
      height: side + above,
      marginLeft: left,
      marginTop: above,
      marginRight: 0,
      marginBottom: 0,
      padding: 0.06,
      x: { domain: [...names], axis: 'top', label: null, tickSize: 0, ...(longest > 4 && { tickRotate: -30 }) },
      y: { domain: [...names], label: null, tickSize: 0 },
      color: { type: 'linear', domain: [0, worst], range: ['#fbeeea', wrong] },
      marks: [
        Plot.cell(cells, { x: 'named', y: 'target', fill: '#f5f6f8', rx: 2 }),
        Plot.cell(mistakes, { x: 'named', y: 'target', fill: 'share', rx: 2 }),
        Plot.cell(hits, { x: 'named', y: 'target', fill: '#d8eee6', rx: 2 }),
        ...(numbers
          ? [
              Plot.text(mistakes.filter(dark), { ...words, fill: paper }),
              Plot.text(
                mistakes.filter((d) => !dark(d)),
                { ...words, fill: ink },
              ),
              Plot.text(hits, { ...words, fill: right, fontWeight: 600 }),
            ]
          : []),
      ],
    },
    margin,
    header + 14,
  )
  const named = text('named', margin + left, header + 12, { size: 10, fill: faded })
  const actual = translated(
    margin + 10,
    header + 14 + above + side / 2,
    element('g', { transform: 'rotate(-90)' }, text('right class', 0, 0, { size: 10, fill: faded, anchor: 'middle' })),
  )
  return svgDocument(
    Math.max(side + left + 2 * margin, widthOf(head)),
    header + side + 14 + above + margin,
    heading(head),
    named,
    actual,
    chart,
  )
}

/** A place that was looked at, and the class of the image. */
export type Look = { readonly x: number; readonly y: number; readonly target: number }

/** Where the eye went, one panel per class: densities over the class's mean image, as one SVG. */
export function drawHeat(
  looks: readonly Look[],
  panels: readonly { readonly name: string; readonly mean: string }[],
  head: Heading,
): string {
  const across = Math.min(5, panels.length)
  const side = 150
  const pitch = side + 18
  const drawn = panels.map(({ name, mean }, k) => {
    const [x, y] = [margin + (k % across) * pitch, header + 20 + Math.floor(k / across) * (pitch + 16)]
    const here = looks.filter(({ target }) => target === k)
    const chart = plot(
      {
        ...{ width: side, height: side, margin: 0, axis: null },
        x: { domain: [-1, 1] },
        y: { domain: [1, -1] },
        color: { scheme: 'Purples', legend: false },
        marks: [
          Plot.image([{ x: 0, y: 0 }], { x: 'x', y: 'y', width: side, height: side, src: () => mean }),
          Plot.density(here, {
            ...{ x: 'x', y: 'y', bandwidth: 9, thresholds: 12, clip: true },
            ...{ fill: belief, fillOpacity: 0.1, stroke: belief, strokeOpacity: 0.25, strokeWidth: 0.5 },
          }),
        ],
      },
      x,
      y,
    )
    const frame = element('rect', { x, y, width: side, height: side, fill: 'none', stroke: rule })
    return text(name, x, y - 6, { bold: true, size: 12 }) + chart + frame
  })
  const rows = Math.ceil(panels.length / across)
  const width = Math.max(2 * margin + across * pitch - 18, widthOf(head))
  return svgDocument(width, header + 20 + rows * (pitch + 16) + 8, heading(head), ...drawn)
}
