// Asks a worker for episodes and shows them on a film: of several wishes the latest.

import type { Colleague } from './colleague.ts'
import type { Film } from './film.ts'
import type { Episode, SceneRequest, Spot } from './wire.ts'

export class Player {
  private colleague: Colleague
  private readonly film: Film
  private request: SceneRequest | undefined
  private label: number | undefined
  private looks: Episode['looks'] = []
  /** Counts what was asked for, so that an answer that comes late is not shown. */
  private asked = 0
  /** Where a look is dragged to while the worker is at the one before. */
  private dragged: { readonly t: number; readonly spot: Spot } | undefined
  private dragging = false

  constructor(colleague: Colleague, film: Film) {
    this.colleague = colleague
    this.film = film
  }

  /** Have another worker look from now on. */
  take(colleague: Colleague): void {
    this.colleague = colleague
  }

  /** Have a scene looked at, and show it from the beginning. @returns what came of it, unless another was asked for meanwhile */
  async play(request: SceneRequest, label: number | undefined): Promise<Episode | undefined> {
    this.request = request
    this.label = label
    return this.show(request, 0)
  }

  /** Take look t elsewhere, and have the agent go on from there. */
  async takeOver(t: number, spot: Spot): Promise<void> {
    this.dragged = { t, spot }
    if (this.dragging) return
    this.dragging = true
    while (this.dragged && this.request) {
      const { t, spot } = this.dragged
      this.dragged = undefined
      const before = this.looks.slice(0, t).map(({ location }) => location)
      await this.show({ ...this.request, locations: [...before, spot] }, t)
    }
    this.dragging = false
  }

  private async show(request: SceneRequest, from: number): Promise<Episode | undefined> {
    const asked = ++this.asked
    const episode = await this.colleague.call('play', request)
    if (asked !== this.asked) return undefined
    this.looks = episode.looks
    this.film.show(episode, this.label, { from, play: !this.film.isHeld })
    return episode
  }
}
