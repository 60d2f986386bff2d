// Many eyes: the same digit looked at by an eye that has learned, along rows, at random, and at the centre.

import { byId, element, onScheme } from '../dom.ts'
import { drawStage } from './stage.ts'
import { type Episode, type EyeName, eyes, type SceneRequest } from './wire.ts'
import { verdictOf } from './words.ts'

/** Milliseconds a look. */
const pace = 750

const titles: Record<EyeName, string> = {
  learned: 'Learned',
  raster: 'Along rows',
  random: 'At random',
  centre: 'The centre',
}

const [holder, slider] = [byId('eyes', HTMLElement), byId('eyes-step', HTMLInputElement)]

export class ManyEyes {
  private readonly play: (request: SceneRequest) => Promise<Episode>
  private episodes: readonly Episode[] = []
  private asked = 0
  private timer = 0

  constructor(play: (request: SceneRequest) => Promise<Episode>) {
    this.play = play
    const figures = eyes.map((eye) => {
      const canvas = element('canvas', { className: 'stage panel' })
      canvas.setAttribute('role', 'img')
      new ResizeObserver(() => this.paint()).observe(canvas)
      return element('figure', {}, canvas, element('figcaption', {}, titles[eye]))
    })
    holder.replaceChildren(...figures)
    slider.addEventListener('input', () => {
      clearInterval(this.timer)
      this.paint()
    })
    onScheme(() => this.paint())
  }

  async show(request: SceneRequest): Promise<void> {
    const asked = ++this.asked
    const episodes: Episode[] = []
    for (const eye of eyes) episodes.push(await this.play({ ...request, eye }))
    if (asked !== this.asked) return
    this.episodes = episodes
    const last = Math.max(...episodes.map(({ looks }) => looks.length))
    slider.max = String(last)
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    slider.value = still ? String(last) : '1'
    clearInterval(this.timer)
    this.timer = window.setInterval(() => {
      if (Number(slider.value) >= last) clearInterval(this.timer)
      slider.value = String(Number(slider.value) + 1)
      this.paint()
    }, pace)
    this.paint()
  }

  private paint(): void {
    byId('eyes-count', HTMLElement).textContent = `${slider.value} of ${slider.max}`
    for (const [i, episode] of this.episodes.entries()) {
      const figure = holder.children[i]!
      const now = Math.min(Number(slider.value), episode.looks.length) - 1
      const { sign, words } = verdictOf(episode.looks, now, undefined)
      const canvas = figure.querySelector('canvas')!
      if (canvas.clientWidth > 0) drawStage(canvas, { episode, now, onward: 0, onlySeen: false })
      canvas.setAttribute('aria-label', `${titles[eyes[i]!]}: ${sign}, ${words}`)
      const verdict = element('span', { className: 'muted' }, ` ${words.replace(/ after.*/, '')}`)
      figure.querySelector('figcaption')!.replaceChildren(`${titles[eyes[i]!]}: `, element('b', {}, sign), verdict)
    }
  }
}
