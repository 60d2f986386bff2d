// Where the eye goes, one panel per class: how dense its looks are, over the class's mean image, all on one scale; and how
// large the window is that it looks through.

import { dataUri, type Pixels } from './image.ts'
import { widthOf } from './measure.ts'
import { type Heading, heading, margin } from './sheet.ts'
import { element, shortened, svgDocument, text } from './svg.ts'
import { belief, faded, rule, windowColours } from './theme.ts'

/** A place that was looked at, and the class of the image. */
export type Look = { readonly x: number; readonly y: number; readonly target: number }

/** A class: its name, and its mean image; without one where it has no items. */
export type HeatPanel = { readonly name: string; readonly mean: Pixels | undefined }

const [side, pitch, cells] = [150, 168, 50] as const

/**
 * The map as one SVG. Colour: how many times as dense a class's looks are as looks that are spread evenly.
 * @param window pixels along one side of the finest window, of images `height` x `width` pixels large
 */
export function drawHeat(
  looks: readonly Look[],
  panels: readonly HeatPanel[],
  { window, height, width }: { readonly window: number; readonly height: number; readonly width: number },
  head: Heading,
): string {
  const scale = side / Math.max(height, width)
  const [wide, high] = [width * scale, height * scale]
  const across = Math.min(5, panels.length)
  const whole = Math.max(2 * margin + across * pitch - 18, 2 * margin + 360)
  const { svg: words, bottom } = heading(head, whole)
  const densities = panels.map((_, k) => densityOf(looks.filter(({ target }) => target === k)))
  const most = Math.max(1, ...densities.map((density) => density.reduce((a, b) => Math.max(a, b), 0)))
  const rowHeight = high + 34
  const drawn = panels.map(({ name, mean }, k) => {
    const [x, y] = [margin + (k % across) * pitch, bottom + 22 + Math.floor(k / across) * rowHeight]
    const box = { x, y, width: wide, height: high }
    const picture = (pixels: Pixels): string =>
      element('image', { ...box, preserveAspectRatio: 'none', href: dataUri(pixels) })
    const title = shortened(name, wide, (part) => widthOf(part, 12, true))
    return [
      text(title, x, y - 6, { bold: true, size: 12 }),
      mean ? picture(mean) : text('no items', x + wide / 2, y + high / 2, { size: 11, fill: faded, anchor: 'middle' }),
      mean ? picture(overlay(densities[k]!, most)) : '',
      element('rect', { ...box, fill: 'none', stroke: rule }),
    ].join('')
  })
  const below = bottom + 22 + Math.ceil(panels.length / across) * rowHeight
  return svgDocument(whole, below + window * scale + 36, words, ...drawn, drawKey(margin, below, most, window, scale))
}

/** float64 [cells, cells]: density of the looks, smoothed; 1 where they are spread evenly. Outside the image none counts. */
function densityOf(looks: readonly Look[]): Float64Array {
  const density = new Float64Array(cells * cells)
  const radius = 3
  const kernel = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / 4))
  const weight = kernel.reduce((sum, value) => sum + value, 0) ** 2
  for (const { x, y } of looks) {
    const [column, row] = [x, y].map((at) => Math.floor(((at + 1) / 2) * cells)) as [number, number]
    for (let i = -radius; i <= radius; i++)
      for (let j = -radius; j <= radius; j++) {
        const [r, c] = [row + i, column + j]
        if (r < 0 || c < 0 || r >= cells || c >= cells) continue
        density[r * cells + c]! +=
          (cells * cells * kernel[i + radius]! * kernel[j + radius]!) / (weight * Math.max(1, looks.length))
      }
  }
  return density
}

const tint = [1, 3, 5].map((at) => Number.parseInt(belief.slice(at, at + 2), 16))
/** How opaque a density is, of the largest. */
const opacity = (share: number): number => Math.round(225 * Math.sqrt(share))

function overlay(density: Float64Array, most: number): Pixels {
  const pixels = new Uint8Array(4 * density.length)
  for (const [i, value] of density.entries()) pixels.set([...tint, opacity(value / most)], 4 * i)
  return { pixels, height: cells, width: cells, channels: 4 }
}

/** The scale of the colours, and the window, as large as on the panels. */
function drawKey(x: number, y: number, most: number, window: number, scale: number): string {
  const steps = 40
  const bars = Array.from({ length: steps }, (_, i) =>
    element('rect', {
      ...{ x: x + 3 * i, y, width: 3.2, height: 8, fill: belief },
      'fill-opacity': opacity((i + 0.5) / steps) / 255,
    }),
  )
  const words = `0 to ${most.toFixed(most < 10 ? 1 : 0)} times as many looks as if they were spread evenly`
  const drawn = window * scale
  return [
    ...bars,
    text(words, x + 3 * steps + 8, y + 8, { size: 10, fill: faded }),
    element('rect', {
      ...{ x: x + 1, y: y + 18, width: drawn, height: drawn, fill: 'none' },
      ...{ stroke: windowColours[0], 'stroke-width': 2 },
    }),
    text(`the finest window, ${window}x${window} pixels`, x + drawn + 10, y + 22 + drawn / 2, {
      size: 10,
      fill: faded,
    }),
  ].join('')
}
