// An episode as a film: the eye on its way over the scene, its looks in a row, what it believes. It plays, stops, steps, and
// a look may be dragged elsewhere.

import { byClass, element, onScheme } from '../dom.ts'
import { across } from '../scene.ts'
import { inside, spotOf, wayOf } from './spots.ts'
import { drawGlimpse, drawStage } from './stage.ts'
import type { Episode, Spot } from './wire.ts'
import { bestOf, percent, verdictOf, wordsOf } from './words.ts'

/** Milliseconds that the eye rests, and that it moves. */
const [rest, move] = [620, 240]
/** How near to a look one must press to take hold of it, in pixels. */
const reach = 24
/** How far Shift with an arrow key moves a look, in half images. */
const stride = 0.1

const still = matchMedia('(prefers-reduced-motion: reduce)')

export type FilmEvents = {
  /** Look `t` is to be taken elsewhere; the agent goes on from there. */
  readonly moved: (t: number, spot: Spot) => void
  /** The scene was pressed where there is no look. */
  readonly pressed?: (spot: Spot) => void
  /** Something to be read out. */
  readonly told: (text: string) => void
}

export class Film {
  readonly stage: HTMLCanvasElement
  private readonly root: HTMLElement
  private readonly events: FilmEvents
  private readonly timeline: HTMLElement
  private readonly rows: HTMLTableSectionElement
  private readonly playButton: HTMLButtonElement
  private readonly onlySeen: HTMLInputElement
  private episode: Episode | undefined
  private label: number | undefined
  private now = 0
  private playing = false
  /** When the current glimpse began, in the time of animation frames. */
  private began = 0
  private held: number | undefined
  private shown = 0

  /** @param root holds a copy of the template `film` */
  constructor(root: HTMLElement, events: FilmEvents) {
    this.root = root
    this.events = events
    this.stage = byClass(root, 'stage', HTMLCanvasElement)
    this.timeline = byClass(root, 'timeline', HTMLElement)
    this.rows = byClass(root, 'rows', HTMLTableElement).tBodies[0]!
    this.playButton = byClass(root, 'play', HTMLButtonElement)
    this.onlySeen = byClass(root, 'only-seen', HTMLInputElement)
    this.listen()
  }

  /** Show an episode from look `from` on. @param label the right class, where it is known */
  show(episode: Episode, label: number | undefined, { from = 0, play = true } = {}): void {
    this.episode = episode
    this.label = label
    this.fillTimeline(episode)
    this.fillRows(episode)
    this.stage.dataset.episode = String(++this.shown)
    this.stage.dataset.places = JSON.stringify(episode.looks.map(({ location }) => location))
    this.go(Math.min(from, this.last))
    this.run(play && this.now < this.last)
  }

  private get last(): number {
    return (this.episode?.looks.length ?? 1) - 1
  }

  private listen(): void {
    const { stage } = this
    this.playButton.addEventListener('click', () => {
      if (!this.playing && this.now === this.last) this.go(0)
      this.run(!this.playing)
    })
    this.onlySeen.addEventListener('change', () => this.paint(0))
    document.addEventListener('keydown', (event) => this.press(event))
    stage.addEventListener('pointerdown', (event) => this.hold(event))
    stage.addEventListener('pointermove', (event) => {
      if (this.held !== undefined) this.drag(this.held, spotOf(this.stage, event))
      else stage.style.cursor = this.lookAt(event) === undefined ? '' : 'grab'
    })
    for (const name of ['pointerup', 'pointercancel'] as const) stage.addEventListener(name, () => this.drop())
    new ResizeObserver(() => this.paint(0)).observe(stage)
    onScheme(() => {
      if (this.episode) this.fillTimeline(this.episode)
      this.go(this.now)
    })
  }

