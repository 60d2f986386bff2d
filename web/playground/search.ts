// The tab where an agent that was trained among clutter hunts a digit, which one hides.

import type { AgentCard } from '../../src/inference/agent-file.ts'
import { byClass, byId, onScheme } from '../dom.ts'
import type { Colleague } from './colleague.ts'
import { digitAt } from './digit.ts'
import { Film } from './film.ts'
import { fillGallery, filmIn } from './look.ts'
import { Player } from './player.ts'
import type { Digits, SceneRequest, Spot } from './wire.ts'

const gallery = byId('hidden-gallery', HTMLElement)
const [across, down] = [byId('place-across', HTMLInputElement), byId('place-down', HTMLInputElement)]
const pieces = byId('pieces', HTMLInputElement)

export class Search {
  private readonly digits: Digits
  private readonly player: Player
  private item = 7
  private scatter = 1
  private first = 1

  constructor(colleague: Colleague, card: AgentCard, digits: Digits) {
    this.digits = digits
    const root = filmIn(byId('hunt', HTMLElement))
    const film = new Film(root, {
      told: (text) => {
        byId('live', HTMLElement).textContent = text
      },
      moved: (t, spot) => void this.player.takeOver(t, spot),
      pressed: (spot) => this.put(spot),
    })
    this.player = new Player(colleague, film)
    pieces.value = String(Number(card.environment.clutter ?? 4))
    this.fill()
    this.listen(byClass(root, 'again', HTMLButtonElement))
  }

  /** Have it hunted. */
  async look(): Promise<void> {
    byId('pieces-count', HTMLElement).textContent = pieces.value
    await this.player.play(this.request(), this.digits.labels[this.item])
  }

  private request(): SceneRequest {
    const { item, scatter, first } = this
    const middle = ({ value }: HTMLInputElement): number => (2 * Number(value)) / 100 - 1
    return {
      digit: digitAt(this.digits.images, item),
      ...{ clutter: Number(pieces.value), scatter, first, place: [middle(across), middle(down)] },
    }
  }

  private put([x, y]: Spot): void {
    across.value = String(50 * (x + 1))
    down.value = String(50 * (y + 1))
    void this.look()
  }

  private listen(again: HTMLButtonElement): void {
    again.addEventListener('click', () => {
      this.first++
      void this.look()
    })
    for (const slider of [across, down, pieces]) slider.addEventListener('input', () => void this.look())
    byId('strew', HTMLButtonElement).addEventListener('click', () => {
      this.scatter++
      void this.look()
    })
    const anywhere = (): number => 1.2 * Math.random() - 0.6
    byId('hide', HTMLButtonElement).addEventListener('click', () => this.put([anywhere(), anywhere()]))
    onScheme(() => this.fill())
  }

  private fill(): void {
    fillGallery(gallery, this.digits, this.item, (item) => {
      this.item = item
      void this.look()
    })
  }
}
