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
