// The stage: the scene, faint where it has not been seen, the window of the eye on its way, and the path behind it.

import type { LookStep } from '../../src/inference/trained-agent.ts'
import { sharpContext } from '../dom.ts'
import { drawPath, frameOf, type Palette, pictureOf, readPalette, type Spot } from '../scene.ts'
import type { Episode } from './wire.ts'

/** How much of the scene shows where the eye has not been. */
const unseen = 0.16

/** What is on the stage. */
export type Moment = {
  readonly episode: Episode
  /** The glimpse that is being taken, from 0. */
  readonly now: number
  /** In [0, 1): how far the eye is on its way to the next one. */
  readonly onward: number
  /** Hide what has not been seen. */
  readonly onlySeen: boolean
}

/** Draw a moment. */
export function drawStage(canvas: HTMLCanvasElement, { episode, now, onward, onlySeen }: Moment): void {
  const { context, width, height } = sharpContext(canvas)
  const palette = readPalette()
  const { picture, looks } = episode
  const drawn = { width, height }
  context.fillStyle = palette.fog
  context.fillRect(0, 0, width, height)
  context.imageSmoothingEnabled = false
  if (!onlySeen) {
    context.globalAlpha = unseen
    context.drawImage(pictureOf(picture, { ...palette, paper: palette.fog }), 0, 0, width, height)
    context.globalAlpha = 1
  }
  const seen = looks.slice(0, now + 1)
  // coarse windows first: a finer look at the same place is the better knowledge, whenever it was taken
  for (const [s, window] of [...picture.windows.entries()].reverse())
    for (const look of seen)
      context.drawImage(
        glimpsePicture(look, s, picture.windows.length, palette),
        ...frameOf(look.location, window, picture, drawn),
      )
  const finest = picture.windows[0]!
  for (const look of seen.slice(0, -1))
    strokeFrame(context, frameOf(look.location, finest, picture, drawn), palette, 0.3, 1)
  const spot = between(looks[now]!.location, looks[now + 1]?.location, ease(onward))
  drawPath(
    context,
    seen.map(({ location }) => location),
    drawn,
    palette,
    true,
  )
  for (const [s, window] of picture.windows.entries())
    strokeFrame(context, frameOf(spot, window, picture, drawn), palette, s === 0 ? 1 : 0.45, s === 0 ? 2.5 : 1.5)
}

/** A glimpse as a picture of `side` pixels: the widest window fills it, the finer ones lie where they are. */
export function drawGlimpse(canvas: HTMLCanvasElement, look: LookStep, windows: readonly number[], side = 96): void {
  const palette = readPalette()
  Object.assign(canvas, { width: side, height: side })
  const context = canvas.getContext('2d')!
  context.imageSmoothingEnabled = false
  for (const [s, window] of [...windows.entries()].reverse()) {
    const size = (side * window) / windows.at(-1)!
    const at = (side - size) / 2
    context.drawImage(glimpsePicture(look, s, windows.length, palette), at, at, size, size)
    if (s === windows.length - 1) continue
    context.strokeStyle = palette.accent
    context.globalAlpha = 0.6
    context.strokeRect(at, at, size, size)
    context.globalAlpha = 1
  }
}

const glimpseSide = ({ glimpse }: LookStep, scales: number): number => Math.round(Math.sqrt(glimpse.length / scales))

/** The pictures of the glimpses, by scale and ink: a film shows each many times. */
const painted = new WeakMap<LookStep, Map<string, HTMLCanvasElement>>()

function glimpsePicture(look: LookStep, scale: number, scales: number, palette: Palette): HTMLCanvasElement {
  const all = painted.get(look) ?? new Map<string, HTMLCanvasElement>()
  painted.set(look, all)
  const key = `${scale} ${palette.ink}`
  const made = all.get(key) ?? paintGlimpse(look, scale, scales, palette)
  all.set(key, made)
  return made
}

function paintGlimpse(look: LookStep, scale: number, scales: number, palette: Palette): HTMLCanvasElement {
  const side = glimpseSide(look, scales)
  const cells = look.glimpse.subarray(scale * side * side, (scale + 1) * side * side)
  const pixels = Uint8Array.from(cells, (value) => Math.round(255 * value))
  return pictureOf({ pixels, width: side, height: side, channels: 1 }, palette)
}

export function strokeFrame(
  context: CanvasRenderingContext2D,
  [x, y, w, h]: readonly [number, number, number, number],
  { accent }: Palette,
  alpha: number,
  line: number,
): void {
  context.globalAlpha = alpha
  context.strokeStyle = accent
  context.lineWidth = line
  context.beginPath()
  context.roundRect(x, y, w, h, 3)
  context.stroke()
  context.globalAlpha = 1
}

const ease = (part: number): number => part * part * (3 - 2 * part)

const between = (from: Spot, to: Spot | undefined, part: number): Spot =>
  to ? [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part] : from
