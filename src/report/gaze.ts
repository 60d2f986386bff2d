// The eye, drawn: its windows on the scene, the way it went, what each window sees, and what has been seen so far.

import type { Picture } from '../env/environment.ts'
import { image, type Pixels } from './image.ts'
import { cropped, element } from './svg.ts'
import { colourOf, paper, pathColour, rule, unseen, windowColours } from './theme.ts'

/** A place, (x, y) in [-1, 1]. */
export type Place = readonly [number, number]

/** A place in a drawing `width` x `height` large. */
const placed = ([x, y]: Place, width: number, height: number): [number, number] => [
  ((x + 1) / 2) * width,
  ((y + 1) / 2) * height,
]

/** What is drawn on a scene. */
export type Overlay = {
  /** Where the eye is: all windows are drawn there. */
  readonly at?: Place
  /** Where it was, in order. */
  readonly path?: readonly Place[]
}

/** A scene fitted in a square of `side`, with the eye on it. The windows of scale s are `picture.windows[s]` pixels wide. */
export function drawScene(picture: Picture, x: number, y: number, side: number, overlay: Overlay = {}): string {
  const scale = side / Math.max(picture.height, picture.width)
  const [width, height] = [picture.width * scale, picture.height * scale]
  const { at, path = [] } = overlay
  return cropped(
    x + (side - width) / 2,
    y + (side - height) / 2,
    width,
    height,
    image(picture, 0, 0, width, height),
    drawPath(path, width, height),
    at ? drawWindows(picture, at, width, height, scale) : '',
  )
}

/** The squares that the eye sees, the finest last and boldest. */
function drawWindows(picture: Picture, at: Place, width: number, height: number, scale: number): string {
  const [x, y] = placed(at, width, height)
  const squares = picture.windows.map((window, s) => {
    const side = window * scale
    const stroke = { stroke: colourOf(windowColours, s), 'stroke-width': s === 0 ? 2 : 1.25 }
    return element('rect', { x: x - side / 2, y: y - side / 2, width: side, height: side, fill: 'none', ...stroke })
  })
  return squares.reverse().join('')
}

/** The way from look to look: a line, a ring where it began, a dot at each look. */
function drawPath(path: readonly Place[], width: number, height: number): string {
  const points = path.map((place) => placed(place, width, height))
  if (points.length === 0) return ''
  const line = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')
  const stroke = { fill: 'none', 'stroke-linejoin': 'round', 'stroke-linecap': 'round' }
  return [
    points.length > 1
      ? element('polyline', {
          points: line,
          ...stroke,
          stroke: pathColour,
          'stroke-width': 1.75,
          'stroke-opacity': 0.9,
        })
      : '',
    ...points.map(([cx, cy], i) =>
      i === 0
        ? element('circle', { cx, cy, r: 3, fill: paper, stroke: pathColour, 'stroke-width': 1.5 })
        : element('circle', { cx, cy, r: 2.25, fill: pathColour }),
    ),
  ].join('')
}

/** What the retina sees, float32 [S, G, G, C], its scales side by side in a square of `side`, each framed in its window's colour. */
export function drawGlimpse(
  glimpse: Float32Array,
  shape: readonly number[],
  x: number,
  y: number,
  side: number,
): string {
  const [scales = 1] = shape
  const across = Math.ceil(Math.sqrt(scales))
  const between = scales > 1 ? 4 : 0
  const each = (side - between * (across - 1)) / across
  const down = Math.ceil(scales / across)
  const top = y + (side - down * each - (down - 1) * between) / 2
  return glimpsePictures(glimpse, shape)
    .map((picture, s) => {
      const left = x + (s % across) * (each + between)
      const upper = top + Math.floor(s / across) * (each + between)
      const stroke = { stroke: colourOf(windowColours, s), 'stroke-width': 2 }
      return (
        image(picture, left, upper, each) +
        element('rect', { x: left + 1, y: upper + 1, width: each - 2, height: each - 2, fill: 'none', ...stroke })
      )
    })
    .join('')
}

