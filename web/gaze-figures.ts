// Episodes as figures: the path of the eye over each scene, and what is believed or was done. Used by both pages.

import type { Gaze, GazeEpisode } from '../src/dashboard/protocol.ts'
import { element, sharpContext } from './dom.ts'
import { drawPath, frameOf, type Palette, pictureOf, readPalette, type Scene } from './scene.ts'

/** The most glimpses of an episode. */
export const stepsOf = ({ episodes }: Gaze): number => Math.max(1, ...episodes.map(({ locations }) => locations.length))

/** A figure for each episode, yet to be painted. */
export function gazeFigures(gaze: Gaze): HTMLElement {
  const figures = gaze.episodes.map(() => {
    const canvas = element('canvas', { className: 'panel' })
    canvas.style.aspectRatio = `${gaze.width} / ${gaze.height}`
    return element('figure', {}, canvas, element('figcaption'))
  })
  return element('div', { className: 'gazes' }, ...figures)
}

/** Paint the figures as they are after glimpse `now`, from 0. */
export function paintGaze(figures: HTMLElement, gaze: Gaze, now: number): void {
  const palette = readPalette()
  // first all that asks for sizes, then all that changes them, so that the page is laid out once
  for (const [i, episode] of gaze.episodes.entries())
    drawEpisode(figures.children[i]!.querySelector('canvas')!, gaze, episode, now, palette)
  for (const [i, episode] of gaze.episodes.entries())
    figures.children[i]!.querySelector('figcaption')!.replaceChildren(...captionOf(gaze, episode, now))
}

function drawEpisode(canvas: HTMLCanvasElement, gaze: Gaze, episode: GazeEpisode, now: number, palette: Palette): void {
  const { context, width, height } = sharpContext(canvas)
  const last = Math.min(now, episode.locations.length - 1)
  const pixels = Uint8Array.from(atob(episode.scenes[last] ?? episode.scenes[0]!), (letter) => letter.charCodeAt(0))
  const scene: Scene = { pixels, width: gaze.width, height: gaze.height, channels: gaze.channels }
  context.imageSmoothingEnabled = false
  context.globalAlpha = 0.55
  context.drawImage(pictureOf(scene, palette), 0, 0, width, height)
  context.globalAlpha = 1
  const spots = episode.locations.slice(0, last + 1)
  drawPath(context, spots, { width, height }, palette, false)
  context.strokeStyle = palette.accent
  for (const [s, window] of gaze.windows.entries()) {
    context.globalAlpha = s === 0 ? 1 : 0.5
    context.lineWidth = s === 0 ? 2 : 1
    context.strokeRect(...frameOf(spots.at(-1)!, window, gaze, { width, height }))
  }
  context.globalAlpha = 1
  canvas.setAttribute('role', 'img')
  canvas.setAttribute('aria-label', `path of ${spots.length} glimpses`)
}

/** `6 of 8 test episodes right`. */
export function hitsOf({ episodes, game }: Gaze): string {
  const hits = episodes.filter(({ hit }) => hit).length
  return `${hits} of ${episodes.length} test episodes ${game ? 'paid' : 'right'}`
}

/** `boot 98 % ✓`, or where it is wrong, `shirt 60 % ✗ is coat`; of a game, the move, and at its end what came of it. */
function captionOf({ names, game }: Gaze, episode: GazeEpisode, now: number): Node[] {
  const { beliefs, decided, target, hit, result, locations } = episode
  const at = Math.min(now, locations.length - 1)
  const end = at === locations.length - 1 ? [verdict(hit, result)] : []
  const belief = beliefs[at]
  if (!belief) return end
  const best = game ? decided[at]! : belief.indexOf(Math.max(...belief))
  const share = element('span', { className: 'muted' }, ` ${Math.round(100 * (belief[best] ?? 0))} %`)
  const named = element('b', {}, names[best] ?? String(best))
  if (target === undefined) return [named, share, ...end]
  const right = best === target
  named.className = right ? 'good' : 'bad'
  return [named, share, verdict(right, right ? '' : `is ${names[target] ?? target}`)]
}

/** A tick or a cross, and words. */
const verdict = (good: boolean, words: string): Node =>
  element('span', { className: good ? 'good' : 'bad' }, ` ${good ? '✓' : '✗'}${words ? ` ${words}` : ''}`)
