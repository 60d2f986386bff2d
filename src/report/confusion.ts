// Which class was taken for which, as one SVG: a row a right class, a column a named one, coloured by the share of the row.

import { widthOf } from './measure.ts'
import { type Heading, heading, margin } from './sheet.ts'
import { element, shortened, svgDocument, text } from './svg.ts'
import { faded, ink, paper, right, rule, wrong } from './theme.ts'

/** The widest name that is not cut, in pixels. */
const longest = 150

/** int32 [K, K] by (right class, named class). A class without items is a row of dashes. */
export function drawConfusion(counts: Int32Array, names: readonly string[], head: Heading): string {
  const classes = names.length
  const cell = Math.max(18, Math.min(44, 760 / classes))
  const size = cell < 24 ? 9 : 11
  const shown = names.map((name) => shortened(name, longest, (words) => widthOf(words, size)))
  const room = Math.max(...shown.map((name) => widthOf(name, size)))
  const upright = room > cell - 4
  const above = upright ? room + 10 : size + 8
  const left = margin + 22 + room + 8
  const width = Math.max(left + cell * classes + margin, 2 * margin + 320)
  const { svg: words, bottom } = heading(head, width)
  const top = bottom + 22 + above
  const totals = names.map((_, row) => counts.subarray(row * classes, (row + 1) * classes).reduce((a, b) => a + b, 0))
  const shares = Array.from(counts, (count, i) => count / Math.max(1, totals[Math.floor(i / classes)]!))
  const worst = Math.max(0.001, ...shares.filter((_, i) => Math.floor(i / classes) !== i % classes))
  const cells = shares.map((share, i) => {
    const [row, column] = [Math.floor(i / classes), i % classes]
    const at = { x: left + column * cell, y: top + row * cell }
    return drawCell({ ...at, cell, count: counts[i]!, share, total: totals[row]!, worst, hit: row === column })
  })
  const labels = shown.map((name, k) => {
    const middle = (k + 0.5) * cell
    const aside = text(name, left - 6, top + middle + size * 0.36, {
      size,
      anchor: 'end',
      fill: totals[k] ? ink : faded,
    })
    const [x, y] = [left + middle, top - 6]
    const over = upright
      ? element('g', { transform: `rotate(-90 ${x + size * 0.36} ${y})` }, text(name, x + size * 0.36, y, { size }))
      : text(name, x, y, { size, anchor: 'middle' })
    return aside + over
  })
  const below = top + classes * cell
  const side = element(
    'g',
    { transform: `rotate(-90 ${margin + 10} ${(top + below) / 2})` },
    text('right class', margin + 10, (top + below) / 2, { size: 10, fill: faded, anchor: 'middle' }),
  )
  return svgDocument(
    width,
    below + 52,
    words,
    text('named', left, bottom + 12, { size: 10, fill: faded }),
    side,
    ...cells,
    ...labels,
    drawScale(left, below + 14, worst),
  )
}

type Cell = {
  readonly x: number
  readonly y: number
  readonly cell: number
  readonly count: number
  /** Of the row. */
  readonly share: number
  /** Items of the row's class. */
  readonly total: number
  /** The largest share of a mistake. */
  readonly worst: number
  readonly hit: boolean
}

function drawCell({ x, y, cell, count, share, total, worst, hit }: Cell): string {
  const fill = total === 0 ? paper : hit ? '#d8eee6' : count > 0 ? mistakeColour(share / worst) : '#f5f6f8'
  const box = { x: x + 0.5, y: y + 0.5, width: cell - 1, height: cell - 1, rx: 2 }
  const square = element('rect', { ...box, fill, ...(total === 0 && { stroke: rule }) })
  const words = total === 0 ? (hit ? '–' : '') : count > 0 ? String(count) : ''
  const size = Math.min(10, (cell - 3) / Math.max(1.9, 0.62 * words.length))
  if (words === '' || size < 6) return square
  const style = { size, anchor: 'middle', bold: hit, fill: hit ? right : share > 0.6 * worst ? paper : ink } as const
  return square + text(words, x + cell / 2, y + cell / 2 + size * 0.36, style)
}

/** From pale to red by a share in [0, 1] of the worst. */
function mistakeColour(share: number): string {
  const [from, to] = ['#fbeeea', wrong].map((hex) => Number.parseInt(hex.slice(1), 16)) as [number, number]
  const mixed = [16, 8, 0].map((shift) => {
    const [a, b] = [(from >> shift) & 255, (to >> shift) & 255]
    return Math.round(a + share * (b - a))
  })
  return `#${mixed.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/** What the reds mean. */
function drawScale(x: number, y: number, worst: number): string {
  const steps = 40
  const bars = Array.from({ length: steps }, (_, i) =>
    element('rect', { x: x + 3 * i, y, width: 3.2, height: 8, fill: mistakeColour((i + 0.5) / steps) }),
  )
  const end = `${(100 * worst).toFixed(worst < 0.1 ? 1 : 0)} % of the right class's items`
  return [
    ...bars,
    text('0', x, y + 20, { size: 10, fill: faded }),
    text(end, x + 3 * steps + 8, y + 8, { size: 10, fill: faded }),
  ].join('')
}