/** [S] pictures of one glimpse, float32 [S, G, G, C] in [0, 1]. */
export function glimpsePictures(glimpse: Float32Array, shape: readonly number[]): Pixels[] {
  const [scales = 1, side = 1, , channels = 1] = shape
  const size = side * side * channels
  return Array.from({ length: scales }, (_, s) => ({
    pixels: Uint8Array.from(glimpse.subarray(s * size, (s + 1) * size), (value) => Math.round(255 * value)),
    height: side,
    width: side,
    channels,
  }))
}

/** What has been seen of a scene: at each pixel the finest look that fell on it, the latest of equals. */
export class Reconstruction {
  private readonly picture: Picture
  private readonly seen: Float32Array
  /** The scale that each pixel was seen at; the number of scales where it was not. */
  private readonly scale: Uint8Array

  /** Of a scene of this size that shows nothing yet. */
  constructor(picture: Picture) {
    const { height, width, channels, windows } = picture
    this.picture = picture
    this.seen = new Float32Array(height * width * channels)
    this.scale = new Uint8Array(height * width).fill(windows.length)
  }

  /** Add one look: glimpse float32 [S, G, G, C] taken at a place. */
  add(glimpse: Float32Array, [x, y]: Place, glimpseSide: number): this {
    const { height, width, channels, windows } = this.picture
    const scaleSize = glimpseSide * glimpseSide * channels
    for (const [s, window] of windows.entries()) {
      const cell = window / glimpseSide
      const left = ((x + 1) / 2) * width - window / 2
      const top = ((y + 1) / 2) * height - window / 2
      for (let row = Math.max(0, Math.ceil(top - 0.5)); row < Math.min(height, top + window - 0.5); row++)
        for (let column = Math.max(0, Math.ceil(left - 0.5)); column < Math.min(width, left + window - 0.5); column++) {
          const pixel = row * width + column
          if (this.scale[pixel]! < s) continue
          const i = Math.min(glimpseSide - 1, Math.floor((row + 0.5 - top) / cell))
          const j = Math.min(glimpseSide - 1, Math.floor((column + 0.5 - left) / cell))
          const from = s * scaleSize + (i * glimpseSide + j) * channels
          for (let c = 0; c < channels; c++) this.seen[pixel * channels + c] = glimpse[from + c]!
          this.scale[pixel] = s
        }
    }
    return this
  }

  /** uint8 [H, W, C + 1]: the last channel is 0 where nothing was seen. */
  get pixels(): Pixels {
    const { height, width, channels, windows } = this.picture
    const pixels = new Uint8Array(height * width * (channels + 1))
    for (let pixel = 0; pixel < height * width; pixel++) {
      if (this.scale[pixel] === windows.length) continue
      for (let c = 0; c < channels; c++)
        pixels[pixel * (channels + 1) + c] = Math.round(255 * this.seen[pixel * channels + c]!)
      pixels[pixel * (channels + 1) + channels] = 255
    }
    return { pixels, height, width, channels: channels + 1 }
  }

  /** Share of the pixels that were seen at any scale. */
  get coverage(): number {
    const { windows } = this.picture
    return this.scale.reduce((count, s) => count + (s < windows.length ? 1 : 0), 0) / this.scale.length
  }
}

/** What has been seen, in a square of `side`; the rest is blank. */
export function drawReconstruction(reconstruction: Reconstruction, x: number, y: number, side: number): string {
  const { pixels } = reconstruction
  const scale = side / Math.max(pixels.height, pixels.width)
  const [width, height] = [pixels.width * scale, pixels.height * scale]
  const [left, top] = [x + (side - width) / 2, y + (side - height) / 2]
  return (
    element('rect', { x: left, y: top, width, height, fill: unseen, stroke: rule }) +
    image({ ...pixels }, left, top, width, height)
  )
}
