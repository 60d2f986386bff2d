// The rules of ap_gym's image worlds (Active Perception Gym 0.7.1, Schneider et al.; MIT) over any scenes: a small eye moves
// by short steps, says at every step what it believes, and pays for what it does not know yet. What is to be said is what
// the source asks, or, to locate, where a glimpse that is shown was taken.
//
// Two things differ from ap_gym, both by the laws of `environment.ts`: the last observation of an episode is that of the
// step before, and a move is clipped to its Box before its length is taken (as their action space asks for, too).

import { z } from 'zod'
import { OptionError } from '../../core/errors.ts'
import { Rng } from '../../core/rng.ts'
import type { Action, Environment, Observation, Picture, ResetOptions, Start, Step } from '../environment.ts'
import { checkAction, clip, type EpisodeBatchSpec, EpisodeSampler, firstLocations } from '../episodes.ts'
import { Box, categoriesOf, type Space, type SpaceValues } from '../spaces.ts'
import { PlaceGrid } from './distinctive.ts'
import type { SceneSource } from './scenes.ts'
import { beliefIn, blindBelief, normalisedLoss } from './scoring.ts'
import { pictureOf, targetsOf, type View, viewOf } from './view.ts'

/** The options of the rules; the defaults are ap_gym's. */
export const activePerceptionOptions = z.strictObject({
  glimpses: z.int().min(1).max(1024).default(16).describe('steps of an episode, one glimpse and one move each'),
  glimpseSide: z.int().min(1).max(1024).default(5).describe('pixels along one side of the glimpse'),
  maxMove: z
    .number()
    .positive()
    .max(2)
    .default(0.2)
    .describe('the longest move, in location units: from the middle to where the glimpse touches the border is 1'),
  reward: z
    .enum(['dense', 'sparse', 'gain', 'none'])
    .default('dense')
    .describe(
      'what is paid for predictions: minus their loss at every step or at the last one, the loss being cross-entropy or squared error over that of a blind guess; gain (not in ap_gym): at every step the growth of the probability of what is right, or of minus the squared error; or nothing',
    ),
  movePrice: z
    .number()
    .min(0)
    .default(1e-3)
    .describe('taken from the reward for a move of the largest length, and less in proportion'),
  invertLabels: z
    .boolean()
    .default(false)
    .describe(
      'in every other episode the classes are named in reverse order, which is shown with the first glimpse only: a test of memory',
    ),
})

export type ActivePerceptionOptions = z.infer<typeof activePerceptionOptions>

/** What is shown, and what is to be said of it. */
export type ActivePerceptionTask = {
  readonly id: string
  /** B where `reset` is not told which items. */
  readonly batchSize: number
  readonly source: SceneSource
  readonly options: ActivePerceptionOptions
  /** Ask for the coordinates of a glimpse that is shown, instead of what the source asks; false by default. */
  readonly locate?: boolean
}

/** How many distinctive places of a scene a target is drawn from (ap_gym: `unique_sampling_top_k`). */
const distinctivePlaces = 10

/**
 * Look, believe, move, for a fixed number of steps.
 *
 * A location of 1 is where the glimpse touches the border: the window never leaves the image. A move is cut to the length
 * `maxMove`, its direction kept, and the eye stops at the border. Every step is paid minus `movePrice` times the move's
 * length over `maxMove`, and minus the loss of the prediction as `reward` says. Besides glimpse and location is observed
 * `timeStep`, -1 at first, 1 after the last step; with `invertLabels`, `invertedLabel` (a one of three: no, yes, and
 * "told before"); to locate, `targetGlimpse`.
 */
export class ActivePerception implements Environment {
  readonly id: string
  readonly batchSize: number
  readonly horizon: number
  readonly itemCount: number
  readonly observationSpace: Environment['observationSpace']
  readonly actionSpace: { readonly location: Box }
  readonly locationAction = 'move'
  readonly predictionSpace: Space
  readonly predictionScored = 'every-step'
  readonly readsProbabilities: boolean
  readonly fixedLength = true
  readonly names: Readonly<Record<string, readonly string[]>>

  private readonly source: SceneSource
  private readonly options: ActivePerceptionOptions
  private readonly locate: boolean
  private readonly grid: PlaceGrid
  /** Distinctive places, by item. */
  private readonly known = new Map<number, readonly number[]>()
  private readonly view: View
  /** Location units in those of the view, by x and y. */
  private readonly span: readonly [number, number]
  private readonly sampler: EpisodeSampler
  private batch: Batch | undefined

