// Charts on one sheet: a heading that is never cut, panels in columns, and what the colours mean, in as many lines as it needs.

import { widthOf } from './measure.ts'
import { element, svgDocument, text, translated } from './svg.ts'
import { faded } from './theme.ts'

export const [gap, margin, header] = [22, 24, 58] as const

/** Words above a picture. */
export type Heading = {
  readonly title: string
  readonly subtitle: string
}

/** The words of a picture that is `width` wide, the second line wrapped, and how far they reach down. */
export function heading(
  { title, subtitle }: Heading,
  width: number,
): { readonly svg: string; readonly bottom: number } {
  const lines = wrapped(subtitle, width - 2 * margin, 11)
  const svg = [
    ...wrapped(title, width - 2 * margin, 16, true).map((line, i) =>
      text(line, margin, 28 + 20 * i, { size: 16, bold: true }),
    ),
  ]
  const below = 28 + 20 * (svg.length - 1)
  return {
    svg: [...svg, ...lines.map((line, i) => text(line, margin, below + 18 + 15 * i, { size: 11, fill: faded }))].join(
      '',
    ),
    bottom: below + 30 + 15 * (lines.length - 1),
  }
}

/** Words in lines no wider than `room`, broken at spaces. */
export function wrapped(words: string, room: number, size: number, bold = false): string[] {
  const lines: string[] = []
  for (const word of words.split(' ')) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word
    if (lines.length > 0 && widthOf(longer, size, bold) <= room) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

/** What the colours mean, in as many lines as it needs, from (0, 0) down. */
export function legend(
  entries: readonly { label: string; colour: string }[],
  width: number,
): { svg: string; height: number } {
  let [x, y] = [0, 8]
  const drawn = entries.map(({ label, colour }) => {
    const room = 19 + widthOf(label, 11) + 18
    if (x > 0 && x + room > width) [x, y] = [0, y + 18]
    const entry =
      element('rect', { x, y: y - 8, width: 14, height: 8, rx: 2, fill: colour }) + text(label, x + 19, y, { size: 11 })
    x += room
    return entry
  })
  return { svg: drawn.join(''), height: entries.length > 0 ? y + 8 : 0 }
}

/** Panels of one size, at most `most` side by side, under a heading and above a legend. */
export function sheet(
  head: Heading,
  panels: readonly string[],
  [width, height]: readonly [number, number],
  entries: readonly { label: string; colour: string }[] = [],
  most = 3,
): string {
  const columns = Math.min(most, Math.max(2, panels.length))
  const whole = 2 * margin + columns * width + (columns - 1) * gap
  const { svg: above, bottom } = heading(head, whole)
  const top = bottom + 12
  const drawn = panels.map((panel, i) =>
    translated(margin + (i % columns) * (width + gap), top + Math.floor(i / columns) * (height + gap), panel),
  )
  const below = top + Math.ceil(panels.length / columns) * (height + gap)
  const key = legend(entries.length > 1 ? entries : [], whole - 2 * margin)
  return svgDocument(whole, below + key.height + 8, above, ...drawn, translated(margin, below, key.svg))
}
