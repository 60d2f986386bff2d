// You be the eye: as many looks as the agent has, by clicking; then the agent's path over the same digit, and both scores.

import { parseIdxImages, parseIdxLabels } from '../../src/datasets/idx.ts'
import { byId, element, onScheme, sharpContext } from '../dom.ts'
import { frameOf, readPalette } from '../scene.ts'
import { unpacked } from './bytes.ts'
import { digitAt, digitSide } from './digit.ts'
import { inside, spotOf, wayOf } from './spots.ts'
import { drawStage, strokeFrame } from './stage.ts'
import type { Digits, Episode, SceneRequest, Spot } from './wire.ts'
import { plural, verdictOf } from './words.ts'

/** How far one press of an arrow key goes, in half images. */
const stride = 1 / 14

const [stage, other] = [byId('game-stage', HTMLCanvasElement), byId('agent-stage', HTMLCanvasElement)]
const answers = byId('answers', HTMLElement)

const say = (id: string, text: string): void => {
  byId(id, HTMLElement).textContent = text
}

/** Digits that nobody here has seen yet. */
let digits: Promise<Digits> | undefined

async function fetchDigits(): Promise<Digits> {
  const [images, labels] = await Promise.all(
    ['images-idx3', 'labels-idx1'].map((name) => unpacked(new URL(`mnist/t10k-${name}-ubyte.gz`, document.baseURI))),
  )
  return { images: parseIdxImages(images!, 'images').images, labels: parseIdxLabels(labels!, 'labels') }
}

export class Game {
  /** How many looks each has. */
  glimpses = 6
  private readonly play: (request: SceneRequest) => Promise<Episode>
  private readonly told: (text: string) => void
  private round = 0
  private digit = new Uint8Array(digitSide * digitSide)
  private label = 0
  private spots: Spot[] = []
  private yours: Episode | undefined
  private agents: Episode | undefined
  private answer: number | undefined
  private cursor: Spot | undefined
  private busy = false
  private readonly score = { you: 0, agent: 0, rounds: 0 }

  constructor(play: (request: SceneRequest) => Promise<Episode>, told: (text: string) => void) {
    this.play = play
    this.told = told
    this.listen()
  }

  /** A new digit, unseen. */
  async begin(): Promise<void> {
    digits ??= fetchDigits()
    const { images, labels } = await digits
    const item = Math.floor(Math.random() * labels.length)
    this.round++
    this.digit = digitAt(images, item).slice()
    this.label = labels[item]!
    this.spots = []
    this.yours = undefined
    this.agents = undefined
    this.answer = undefined
    byId('game-other', HTMLElement).hidden = true
    say('game-yours', 'You')
    // whose picture says how large the window is, before anybody has looked
    this.agents = await this.play(this.request([]))
    this.tell()
    this.paint()
  }

  private request(locations: readonly Spot[]): SceneRequest {
    const { digit, round: first } = this
    return { digit, clutter: 0, scatter: 1, first, ...(locations.length > 0 && { locations }) }
  }

  private get left(): number {
    return this.glimpses - this.spots.length
  }

  private async look(spot: Spot): Promise<void> {
    if (this.busy || this.left === 0) return
    this.busy = true
    this.spots = [...this.spots, spot]
    this.yours = await this.play(this.request(this.spots))
    this.busy = false
    this.tell()
    this.paint()
  }

  private decide(answer: number): void {
    if (this.answer !== undefined || !this.agents) return
    this.answer = answer
    const { sign } = verdictOf(this.agents.looks, this.agents.looks.length - 1, this.label)
    this.score.rounds++
    if (answer === this.label) this.score.you++
    if (sign === String(this.label)) this.score.agent++
    const fromYours = verdictOf(this.yours!.looks, this.glimpses - 1, this.label).sign
    byId('game-other', HTMLElement).hidden = false
    say('game-yours', `You said ${answer}; with your looks the agent would say ${fromYours}`)
    say('game-agents', `The agent's own looks: it says ${sign}`)
    this.tell()
    this.paint()
  }

  private tell(): void {
    const { left, answer, label, score } = this
    const words =
      answer !== undefined
        ? `It is a ${label}: ${answer === label ? 'you are right' : 'you are wrong'}. Both paths are shown.`
        : left > 0
          ? `A digit is hidden here. Click where you want to look: ${plural(left, 'look')} left.`
          : 'No look left: what is it?'
    say('game-words', words)
    this.told(words)
    const tally = (points: number): string => `${points} of ${score.rounds}`
    say('score', score.rounds === 0 ? '' : `You ${tally(score.you)}, the agent ${tally(score.agent)}`)
    for (const button of answers.querySelectorAll('button')) {
      button.disabled = left > 0 || answer !== undefined
      const mine = Number(button.textContent)
      button.className = answer === undefined ? '' : mine === label ? 'right' : mine === answer ? 'wrong' : ''
    }
  }

  private paint(): void {
    const { yours, agents, spots, answer, cursor } = this
    const over = answer !== undefined
    if (yours) drawStage(stage, { episode: yours, now: spots.length - 1, onward: 0, onlySeen: !over })
    else this.paintFog()
    if (!over && cursor && agents) {
      const drawn = { width: stage.clientWidth, height: stage.clientHeight }
      for (const window of agents.picture.windows)
        strokeFrame(stage.getContext('2d')!, frameOf(cursor, window, agents.picture, drawn), readPalette(), 0.6, 2)
    }
    if (over) drawStage(other, { episode: agents!, now: agents!.looks.length - 1, onward: 0, onlySeen: false })
  }

  private paintFog(): void {
    const { context, width, height } = sharpContext(stage)
    context.fillStyle = readPalette().fog
    context.fillRect(0, 0, width, height)
  }

  private listen(): void {
    byId('game-new', HTMLButtonElement).addEventListener('click', () => void this.begin())
    answers.replaceChildren(
      ...Array.from({ length: 10 }, (_, k) => {
        const button = element('button', { type: 'button', disabled: true }, String(k))
        button.addEventListener('click', () => this.decide(k))
        return button
      }),
    )
    stage.addEventListener('pointermove', (event) => this.point(spotOf(stage, event)))
    stage.addEventListener('pointerleave', () => this.point(undefined))
    stage.addEventListener('click', (event) => void this.look(spotOf(stage, event)))
    stage.addEventListener('keydown', (event) => this.press(event))
    new ResizeObserver(() => this.paint()).observe(stage)
    new ResizeObserver(() => this.paint()).observe(other)
    onScheme(() => this.paint())
  }

  private point(spot: Spot | undefined): void {
    this.cursor = spot
    this.paint()
  }

  private press(event: KeyboardEvent): void {
    const way = wayOf(event.key, stride)
    const [x, y] = this.cursor ?? [0, 0]
    if (way) this.point([inside(x + way[0]), inside(y + way[1])])
    else if (event.key === 'Enter' || event.key === ' ') void this.look([x, y])
    else return
    event.preventDefault()
    event.stopPropagation()
  }
}