  /** @throws RangeError where there are no items, the glimpse is wider than the image, or labels to invert are no classes. */
  constructor({ id, batchSize, source, options, locate = false }: ActivePerceptionTask) {
    const { glimpseSide, maxMove, invertLabels } = options
    const { height, width, channels, itemCount, predictionSpace, classNames } = source
    if (!(itemCount > 0)) throw new OptionError(`${id}: there are no images to show`)
    if (glimpseSide >= Math.min(height, width))
      throw new OptionError(`${id}: glimpseSide ${glimpseSide} must be less than the image's ${width}x${height} pixels`)
    if (invertLabels && (locate || predictionSpace.kind !== 'discrete'))
      throw new OptionError(`${id}: invertLabels needs a world of classes; this one asks for something else`)
    this.id = id
    this.batchSize = batchSize
    this.source = source
    this.options = options
    this.locate = locate
    this.grid = new PlaceGrid([cellOf(glimpseSide, width), cellOf(glimpseSide, height)])
    this.horizon = options.glimpses
    this.itemCount = itemCount
    this.view = viewOf(source, { glimpseSide, scales: 1, scaleFactor: 1 })
    this.span = [(width - glimpseSide) / width, (height - glimpseSide) / height]
    this.observationSpace = {
      glimpse: new Box(0, 1, [1, glimpseSide, glimpseSide, channels]),
      location: new Box(-1, 1, [2]),
      timeStep: new Box(-1, 1, [1]),
      ...(invertLabels && { invertedLabel: new Box(0, 1, [3]) }),
      ...(locate && { targetGlimpse: new Box(0, 1, [1, glimpseSide, glimpseSide, channels]) }),
    }
    this.actionSpace = { location: new Box(-maxMove, maxMove, [2]) }
    this.predictionSpace = locate ? new Box(-1, 1, [2]) : predictionSpace
    this.readsProbabilities = options.reward !== 'none' && this.predictionSpace.kind !== 'box'
    this.names = classNames && !locate ? { prediction: classNames } : {}
    this.sampler = new EpisodeSampler(this)
  }

  get fingerprint(): string | undefined {
    return this.source.fingerprint
  }

  reset(options?: ResetOptions): Start {
    const { source, view, locate } = this
    const spec = this.sampler.sample(options)
    const count = spec.items.length
    view.show(spec.seed, spec.sceneItems)
    const inverted = this.options.invertLabels ? drawInverted(spec) : undefined
    const target = locate ? this.drawTargets(spec) : targetsOf(source, spec)
    if (inverted) {
      const [classes] = categoriesOf(this.predictionSpace) as [number]
      for (let b = 0; b < count; b++) if (inverted[b]) target[b] = classes - 1 - target[b]!
    }
    this.batch = {
      scene: spec.scene,
      target,
      inverted,
      location: Float64Array.from(firstLocations(spec, 1)),
      glimpse: new Float32Array(count * view.size),
      targetGlimpse: new Float32Array(locate ? count * view.size : 0),
      belief: Float64Array.from({ length: count }, (_, b) => blindBelief(this.predictionSpace, target, b)),
      steps: 0,
    }
    this.look(this.batch.location, this.batch.glimpse)
    if (locate) this.look(target, this.batch.targetGlimpse)
    return { observation: this.observe(this.batch), info: { target: target.slice() } }
  }

  step(action: Action): Step {
    const { batch, horizon } = this
    if (!batch) throw new Error(`${this.id}: step before the first reset; call reset first`)
    const count = batch.scene.length
    const ended = new Uint8Array(count).fill(batch.steps >= horizon ? 1 : 0)
    checkAction(this, action, ended)
    const reward = new Float32Array(count)
    if (batch.steps < horizon) {
      batch.steps++
      this.move(batch, action, reward)
      this.payPredictions(batch, action, reward)
    }
    const terminated = new Uint8Array(count).fill(batch.steps >= horizon ? 1 : 0)
    const info = { target: batch.target.slice() }
    return { observation: this.observe(batch), info, reward, terminated, truncated: new Uint8Array(count) }
  }

  /** The scene of an episode. @throws Error before the first reset. @throws RangeError on an episode outside the batch. */
  render(episode: number): Picture {
    return { ...pictureOf(this.id, this.view, this.batch?.scene, episode), span: this.span }
  }

