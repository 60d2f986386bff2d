// What the agent believes, as one bar per choice.

import { widthOf } from './measure.ts'
import { element, shortened, text } from './svg.ts'
import { belief, beliefFaint, faded, ink, right, rule, wrong } from './theme.ts'

/** At most this many choices are shown; the likeliest of more. */
const most = 10

/** What to draw. */
export type Bars = {
  /** [K], adding up to 1. */
  readonly probabilities: ArrayLike<number>
  readonly names: readonly string[]
  /** The right class, where it is known; it is marked. */
  readonly target?: number | undefined
  /** Whether the verdict is out: the likeliest bar then says whether it is right. */
  readonly judged?: boolean
}

/** Bars in a box: the names on the left, the largest probability as a number. */
export function drawBars(bars: Bars, x: number, y: number, width: number, height: number): string {
  const { probabilities, names, target, judged = false } = bars
  const order = Array.from(probabilities, (_, k) => k)
  const likeliest = order.reduce((best, k) => (probabilities[k]! > probabilities[best]! ? k : best), 0)
  const byBelief = [...order].sort((a, b) => probabilities[b]! - probabilities[a]!)
  const shown = order.length > most ? byBelief.slice(0, most) : order
  const pitch = Math.min(18, height / shown.length)
  const size = Math.min(10, pitch * 0.95)
  const measure = (words: string): number => widthOf(words, size, true)
  const nameWidth = Math.min(width * 0.5, Math.max(12, ...shown.map((k) => measure(names[k]!) + 6)))
  const room = width - nameWidth - 30
  const top = y + (height - pitch * shown.length) / 2
  return shown
    .map((k, i) => {
      const middle = top + pitch * (i + 0.5)
      const barHeight = pitch * 0.62
      const verdict = k === target ? right : wrong
      const fill = k !== likeliest ? beliefFaint : judged && target !== undefined ? verdict : belief
      const box = { x: x + nameWidth, y: middle - barHeight / 2, height: barHeight, rx: 1 }
      const isTarget = k === target
      return [
        text(shortened(names[k]!, nameWidth - 6, measure), x + nameWidth - 6, middle + size * 0.36, {
          ...{ size, anchor: 'end', bold: isTarget },
          fill: isTarget ? right : k === likeliest ? ink : faded,
        }),
        element('rect', { ...box, width: room, fill: rule, 'fill-opacity': 0.5 }),
        element('rect', { ...box, width: Math.max(0.5, room * probabilities[k]!), fill }),
        k === likeliest
          ? text(`${Math.round(100 * probabilities[k]!)}`, x + nameWidth + room + 4, middle + size * 0.36, {
              size,
              fill: faded,
            })
          : '',
      ].join('')
    })
    .join('')
}
