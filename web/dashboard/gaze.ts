// How a run's agent looks, drawn when it comes into view and again when there is a newer checkpoint. One slider steps all
// episodes through their glimpses.

import type { Gaze, Refusal, RunDetail } from '../../src/dashboard/protocol.ts'
import { element } from '../dom.ts'
import { gazeFigures, hitsOf, paintGaze, stepsOf } from '../gaze-figures.ts'

/** The gaze of one run. */
export class GazePanel {
  private readonly holder: HTMLElement
  private run: RunDetail | undefined
  private fetched = ''
  private visible = false
  private gaze: Gaze | undefined
  private slider: HTMLInputElement | undefined
  /** Whether someone has moved the slider: then it stays where it is. */
  private moved = false

  constructor(holder: HTMLElement) {
    this.holder = holder
    new IntersectionObserver(([entry]) => {
      this.visible = entry?.isIntersecting ?? false
      void this.refresh()
    }).observe(holder)
    new ResizeObserver(() => this.paint()).observe(holder)
  }

  /** Show this run's gaze, when there is somebody to see it. */
  show(run: RunDetail): void {
    if (this.run?.name !== run.name) {
      this.fetched = ''
      this.gaze = undefined
      this.moved = false
      this.say('…')
    }
    this.run = run
    void this.refresh()
  }

  paint(): void {
    const { gaze, slider } = this
    if (!gaze || !slider) return
    const now = Number(slider.value) - 1
    paintGaze(this.holder.querySelector<HTMLElement>('.gazes')!, gaze, now)
    this.holder.querySelector('output')!.textContent = `${now + 1} of ${slider.max}`
  }

  private async refresh(): Promise<void> {
    const { run, visible } = this
    if (!run || !visible) return
    const wanted = `${run.name} ${run.checkpoint}`
    if (this.fetched === wanted) return
    this.fetched = wanted
    const answer = await fetch(`api/gaze?name=${encodeURIComponent(run.name)}`)
    const body = (await answer.json()) as Gaze | Refusal
    if (this.fetched !== wanted) return
    if ('error' in body) {
      this.gaze = undefined
      this.say(`Cannot be shown: ${body.error}.`)
    } else this.fill(body)
  }

  private say(words: string): void {
    this.holder.replaceChildren(element('p', { className: 'muted' }, words))
  }

  private fill(gaze: Gaze): void {
    const steps = stepsOf(gaze)
    const before = this.moved ? Number(this.slider?.value) : steps
    const slider = element('input', { type: 'range', min: '1', max: String(steps), id: 'gaze-step' })
    slider.value = String(Math.min(before, steps))
    slider.addEventListener('input', () => {
      this.moved = true
      this.paint()
    })
    this.gaze = gaze
    this.slider = slider
    this.holder.replaceChildren(
      element(
        'div',
        { className: 'heading' },
        element('label', { htmlFor: 'gaze-step' }, 'Glimpse ', element('output')),
        slider,
        element('span', { className: 'muted' }, `${hitsOf(gaze)}, after epoch ${gaze.epoch}`),
      ),
      gazeFigures(gaze),
    )
    this.paint()
  }
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
function hitsOf({ episodes, game }: Gaze): string {
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
