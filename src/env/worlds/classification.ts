// The task "look T times, then name the class" over any set of images, on any canvas (Mnih et al. 2014, section 3).
// An item's canvas is a function of (seed, item) and a first look of (seed, item, repetition), so that a batch may be
// cut and shared out. Images without a canvas are read where they lie.

import { z } from 'zod'
import { Rng } from '../../core/rng.ts'
import type { Action, Environment, Observation, Picture, ResetOptions, Start, Step } from '../environment.ts'
import { type Cast, checkAction, clip, Dealer, firstLooks } from '../episodes.ts'
import type { Setting } from '../registry.ts'
import { Box, Discrete } from '../spaces.ts'
import { type Canvas, checkCanvas, paintCanvas } from '../vision/canvas.ts'
import { distort } from '../vision/distortion.ts'
import { type ImageSet, imageSize } from '../vision/image-set.ts'
import { Retina } from '../vision/retina.ts'

/** The options of the task; each world sets the first four to its own custom. */
export function classificationOptions(world: { glimpses: number; glimpseSide: number; scales: number }) {
  return z.strictObject({
    glimpses: z
      .number()
      .int()
      .min(1)
      .default(world.glimpses)
      .describe('looks per image, the first included (paper: 6 on MNIST, 8 on 60x60)'),
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
    start: z.enum(['random', 'centre']).default('random').describe('where the first look goes (paper: random)'),
    startReach: z
      .number()
      .min(0)
      .max(1)
      .default(1)
      .describe('half-width of the square of random first looks, 1 being the whole image'),
    stop: z.boolean().default(false).describe('let the agent end the episode before the last glimpse'),
    glimpsePrice: z
      .number()
      .min(0)
      .default(0)
      .describe('taken from the reward for every glimpse, the first included; worth its while with stop'),
    reward: z
      .enum(['final', 'gain'])
      .default('final')
      .describe(
        'final: 1 for the right class at the end (paper); gain: besides, at every step the growth of the probability that the agent gives the right class',
      ),
    distortion: z
      .number()
      .min(0)
      .max(4)
      .default(0)
      .describe(
        'how much training images are turned, sheared, scaled and shifted at random, each time anew: 1 is up to 11 degrees, 11 degrees, 12 % and 2 pixels of 28; the paper has none',
      ),
    mirror: z.boolean().default(false).describe('mirror every other training image, left to right'),
    evaluationSeed: z
      .number()
      .int()
      .default(0)
      .describe('seed of the canvases of validation and test, which never change'),
  })
}

export type ClassificationOptions = z.infer<ReturnType<typeof classificationOptions>>

/** What is shown, where, and under which name. */
export type ClassificationTask = Setting & {
  readonly id: string
  readonly set: ImageSet
  /** Without it the images are shown as they are. */
  readonly canvas?: Canvas
  /** The byte seen outside an image that has no canvas; 0 by default. */
  readonly background?: number
  readonly options: ClassificationOptions
}

/**
 * Look, move, look ... and name the class with the last action.
 *
 * The reward is 1 where the choice of an episode's last action is the right class, else 0. With `reward: 'gain'` the
 * t-th step also pays b_t - b_{t-1}, the growth of the probability that `action.belief` gives the right class, where
 * b_0 = 1 / K: over an episode that adds up to the last belief less 1 / K. Every step of a running episode costs
 * `glimpsePrice`, the price of the glimpse that it acted upon.
 */
export class Classification implements Environment {
  readonly id: string
  readonly batchSize: number
  readonly horizon: number
  readonly itemCount: number
  readonly choiceAt = 'end'
  readonly observationSpace: Environment['observationSpace']
  readonly actionSpace: Environment['actionSpace']
  readonly choiceNames: readonly string[]

  private readonly task: ClassificationTask
  private readonly retina: Retina
  private readonly dealer: Dealer
  private canvases: Uint8Array = new Uint8Array(0)
  /** The scenes before the eye: scene n at byte `starts[n]`. */
  private shown: { images: Uint8Array; starts: Float64Array } = { images: this.canvases, starts: new Float64Array(0) }
  private batch: Batch | undefined

  /** @throws UserError where the images do not fit on the canvas. @throws RangeError where the set is empty. */
  constructor(task: ClassificationTask) {
    const { id, set, canvas, background = 0, options } = task
    if (set.indices.length === 0) throw new RangeError(`${id}: ${set.name} has no images for ${task.split}`)
    if (canvas) checkCanvas(canvas, set)
    const { glimpseSide, scales, scaleFactor } = options
    const classes = set.classNames.length
    this.task = task
    this.id = id
    this.batchSize = task.batchSize
    this.horizon = options.glimpses
    this.itemCount = set.indices.length
    this.retina = new Retina({
      height: canvas?.side ?? set.height,
      width: canvas?.side ?? set.width,
      channels: set.channels,
      glimpseSide,
      scales,
      scaleFactor,
      background: canvas ? 0 : background,
    })
    this.observationSpace = {
      glimpse: new Box(0, 1, [scales, glimpseSide, glimpseSide, set.channels]),
      location: new Box(-1, 1, [2]),
    }
    this.actionSpace = {
      location: new Box(-1, 1, [2]),
      choice: new Discrete(classes),
      ...(options.stop && { stop: new Discrete(2) }),
      ...(options.reward === 'gain' && { belief: new Box(0, 1, [classes]) }),
    }
    this.choiceNames = set.classNames
    this.dealer = new Dealer(this)
  }

