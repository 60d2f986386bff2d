// The task "look T times, then say what there is" over any scenes (Mnih et al. 2014, section 3): a class, several classes,
// or coordinates. An item's scene is a function of (seed, item) and a first location of (seed, item, repetition), so that a
// batch may be cut and shared out.

import { z } from 'zod'
import { OptionError } from '../../core/errors.ts'
import type { Action, Environment, Observation, Picture, ResetOptions, Start, Step } from '../environment.ts'
import { checkAction, clip, EpisodeSampler, firstLocations } from '../episodes.ts'
import { Box, Discrete, type SpaceValues } from '../spaces.ts'
import type { SceneSource } from './scenes.ts'
import { beliefIn, blindBelief, scoreOf } from './scoring.ts'
import { type DrawnScenes, pictureOf, targetsOf, type View, viewOf } from './view.ts'

/** The options of the task; each world sets the first three to its own custom. */
export function perceptionOptions(world: { glimpses: number; glimpseSide: number; scales: number }) {
  return z.strictObject({
    glimpses: z
      .number()
      .int()
      .min(1)
      .default(world.glimpses)
      .describe('glimpses an episode, the first included (paper: 6 on MNIST, 8 on 60x60)'),
    glimpseSide: z
      .number()
      .int()
      .min(1)
      .default(world.glimpseSide)
      .describe('cells along one side of a glimpse (paper: 8 on MNIST, 12 on 60x60)'),
    scales: z
      .number()
      .int()
      .min(1)
      .default(world.scales)
      .describe('windows about one centre, the finest first (paper: 1 on MNIST, 3 on 60x60, 4 on 100x100)'),
    scaleFactor: z.number().min(1).default(2).describe('how much wider each window is than the one before (paper: 2)'),
    contextSide: z
      .number()
      .int()
      .min(0)
      .max(256)
      .default(0)
      .describe(
        'cells along the longer side of a coarse view of the whole image, from which the agent starts (the context network of Ba et al. 2015); 0 for none',
      ),
    start: z.enum(['random', 'centre']).default('random').describe('where the first glimpse is taken (paper: random)'),
    startReach: z
      .number()
      .min(0)
      .max(1)
      .default(1)
      .describe('half-width of the square of random first locations, 1 being the whole image'),
    stop: z.boolean().default(false).describe('let the agent end the episode before the last glimpse'),
    glimpsePrice: z
      .number()
      .min(0)
      .default(0)
      .describe('taken from the reward for every glimpse, the first included; meant for use with stop'),
    reward: z
      .enum(['final', 'gain'])
      .default('final')
      .describe(
        'final: 1 for the right prediction at the end (paper); gain: and at every step the rise of the probability given to the right prediction',
      ),
  })
}

export type PerceptionOptions = z.infer<ReturnType<typeof perceptionOptions>>

/** What is shown, and under which name. */
export type PerceptionTask = {
  readonly id: string
  /** B where `reset` is not told which items. */
  readonly batchSize: number
  readonly source: SceneSource | DrawnScenes
  readonly options: PerceptionOptions
}

/**
 * Look, move, look ... and say what there is with the last action.
 *
 * With an episode's last action the reward is the share of the prediction's places that are right: for one class, 1 or 0;
 * for coordinates, minus the squared distance. With `reward: 'gain'` the t-th step also pays b_t - b_{t-1}, where b is the
 * mean probability that `action.probabilities` gives what is right in each place, and b_0 that of a uniform guess; for
 * coordinates, minus the squared distance, and b_0 that of the middle. Every step of a running episode costs `glimpsePrice`,
 * the price of the glimpse that it acted upon.
 */
export class Perception implements Environment {
  readonly id: string
  readonly batchSize: number
  readonly horizon: number
  readonly itemCount: number
  readonly observationSpace: Environment['observationSpace']
  readonly actionSpace: Environment['actionSpace']
  readonly predictionSpace: NonNullable<Environment['predictionSpace']>
  readonly predictionScored: NonNullable<Environment['predictionScored']>
  readonly readsProbabilities: boolean
  readonly fixedLength: boolean
  readonly returnRange?: readonly [number, number]
  readonly names: Readonly<Record<string, readonly string[]>>

  private readonly source: SceneSource | DrawnScenes
  private readonly options: PerceptionOptions
  private readonly view: View
  private readonly sampler: EpisodeSampler
  private batch: Batch | undefined

