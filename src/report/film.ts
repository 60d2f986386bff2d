// A batch of episodes as a film: the eye moves over each scene, beside it what the retina sees, what has been seen so far,
// and the belief after each glimpse. Frames are SVG; gif.ts makes one file of them.

import type { Environment } from '../env/environment.ts'
import type { Replay } from '../inference/replay.ts'
import { drawBars } from './belief-bars.ts'
import { drawGlimpse, drawReconstruction, drawScene, type Place, Reconstruction } from './gaze.ts'
import { widthOf } from './measure.ts'
import { element, shortened, svgDocument, text } from './svg.ts'
import { faded, right, rule, wrong } from './theme.ts'
import { verdictOn } from './verdict.ts'

/** What is filmed. */
export type Reel = {
  readonly replay: Replay
  /** [S, G, G, C]. */
  readonly glimpseShape: readonly number[]
  /** Whether the scene changes and nothing is predicted: a game. Otherwise the scene stands and the last prediction counts. */
  readonly moving: boolean
  /** Such as `MNIST, reinforce, after 3 epochs`. */
  readonly title: string
}

/** A replay with what a film must know of its world. */
export function reelOf(environment: Environment, replay: Replay, title: string): Reel {
  return {
    replay,
    title,
    glimpseShape: environment.observationSpace.glimpse.shape,
    moving: environment.predictionSpace === undefined,
  }
}

/** One picture of a film, and how long it stays. */
export type Frame = { readonly svg: string; readonly milliseconds: number }

const [pane, gap, barsWidth, margin, header, caption] = [104, 10, 132, 20, 66, 24]
const cardWidth = 3 * pane + 3 * gap + barsWidth
const cardHeight = pane + caption
const cardGap = 34

/** Frames between two looks: in which the eye moves, and in which the belief follows. */
export const tweens = { moving: 5, settling: 3 } as const

/**
 * The film: of standing scenes, 1 + (T - 1) * (moving + settling) frames, in which eye and belief glide; of a game, one
 * frame a step. One more frame, the longest, gives the verdict.
 * @throws RangeError where the replay has no pictures.
 */
export function film(reel: Reel): Frame[] {
  const { replay, moving } = reel
  if (!replay.pictures) throw new RangeError('film: the replay has no pictures')
  const frames: Frame[] = []
  const show = (moment: Moment, milliseconds: number): void => {
    frames.push({ svg: drawMoment(reel, moment), milliseconds })
  }
  show({ step: 0, eye: 1, mind: 1, judged: false }, moving ? 300 : 900)
  for (let step = 1; step < replay.steps; step++) {
    if (!moving) {
      for (let i = 1; i <= tweens.moving; i++)
        show({ step, eye: eased(i / (tweens.moving + 1)), mind: 0, judged: false }, 50)
      for (let i = 1; i < tweens.settling; i++)
        show({ step, eye: 1, mind: eased(i / tweens.settling), judged: false }, 60)
    }
    show({ step, eye: 1, mind: 1, judged: false }, moving ? 130 : 650)
  }
  show({ step: replay.steps - 1, eye: 1, mind: 1, judged: true }, 2600)
  return frames
}

/** A point of the film: on the way from the step before (0) to this step (1). */
type Moment = {
  readonly step: number
  /** Of the eye's way; what it sees changes when it arrives. */
  readonly eye: number
  /** Of the belief's. */
  readonly mind: number
  readonly judged: boolean
}

const eased = (share: number): number => share * share * (3 - 2 * share)

function drawMoment(reel: Reel, moment: Moment): string {
  const { replay, title, moving } = reel
  const across = replay.batch > 1 ? 2 : 1
  const down = Math.ceil(replay.batch / across)
  const width = 2 * margin + across * cardWidth + (across - 1) * cardGap
  const height = header + down * (cardHeight + 6) + 8
  const arrived = moment.eye === 1 ? moment.step + 1 : moment.step
  const count = moving ? `step ${moment.step + 1} of ${replay.steps}` : `glimpse ${arrived} of ${replay.steps}`
  const headings = Array.from({ length: across }, (_, column) => {
    const left = margin + column * (cardWidth + cardGap)
    const words = [moving ? 'the world' : 'the image', 'what the retina sees', moving ? 'in its place' : 'seen so far']
    return [...words, 'belief, %'].map((word, i) =>
      text(word, left + i * (pane + gap), header - 8, { size: 10, fill: faded }),
    )
  }).flat()
  const cards = Array.from({ length: replay.batch }, (_, b) => {
    const x = margin + (b % across) * (cardWidth + cardGap)
    const y = header + Math.floor(b / across) * (cardHeight + 6)
    return drawCard(reel, moment, b, x, y)
  })
  return svgDocument(
    width,
    height,
    text(
      shortened(title, width - 2 * margin - 110, (part) => widthOf(part, 15, true)),
      margin,
      30,
      { size: 15, bold: true },
    ),
    text(count, width - margin, 30, { size: 12, fill: faded, anchor: 'end' }),
    element('line', { x1: margin, x2: width - margin, y1: 41, y2: 41, stroke: rule }),
    ...headings,
    ...cards,
  )
}