  reset(options?: ResetOptions): Start {
    const { set, options: task } = this.task
    const cast = this.dealer.deal(options)
    const count = cast.items.length
    this.prepareScenes(cast)
    this.batch = {
      scene: cast.scene,
      target: Int32Array.from(cast.items, (item) => set.labels[set.indices[item]!]!),
      location: firstLooks(cast, task.start === 'centre' ? 0 : task.startReach),
      glimpse: new Float32Array(count * this.retina.size),
      belief: new Float32Array(count).fill(1 / this.actionSpace.choice.count),
      ended: new Uint8Array(count),
      steps: 0,
    }
    this.retina.look(cast.scene, this.batch.location, this.batch.glimpse)
    return { observation: observe(this.batch), info: { target: this.batch.target.slice() } }
  }

  step(action: Action): Step {
    const { batch } = this
    if (!batch) throw new Error(`${this.id}: step before the first reset; call reset first`)
    checkAction(this, action, batch.ended)
    batch.steps++
    const reward = this.settle(batch, action)
    for (let b = 0; b < batch.ended.length; b++) {
      if (batch.ended[b]) continue
      batch.location[2 * b] = clip(action.location[2 * b]!)
      batch.location[2 * b + 1] = clip(action.location[2 * b + 1]!)
    }
    this.retina.look(batch.scene, batch.location, batch.glimpse, 0, batch.ended)
    return {
      observation: observe(batch),
      info: { target: batch.target.slice() },
      reward,
      terminated: batch.ended.slice(),
      truncated: new Uint8Array(batch.ended.length),
    }
  }

  render(episode: number): Picture {
    const { set, canvas, options } = this.task
    if (!this.batch) throw new Error(`${this.id}: render before the first reset; call reset first`)
    const scene = this.batch.scene[episode]!
    const { channels } = set
    const [height, width] = canvas ? [canvas.side, canvas.side] : [set.height, set.width]
    const windows = Array.from(this.retina.cells, (cell) => cell * options.glimpseSide)
    const { images, starts } = this.shown
    const pixels = images.slice(starts[scene]!, starts[scene]! + height * width * channels)
    return { pixels, height, width, channels, windows }
  }

  /** Put the scenes before the eye: the images where they lie, or freshly painted ones. */
  private prepareScenes(cast: Cast): void {
    const { set, canvas, split, options } = this.task
    const starts = new Float64Array(cast.sceneItems.length)
    const distorted = split === 'train' && (options.distortion > 0 || options.mirror)
    if (canvas || distorted) {
      this.paintScenes(cast, starts, distorted)
      this.shown = { images: this.canvases, starts }
    } else {
      for (let n = 0; n < starts.length; n++) starts[n] = set.indices[cast.sceneItems[n]!]! * imageSize(set)
      this.shown = { images: set.images, starts }
    }
    this.retina.show(this.shown.images, starts)
  }

  /** Paint every scene anew, one after another. */
  private paintScenes({ seed, sceneItems }: Cast, starts: Float64Array, distorted: boolean): void {
    const { set, canvas, split, options, background = 0 } = this.task
    const size = canvas ? canvas.side * canvas.side * set.channels : imageSize(set)
    if (this.canvases.length < starts.length * size) this.canvases = new Uint8Array(starts.length * size)
    const canvasSeed = split === 'train' ? seed : options.evaluationSeed
    const drawing = distorted && canvas ? new Uint8Array(imageSize(set)) : undefined
    for (let n = 0; n < starts.length; n++) {
      const item = sceneItems[n]!
      starts[n] = n * size
      if (distorted) {
        const [out, start] = drawing ? [drawing, 0] : [this.canvases, n * size]
        const rng = Rng.of(seed, 'distortion', item)
        distort(
          set,
          set.indices[item]!,
          { strength: options.distortion, mirror: options.mirror },
          canvas ? 0 : background,
          rng,
          out,
          start,
        )
      }
      if (canvas) paintCanvas(canvas, set, item, Rng.of(canvasSeed, 'canvas', item), this.canvases, n * size, drawing)
    }
  }

  /** Pay every running episode, and end those whose last action this was. */
  private settle(batch: Batch, { choice, stop, belief }: Action): Float32Array {
    const { glimpsePrice, reward: kind, stop: mayStop } = this.task.options
    const { target, ended } = batch
    const reward = new Float32Array(ended.length)
    for (let b = 0; b < ended.length; b++) {
      if (ended[b]) continue
      let paid = -glimpsePrice
      if (kind === 'gain') {
        const now = belief![b * this.actionSpace.choice.count + target[b]!]!
        paid += now - batch.belief[b]!
        batch.belief[b] = now
      }
      if (batch.steps === this.horizon || (mayStop && stop?.[b] === 1)) {
        ended[b] = 1
        if (choice[b] === target[b]) paid += 1
      }
      reward[b] = paid
    }
    return reward
  }
}

/** The episodes under way. The arrays are the environment's own; the agent is given copies. */
type Batch = {
  readonly scene: Int32Array
  readonly target: Int32Array
  readonly location: Float32Array
  readonly glimpse: Float32Array
  /** float32 [B]: the probability last given to the right class. */
  readonly belief: Float32Array
  readonly ended: Uint8Array
  steps: number
}

const observe = ({ glimpse, location }: Batch): Observation => ({
  glimpse: glimpse.slice(),
  location: location.slice(),
})