  /** @throws RangeError where there are no items, or the retina refuses its shape. */
  constructor({ id, batchSize, source, options }: PerceptionTask) {
    const { glimpseSide, scales, scaleFactor, contextSide } = options
    const { channels, itemCount, predictionSpace, classNames } = source
    if (!(itemCount > 0)) throw new OptionError(`${id}: there are no images to show`)
    this.id = id
    this.batchSize = batchSize
    this.source = source
    this.options = options
    this.horizon = options.glimpses
    this.itemCount = itemCount
    this.view = viewOf(source, { glimpseSide, scales, scaleFactor, contextSide })
    this.observationSpace = {
      glimpse: new Box(0, 1, [scales, glimpseSide, glimpseSide, channels]),
      location: new Box(-1, 1, [2]),
      ...(contextSide > 0 && { context: new Box(0, 1, [contextSide, contextSide, channels]) }),
    }
    this.actionSpace = { location: new Box(-1, 1, [2]), ...(options.stop && { stop: new Discrete(2) }) }
    this.predictionSpace = predictionSpace
    this.predictionScored = options.reward === 'gain' && predictionSpace.kind === 'box' ? 'every-step' : 'last-step'
    this.fixedLength = !options.stop
    this.readsProbabilities = options.reward === 'gain' && predictionSpace.kind !== 'box'
    if (options.reward === 'final' && options.glimpsePrice === 0 && predictionSpace.kind !== 'box')
      this.returnRange = [0, 1]
    this.names = classNames ? { prediction: classNames } : {}
    this.sampler = new EpisodeSampler(this)
  }

  get fingerprint(): string | undefined {
    return this.source.fingerprint
  }

  reset(options?: ResetOptions): Start {
    const { source, options: task, predictionSpace, view } = this
    const spec = this.sampler.sample(options)
    const count = spec.items.length
    const target = targetsOf(source, spec)
    view.show(spec.seed, spec.sceneItems)
    this.batch = {
      scene: spec.scene,
      target,
      location: firstLocations(spec, task.start === 'centre' ? 0 : task.startReach, source.firstLook?.bind(source)),
      glimpse: new Float32Array(count * view.size),
      context: this.observationSpace.context && new Float32Array(count * this.observationSpace.context.size),
      belief: Float32Array.from({ length: count }, (_, b) => blindBelief(predictionSpace, target, b)),
      ended: new Uint8Array(count),
      steps: 0,
    }
    view.look(spec.scene, this.batch.location, this.batch.glimpse)
    if (this.batch.context) view.overview!(spec.scene, this.batch.context)
    return { observation: observe(this.batch), info: { target: target.slice() } }
  }

  step(action: Action): Step {
    const { batch } = this
    if (!batch) throw new Error(`${this.id}: step before the first reset; call reset first`)
    checkAction(this, action, batch.ended)
    batch.steps++
    const reward = this.settle(batch, action)
    const location = action.location!
    for (let b = 0; b < batch.ended.length; b++) {
      if (batch.ended[b]) continue
      batch.location[2 * b] = clip(location[2 * b]!)
      batch.location[2 * b + 1] = clip(location[2 * b + 1]!)
    }
    this.view.look(batch.scene, batch.location, batch.glimpse, batch.ended)
    return {
      observation: observe(batch),
      info: { target: batch.target.slice() },
      reward,
      terminated: batch.ended.slice(),
      truncated: new Uint8Array(batch.ended.length),
    }
  }

  /** The scene of an episode. @throws Error before the first reset. @throws RangeError on an episode outside the batch. */
  render(episode: number): Picture {
    return pictureOf(this.id, this.view, this.batch?.scene, episode)
  }

  /** Pay every running episode, and end those whose last action this was. */
  private settle(batch: Batch, action: Action): Float32Array {
    const { predictionSpace, options } = this
    const { glimpsePrice, reward: kind, stop: mayStop } = options
    const { target, ended } = batch
    const reward = new Float32Array(ended.length)
    for (let b = 0; b < ended.length; b++) {
      if (ended[b]) continue
      let paid = -glimpsePrice
      if (kind === 'gain') {
        const now = beliefIn(predictionSpace, action.prediction!, action.probabilities, target, b)
        paid += now - batch.belief[b]!
        batch.belief[b] = now
      }
      if (batch.steps === this.horizon || (mayStop && action.stop![b] === 1)) {
        ended[b] = 1
        paid += scoreOf(predictionSpace, action.prediction!, target, b)
      }
      reward[b] = paid
    }
    return reward
  }
}

/** The episodes under way. The arrays are the environment's own; the agent is given copies. */
type Batch = {
  readonly scene: Int32Array
  readonly target: SpaceValues
  readonly location: Float32Array
  readonly glimpse: Float32Array
  /** The coarse views of the whole scenes, where there are any. */
  readonly context: Float32Array | undefined
  /** float32 [B]: the belief last held in what is right. */
  readonly belief: Float32Array
  readonly ended: Uint8Array
  steps: number
}

const observe = ({ glimpse, location, context }: Batch): Observation => ({
  glimpse: glimpse.slice(),
  location: location.slice(),
  ...(context && { context: context.slice() }),
})