/** One episode: scene, retina, reconstruction, belief, and at last the verdict. */
function drawCard(reel: Reel, { step, eye, mind, judged }: Moment, b: number, x: number, y: number): string {
  const { replay, glimpseShape, moving } = reel
  const end = replay.lengths[b]! - 1
  const now = Math.min(step, end)
  const glide = step <= end
  const arrived = glide && eye < 1 ? now - 1 : now
  const picture = judged ? replay.finale![b]! : replay.pictures![now]![b]!
  const at = glide ? between(placeAt(replay, now - 1, b), placeAt(replay, now, b), eye) : placeAt(replay, now, b)
  const path = moving ? [] : Array.from({ length: arrived + 1 }, (_, t) => placeAt(replay, t, b))
  const paneAt = (i: number): number => x + i * (pane + gap)
  const probabilities = blend(beliefAt(replay, now - 1, b), beliefAt(replay, now, b), glide ? mind : 1)
  const over = judged || step > end
  return [
    drawScene(
      picture,
      x,
      y,
      pane,
      judged && moving ? {} : { at, path: glide && eye < 1 && !moving ? [...path, at] : path },
    ),
    drawGlimpse(glimpseAt(replay, arrived, b), glimpseShape, paneAt(1), y, pane),
    drawReconstruction(reconstructionOf(reel, moving ? arrived : 0, arrived, b), paneAt(2), y, pane),
    drawBars(
      { probabilities, names: replay.belief?.names ?? [], target: replay.target?.[b], judged: over },
      paneAt(3),
      y,
      barsWidth,
      pane,
    ),
    over ? drawVerdict(reel, b, x, y + pane + 15, cardWidth) : '',
  ].join('')
}

/** `7`, with a tick; `3, not 8`, with a cross; of a game, what was paid. In `room` pixels across. */
export function drawVerdict({ replay }: Reel, b: number, x: number, y: number, room: number): string {
  const { correct, words } = verdictOn(replay, b)
  const shown = shortened(words, room - 15, (part) => widthOf(part, 11, true))
  return drawMark(correct, x, y - 8) + text(shown, x + 15, y, { size: 11, bold: true, fill: correct ? right : wrong })
}

/** A tick or a cross, 9 wide and high. */
export function drawMark(correct: boolean, x: number, y: number): string {
  const [cross, tick] = ['M1.5,1.5 L7.5,7.5 M7.5,1.5 L1.5,7.5', 'M1,5 L3.5,7.5 L8.5,1.5']
  const stroke = { fill: 'none', stroke: correct ? right : wrong, 'stroke-width': 2, 'stroke-linecap': 'round' }
  return element('path', { d: correct ? tick : cross, transform: `translate(${x},${y})`, ...stroke })
}

/** Where glimpse t of episode b was taken; the first, where t is before it. */
export function placeAt({ locations, batch }: Replay, t: number, b: number): Place {
  const at = 2 * (Math.max(0, t) * batch + b)
  return [locations[at]!, locations[at + 1]!]
}

/** float32 [S, G, G, C]: glimpse t of episode b. */
export function glimpseAt({ observations, batch }: Replay, t: number, b: number): Float32Array {
  const { glimpse } = observations[t]!
  const size = glimpse.length / batch
  return glimpse.subarray(b * size, (b + 1) * size)
}

/** float32 [K]: the belief of episode b after glimpse t; before the first, none is better than another; empty where nothing is discrete. */
export function beliefAt({ belief, batch }: Replay, t: number, b: number): Float32Array {
  if (!belief) return new Float32Array(0)
  const { probabilities, count } = belief
  if (t < 0) return new Float32Array(count).fill(1 / count)
  const at = (t * batch + b) * count
  return probabilities.subarray(at, at + count)
}

/** What the glimpses `from` to `to` of episode b show together. */
export function reconstructionOf({ replay, glimpseShape }: Reel, from: number, to: number, b: number): Reconstruction {
  const reconstruction = new Reconstruction(replay.pictures![to]![b]!)
  for (let t = from; t <= to; t++) reconstruction.add(glimpseAt(replay, t, b), placeAt(replay, t, b), glimpseShape[1]!)
  return reconstruction
}

const between = (from: Place, to: Place, share: number): Place => [
  from[0] + (to[0] - from[0]) * share,
  from[1] + (to[1] - from[1]) * share,
]

const blend = (from: Float32Array, to: Float32Array, share: number): Float32Array =>
  from.map((value, k) => value + (to[k]! - value) * share)