  /** Move every eye, take the price of it from the reward, and look, if the episode goes on. */
  private move({ location, glimpse, steps }: Batch, action: Action, reward: Float32Array): void {
    const { maxMove, movePrice } = this.options
    const moves = action.location as Float32Array
    const goesOn = steps < this.horizon
    for (let b = 0; b < reward.length; b++) {
      const x = clip(moves[2 * b]!, -maxMove, maxMove)
      const y = clip(moves[2 * b + 1]!, -maxMove, maxMove)
      const length = Math.hypot(x, y) / maxMove
      reward[b] = -movePrice * length
      if (!goesOn) continue
      const share = 1 / Math.max(1, length)
      location[2 * b] = clip(location[2 * b]! + share * x)
      location[2 * b + 1] = clip(location[2 * b + 1]! + share * y)
    }
    if (goesOn) this.look(location, glimpse)
  }

  /** Add what the predictions are worth to the reward. */
  private payPredictions({ target, belief, steps }: Batch, action: Action, reward: Float32Array): void {
    const { predictionSpace: space, options } = this
    const { prediction, probabilities } = action as Required<Action>
    const { reward: kind } = options
    if (kind === 'none' || (kind === 'sparse' && steps < this.horizon)) return
    for (let b = 0; b < reward.length; b++) {
      if (kind === 'gain') {
        const now = beliefIn(space, prediction, probabilities, target, b)
        reward[b]! += now - belief[b]!
        belief[b] = now
      } else reward[b]! -= normalisedLoss(space, prediction, probabilities, target, b)
    }
  }

  /** Look from locations [B, 2] in this world's units. */
  private look(location: ArrayLike<number>, out: Float32Array): void {
    const { scene } = this.batch!
    this.view.look(
      scene,
      Float64Array.from(location, (x, i) => x * this.span[i % 2]!),
      out,
    )
  }

  private observe({ glimpse, location, inverted, targetGlimpse, steps, scene }: Batch): Observation {
    // what the last action would have shown is never seen
    const time = Math.min(steps, this.horizon - 1)
    return {
      glimpse: glimpse.slice(),
      location: Float32Array.from(location),
      timeStep: new Float32Array(scene.length).fill((2 * time) / this.horizon - 1),
      ...(inverted && { invertedLabel: shownInverted(inverted, time) }),
      ...(this.locate && { targetGlimpse: targetGlimpse.slice() }),
    }
  }

  /** Near a place of each scene that looks like no other, float32 [B, 2]; a function of (seed, item). */
  private drawTargets({ seed, sceneItems, scene }: EpisodeBatchSpec): Float32Array {
    const places = Array.from(sceneItems, (item, n) =>
      this.grid.drawNear(this.distinctiveOf(item, n), Rng.of(seed, 'target', item)),
    )
    return Float32Array.from({ length: 2 * scene.length }, (_, i) => places[scene[i >> 1]!]![i % 2]!)
  }

  /** The distinctive places of an item's scene, the n-th of those shown; looked for once, if it is always the same. */
  private distinctiveOf(item: number, n: number): readonly number[] {
    const { view, span, source, known } = this
    const found = known.get(item) ?? this.grid.distinctive(view, n, span, distinctivePlaces)
    if (source.unchanging) known.set(item, found)
    return found
  }
}

/** A fifth of the glimpse, in location units: how far apart the places are that are compared. */
const cellOf = (glimpseSide: number, side: number): number => (0.2 * glimpseSide) / ((side - glimpseSide) / 2)

/** uint8 [B]: whether labels are inverted, a function of (seed, item, repetition). */
const drawInverted = ({ seed, items, repetition }: EpisodeBatchSpec): Uint8Array =>
  Uint8Array.from(items, (item, b) => Rng.of(seed, 'inverted', item, repetition[b]!).integer(2))

/** float32 [B, 3], a one of three: no, yes, told before. */
function shownInverted(inverted: Uint8Array, time: number): Float32Array {
  const shown = new Float32Array(3 * inverted.length)
  for (let b = 0; b < inverted.length; b++) shown[3 * b + (time === 0 ? inverted[b]! : 2)] = 1
  return shown
}

/** The episodes under way; all end together. The arrays are the environment's own. */
type Batch = {
  readonly scene: Int32Array
  readonly target: SpaceValues
  /** uint8 [B], where labels may be inverted. */
  readonly inverted: Uint8Array | undefined
  /** float64 [B, 2]. */
  readonly location: Float64Array
  readonly glimpse: Float32Array
  readonly targetGlimpse: Float32Array
  /** float64 [B]: the belief last held in what is right. */
  readonly belief: Float64Array
  steps: number
}