  /** Arrow keys step through the looks, Home and End go to the first and the last; with Shift they move a look. */
  private press(event: KeyboardEvent): void {
    if (this.root.offsetParent === null || !this.episode) return
    const { target } = event
    if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) return
    if (target instanceof HTMLElement && target.closest('[role="tab"], [role="radio"], [role="application"]')) return
    if (event.ctrlKey || event.altKey || event.metaKey) return
    const way = event.shiftKey ? wayOf(event.key, stride) : undefined
    const wanted = { ArrowLeft: this.now - 1, ArrowRight: this.now + 1, Home: 0, End: this.last }[event.key]
    if (way) {
      const [x, y] = this.episode.looks[this.now]!.location
      this.drag(this.now, [inside(x + way[0]), inside(y + way[1])])
    } else if (wanted !== undefined && !event.shiftKey) {
      this.run(false)
      this.go(Math.min(this.last, Math.max(0, wanted)))
    } else return
    event.preventDefault()
  }

  private hold(event: PointerEvent): void {
    const look = this.lookAt(event)
    if (event.button !== 0) return
    if (look === undefined) {
      this.events.pressed?.(spotOf(this.stage, event))
      return
    }
    this.run(false)
    this.held = look
    this.stage.setPointerCapture(event.pointerId)
    this.stage.style.cursor = 'grabbing'
    event.preventDefault()
  }

  private drag(look: number, spot: Spot): void {
    this.run(false)
    this.events.moved(look, spot)
  }

  private drop(): void {
    if (this.held === undefined) return
    this.held = undefined
    this.stage.style.cursor = ''
    this.run(this.now < this.last)
  }

  /** Whether one holds a look now. */
  get isHeld(): boolean {
    return this.held !== undefined
  }

  /** The look that is shown under the pointer, the latest first. */
  private lookAt(event: PointerEvent): number | undefined {
    const { left, top, width, height } = this.stage.getBoundingClientRect()
    const seen = this.episode?.looks.slice(0, this.now + 1) ?? []
    const found = seen.findLastIndex(
      ({ location: [x, y] }) =>
        Math.hypot(across(x, width) + left - event.clientX, across(y, height) + top - event.clientY) < reach,
    )
    return found < 0 ? undefined : found
  }

  private run(playing: boolean): void {
    const begins = playing && !this.playing
    this.playing = playing
    this.playButton.textContent = playing ? 'Pause' : 'Play'
    this.began = performance.now()
    if (begins) requestAnimationFrame((time) => this.frame(time))
  }

  private frame(time: number): void {
    if (!this.playing) return
    const since = time - this.began
    if (since < rest + move) {
      if (since > rest && !still.matches) this.paint((since - rest) / move)
    } else if (this.now < this.last) {
      this.began = time
      this.go(this.now + 1)
    }
    if (this.now === this.last) this.run(false)
    else requestAnimationFrame((next) => this.frame(next))
  }

  /** Go to a look. */
  private go(now: number): void {
    const { episode } = this
    if (!episode) return
    this.now = now
    this.paint(0)
    const { probabilities } = episode.looks[now]!
    const best = bestOf(probabilities)
    for (const [t, item] of [...this.timeline.children].entries()) {
      const button = item.firstElementChild!
      button.setAttribute('aria-current', t === now ? 'step' : 'false')
      button.classList.toggle('ahead', t > now)
    }
    for (const [k, row] of [...this.rows.rows].entries()) {
      row.classList.toggle('best', k === best)
      for (let t = 0; t < episode.looks.length; t++) row.cells[1 + t]!.classList.toggle('ahead', t > now)
      const bar = row.querySelector('i')!
      bar.style.width = `${(100 * probabilities[k]!).toFixed(1)}%`
      row.cells[row.cells.length - 1]!.textContent = percent(probabilities[k]!)
    }
    this.tell(episode, now)
  }

  private tell({ looks, picture }: Episode, now: number): void {
    const verdict = verdictOf(looks, now, this.label)
    const done = now === this.last
    const box = byClass(this.root, 'verdict', HTMLElement)
    box.className = `verdict ${verdict.judged}`
    box.dataset.done = String(done)
    byClass(box, 'sign', HTMLElement).textContent = verdict.sign
    byClass(box, 'saying', HTMLElement).textContent = verdict.words
    const words = `Look ${now + 1} of ${looks.length}: ${wordsOf(looks, now, picture.windows.length)}`
    byClass(this.root, 'happening', HTMLElement).textContent = words
    this.stage.setAttribute('aria-label', words)
    if (done) this.events.told(`${words} ${verdict.sign}: ${verdict.words}`)
  }

  private paint(onward: number): void {
    const { episode, now } = this
    if (episode)
      drawStage(this.stage, { episode, now, onward: Math.min(onward, 0.999), onlySeen: this.onlySeen.checked })
  }

  private fillTimeline({ looks, picture }: Episode): void {
    const items = looks.map((look, t) => {
      const canvas = element('canvas')
      drawGlimpse(canvas, look, picture.windows)
      const button = element(
        'button',
        { type: 'button' },
        canvas,
        element('span', { className: 'number' }, String(t + 1)),
      )
      button.setAttribute('aria-label', `Look ${t + 1}`)
      button.addEventListener('click', () => {
        this.run(false)
        this.go(t)
      })
      return element('li', {}, button)
    })
    this.timeline.replaceChildren(...items)
  }

  private fillRows({ looks }: Episode): void {
    const made = Array.from({ length: looks[0]!.probabilities.length }, (_, k) => {
      const row = element('tr', {}, element('th', { scope: 'row' }, String(k)))
      for (const { probabilities } of looks) {
        const shade = element('b')
        shade.style.opacity = probabilities[k]!.toFixed(3)
        const words = element('span', { className: 'visually-hidden' }, percent(probabilities[k]!))
        row.append(element('td', { className: 'past' }, shade, words))
      }
      row.append(element('td', { className: 'bar' }, element('i')), element('td', { className: 'share' }))
      return row
    })
    this.rows.replaceChildren(...made)
  }
}
