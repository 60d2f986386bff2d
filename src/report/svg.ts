// SVG as strings: elements, text, groups, documents. No layout, no parsing, no Node; images of pixels are in image.ts.

import { fontFamily, ink, paper } from './theme.ts'

type Attributes = Readonly<Record<string, string | number | undefined>>

/** `<name attribute="value">children</name>`. Numbers are rounded to hundredths; undefined attributes are left out. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${typeof value === 'number' ? round(value) : escaped(value)}"`],
  )
  return children.length === 0
    ? `<${name}${written.join('')}/>`
    : `<${name}${written.join('')}>${children.join('')}</${name}>`
}

/** How words look. */
export type TextStyle = {
  readonly size?: number
  readonly bold?: boolean
  readonly fill?: string
  readonly anchor?: 'start' | 'middle' | 'end'
}

/** One line of words with its baseline at (x, y). */
export function text(words: string, x: number, y: number, style: TextStyle = {}): string {
  const { size = 11, bold = false, fill = ink, anchor } = style
  const attributes = { x, y, 'font-size': size, 'font-weight': bold ? 600 : undefined, fill, 'text-anchor': anchor }
  return element('text', attributes, escaped(words))
}

/** A group whose children see (x, y) as (0, 0). */
export const translated = (x: number, y: number, ...children: readonly string[]): string =>
  element('g', { transform: `translate(${round(x)},${round(y)})` }, ...children)

/** Children that are cut off at a box of this size. */
export const cropped = (x: number, y: number, width: number, height: number, ...children: readonly string[]): string =>
  element('svg', { x, y, width, height, overflow: 'hidden' }, ...children)

/** A whole document on paper. */
export function svgDocument(width: number, height: number, ...children: readonly string[]): string {
  const size = { width: Math.ceil(width), height: Math.ceil(height) }
  const attributes = { ...size, viewBox: `0 0 ${size.width} ${size.height}`, 'font-family': fontFamily }
  const background = element('rect', { ...size, fill: paper })
  return element('svg', { xmlns: 'http://www.w3.org/2000/svg', ...attributes }, background, ...children)
}

/**
 * Words cut to a width, with an ellipsis in their middle: names that begin or end alike stay apart.
 * @param measure the width of words, in the same unit as `room`
 */
export function shortened(words: string, room: number, measure: (words: string) => number): string {
  if (measure(words) <= room) return words
  const letters = Array.from(words)
  for (let kept = letters.length - 1; kept > 1; kept--) {
    const head = Math.ceil(kept / 2)
    const cut = `${letters.slice(0, head).join('')}…${letters.slice(letters.length - (kept - head)).join('')}`
    if (measure(cut) <= room) return cut
  }
  return '…'
}

const escaped = (value: string): string =>
  value.replace(/[&<>"]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character]!)

const round = (value: number): number => Math.round(value * 100) / 100
