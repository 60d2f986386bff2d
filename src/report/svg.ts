// SVG as strings: elements, text, images of pixels. No layout, no parsing; charts come from Observable Plot (charts.ts).

import { encode } from 'fast-png'
import { fontFamily, ink, paper } from './theme.ts'

/** Pixels to be shown: uint8 [H, W, C]; C is 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha. */
export type Pixels = {
  readonly pixels: Uint8Array
  readonly height: number
  readonly width: number
  readonly channels: number
}

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

/** Pixels in a box: sharp squares where they are much enlarged, smooth where hardly. */
export function image(picture: Pixels, x: number, y: number, width: number, height = width): string {
  const sharp = Math.min(width / picture.width, height / picture.height) >= 2.5
  return element('image', {
    ...{ x, y, width, height, preserveAspectRatio: 'none' },
    'image-rendering': sharp ? 'optimizeSpeed' : undefined,
    href: dataUri(picture),
  })
}

/** Pixels as the address of a PNG. */
export function dataUri({ pixels, width, height, channels }: Pixels): string {
  return `data:image/png;base64,${Buffer.from(encode({ data: pixels, width, height, channels })).toString('base64')}`
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

const escaped = (value: string): string =>
  value.replace(/[&<>"]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character]!)

const round = (value: number): number => Math.round(value * 100) / 100
