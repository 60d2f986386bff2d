// The tab where an agent looks at what one draws or chooses; or one looks oneself; or four eyes look side by side.

import type { AgentCard } from '../../src/inference/agent-file.ts'
import { byClass, byId, element, onScheme } from '../dom.ts'
import { pictureOf, readPalette } from '../scene.ts'
import type { Colleague } from './colleague.ts'
import { digitAt, digitSide } from './digit.ts'
import { Film } from './film.ts'
import { Game } from './game.ts'
import { ManyEyes } from './many-eyes.ts'
import { Pad } from './pad.ts'
import { Player } from './player.ts'
import type { Digits, SceneRequest } from './wire.ts'
import { plural } from './words.ts'

/** What is looked at. */
export type Subject = { readonly digit: Uint8Array; readonly label?: number }

const [pad, gallery] = [byId('pad', HTMLCanvasElement), byId('gallery', HTMLElement)]
const clutterSlider = byId('clutter', HTMLInputElement)
const still = matchMedia('(prefers-reduced-motion: reduce)')
type Mode = 'watch' | 'you' | 'many'

const say = (id: string, text: string): void => {
  byId(id, HTMLElement).textContent = text
}

/** A copy of the template of a film, below an element. */
export function filmIn(holder: HTMLElement): HTMLElement {
  holder.replaceChildren(byId('film', HTMLTemplateElement).content.cloneNode(true))
  return byClass(holder, 'film', HTMLElement)
}

export class Look {
  private colleague: Colleague
  private readonly digits: Digits
  private readonly drawing: Pad
  private readonly film: Film
  private readonly player: Player
  private readonly game: Game
  private readonly many: ManyEyes
  private subject: Subject
  private scatter = 1
  private first = 1
  private mode: Mode = 'watch'

  constructor(colleague: Colleague, card: AgentCard, digits: Digits) {
    this.colleague = colleague
    this.digits = digits
    this.subject = this.testImage(0)
    const root = filmIn(byId('watch', HTMLElement))
    const told = (text: string): void => say('live', text)
    this.film = new Film(root, { told, moved: (t, spot) => void this.player.takeOver(t, spot) })
    this.player = new Player(colleague, this.film)
    this.game = new Game((request) => this.colleague.call('play', request), told)
    this.many = new ManyEyes((request) => this.colleague.call('play', request))
    this.drawing = new Pad(pad, {
      told,
      drawn: (digit) => {
        this.lookAt({ digit })
        this.film.stage.scrollIntoView({ block: 'nearest', behavior: still.matches ? 'auto' : 'smooth' })
      },
    })
    this.take(colleague, card, false)
    this.fillGallery()
    this.listen(byClass(root, 'again', HTMLButtonElement))
  }

  /** Have another agent, or another worker, look from now on. */
  take(colleague: Colleague, card: AgentCard, look = true): void {
    if (colleague !== this.colleague) this.colleague.dismiss()
    this.colleague = colleague
    this.player.take(colleague)
    clutterSlider.value = String(Number(card.environment.clutter ?? 0))
    say('clutter-count', clutterSlider.value)
    this.game.glimpses = card.world.horizon
    if (look) void this.look()
  }

  /** Have the subject looked at, as clutter and first look now are, and show it from the beginning. */
  async look(): Promise<void> {
    if (this.mode === 'many') return this.many.show(this.request())
    if (this.mode === 'you') return this.game.begin()
    const episode = await this.player.play(this.request(), this.subject.label)
    if (episode) say('time', `${plural(episode.looks.length, 'look')} in ${episode.milliseconds.toFixed(0)} ms`)
  }

  private request(): SceneRequest {
    const { subject, scatter, first } = this
    return { digit: subject.digit, clutter: Number(clutterSlider.value), scatter, first }
  }

  private lookAt(subject: Subject): void {
    this.subject = subject
    if (this.mode === 'you') this.choose('watch')
    if (subject.label === undefined) press(gallery, -1)
    void this.look()
  }

  private choose(mode: Mode): void {
    this.mode = mode
    document.querySelector<HTMLInputElement>(`#modes [value="${mode}"]`)!.checked = true
    for (const name of ['watch', 'you', 'many']) byId(name, HTMLElement).hidden = name !== mode
  }

  /** Test image i, the same object every time. */
  private readonly testImage = memo((i: number): Subject => {
    const { images, labels } = this.digits
    return { digit: digitAt(images, i), label: labels[i]! }
  })

  private listen(again: HTMLButtonElement): void {
    byId('clear', HTMLButtonElement).addEventListener('click', () => this.drawing.clear())
    again.addEventListener('click', () => {
      this.first++
      void this.look()
    })
    byId('scatter', HTMLButtonElement).addEventListener('click', () => {
      this.scatter++
      if (clutterSlider.value === '0') clutterSlider.value = '3'
      say('clutter-count', clutterSlider.value)
      void this.look()
    })
    clutterSlider.addEventListener('input', () => {
      say('clutter-count', clutterSlider.value)
      void this.look()
    })
    for (const radio of document.querySelectorAll<HTMLInputElement>('#modes input'))
      radio.addEventListener('change', () => {
        this.choose(radio.value as Mode)
        void this.look()
      })
    onScheme(() => {
      this.drawing.paint()
      this.fillGallery()
    })
  }

  private fillGallery(): void {
    const chosen = this.digits.labels.findIndex((_, i) => this.testImage(i).digit === this.subject.digit)
    fillGallery(gallery, this.digits, chosen, (i) => {
      // what was drawn a moment ago must not come after it
      this.drawing.clear()
      this.lookAt(this.testImage(i))
    })
  }
}

/** A button for each digit, the chosen one pressed; none where `chosen` is -1. */
export function fillGallery(
  holder: HTMLElement,
  { images, labels }: Digits,
  chosen: number,
  choose: (i: number) => void,
): void {
  const palette = readPalette()
  const buttons = Array.from(labels, (label, i) => {
    const picture = pictureOf({ pixels: digitAt(images, i), width: digitSide, height: digitSide, channels: 1 }, palette)
    const button = element('button', { type: 'button', title: `Test image: a ${label}` }, picture)
    button.setAttribute('aria-label', `Test image ${i + 1}, a ${label}`)
    button.setAttribute('aria-pressed', String(i === chosen))
    button.addEventListener('click', () => {
      press(holder, i)
      choose(i)
    })
    return button
  })
  holder.replaceChildren(...buttons)
}

/** Have button i be the pressed one; with -1, none. */
function press(holder: HTMLElement, i: number): void {
  for (const [k, button] of [...holder.children].entries()) button.setAttribute('aria-pressed', String(k === i))
}

/** The same answer to the same question. */
function memo<Answer>(work: (i: number) => Answer): (i: number) => Answer {
  const known = new Map<number, Answer>()
  return (i) => {
    const found = known.get(i) ?? work(i)
    known.set(i, found)
    return found
  }
}
