// The ladder of probes: tiny worlds with known optima, each isolating one part of a learner. A learner that fails on a
// rung has its fault there, whatever the rungs above it say. Glimpses are 3x3, made up on the spot without a retina.
//
// | probe          | isolates                     | optimum | chance            |
// | probe/value    | the baseline                 | 1       | 1                 |
// | probe/prediction | the prediction head        | 1       | 1/3               |
// | probe/memory   | the core                     | 1       | 1/3               |
// | probe/location | the location head            | 1       | 1/2               |
// | probe/hint     | all of them together         | 1       | 2/3 without the hint, 1/3 without looking |
//
// Scores are the mean sum of rewards of an episode. "Chance" is for uniform random locations and predictions, where no
// other policy is named.

import { Rng } from '../../core/rng.ts'
import type { Action, Environment, Observation, ResetOptions, Start, Step } from '../environment.ts'
import { checkAction, clip, EpisodeSampler, firstLocations } from '../episodes.ts'
import type { Setting } from '../registry.ts'
import { Box, Discrete } from '../spaces.ts'

const glimpseSide = 3
const glimpseSize = glimpseSide * glimpseSide
const classes = 3

/** What is to be seen and to be said in one episode. */
type Scene = {
  /** The right class. */
  readonly target: number
  /** -1: the left spot, 1: the right spot. */
  readonly side: number
}

/** One rung: what is seen at step `time` (0 is the first look) at (x, y), and what is paid. */
export type Probe = {
  readonly id: string
  readonly description: string
  readonly horizon: number
  /** Whether supervision may know the right class. */
  readonly hasTarget: boolean
  /** Paint the glimpse, 9 cells all 0 before, in rows. */
  see(scene: Scene, time: number, x: number, y: number, cell: Float32Array): void
  /** The reward of moving the gaze to (x, y), where the episode goes on. */
  payLook?(x: number, y: number): number
  /** The reward of the last prediction. */
  payPrediction(scene: Scene, prediction: number): number
}

/** How far a spot of probe/hint is from the centre, and how near to it in x and in y the target is seen. */
const hint = { spot: 0.6, reach: 0.5 }

const named = (scene: Scene, prediction: number): number => (prediction === scene.target ? 1 : 0)

/** The bottom row says the class. */
const showTarget = (scene: Scene, cell: Float32Array): void => {
  cell[6 + scene.target] = 1
}

/** The top row says the side. */
const showSide = (scene: Scene, cell: Float32Array): void => {
  cell[1 + scene.side] = 1
}

export const probes: readonly Probe[] = [
  {
    id: 'probe/value',
    description: 'probe: the reward is always 1 (optimum 1, chance 1); the baseline must become 1 at every step',
    horizon: 2,
    hasTarget: false,
    see() {},
    payPrediction: () => 1,
  },
  {
    id: 'probe/prediction',
    description: 'probe: every glimpse shows the class (optimum 1, chance 1/3)',
    horizon: 2,
    hasTarget: true,
    see: (scene, _time, _x, _y, cell) => showTarget(scene, cell),
    payPrediction: named,
  },
  {
    id: 'probe/memory',
    description: 'probe: only the first glimpse shows the class (optimum 1, chance 1/3)',
    horizon: 3,
    hasTarget: true,
    see: (scene, time, _x, _y, cell) => {
      if (time === 0) showTarget(scene, cell)
    },
    payPrediction: named,
  },
  {
    id: 'probe/location',
    description: 'probe: each of two looks pays (1 + x) / 4, so look to the right (optimum 1, chance 1/2)',
    horizon: 3,
    hasTarget: false,
    see() {},
    payLook: (x) => (1 + x) / 4,
    payPrediction: () => 0,
  },
  {
    id: 'probe/hint',
    description:
      'probe: the first glimpse hints at a side, the second shows the class if it is near (+-0.6, 0) on that side, the third shows nothing (optimum 1, without the hint 2/3, chance 1/3)',
    horizon: 3,
    hasTarget: true,
    see: (scene, time, x, y, cell) => {
      const near = Math.abs(x - scene.side * hint.spot) <= hint.reach && Math.abs(y) <= hint.reach
      if (time === 0) showSide(scene, cell)
      if (time === 1 && near) showTarget(scene, cell)
    },
    payPrediction: named,
  },
]

/** A probe as an environment. An item is an episode's number. */
export class ProbeWorld implements Environment {
  readonly id: string
  readonly batchSize: number
  readonly horizon: number
  readonly itemCount = Infinity
  readonly fixedLength = true
  readonly observationSpace = {
    glimpse: new Box(0, 1, [1, glimpseSide, glimpseSide, 1]),
    location: new Box(-1, 1, [2]),
  }
  readonly actionSpace = { location: new Box(-1, 1, [2]) }
  readonly predictionSpace = new Discrete(classes)
  readonly returnRange = [0, 1] as const

  private readonly probe: Probe
  private readonly sampler: EpisodeSampler
  private scenes: Scene[] | undefined
  private location: Float32Array = new Float32Array(0)
  private glimpse: Float32Array = new Float32Array(0)
  private steps = 0

  constructor(probe: Probe, { batchSize }: Setting) {
    this.probe = probe
    this.id = probe.id
    this.batchSize = batchSize
    this.horizon = probe.horizon
    this.sampler = new EpisodeSampler(this)
  }

  reset(options?: ResetOptions): Start {
    const spec = this.sampler.sample(options)
    this.scenes = Array.from(spec.items, (item) => {
      const rng = Rng.of(spec.seed, 'probe', item)
      return { target: rng.integer(classes), side: rng.integer(2) === 0 ? -1 : 1 }
    })
    this.steps = 0
    this.location = firstLocations(spec, 1)
    this.glimpse = new Float32Array(this.scenes.length * glimpseSize)
    this.look(this.scenes)
    return this.report(this.scenes)
  }

  step(action: Action): Step {
    const { scenes, probe, horizon } = this
    if (!scenes) throw new Error(`${this.id}: step before the first reset; call reset first`)
    const count = scenes.length
    checkAction(this, action, new Uint8Array(count).fill(this.steps < horizon ? 0 : 1))
    const reward = new Float32Array(count)
    this.steps++
    if (this.steps < horizon) {
      this.location = Float32Array.from(action.location!, (coordinate) => clip(coordinate))
      for (let b = 0; b < count; b++) reward[b] = probe.payLook?.(this.location[2 * b]!, this.location[2 * b + 1]!) ?? 0
      this.look(scenes)
    } else if (this.steps === horizon) {
      for (let b = 0; b < count; b++) reward[b] = probe.payPrediction(scenes[b]!, action.prediction![b]!)
    }
    return {
      ...this.report(scenes),
      reward,
      terminated: new Uint8Array(count).fill(this.steps < horizon ? 0 : 1),
      truncated: new Uint8Array(count),
    }
  }

  private look(scenes: readonly Scene[]): void {
    this.glimpse.fill(0)
    for (const [b, scene] of scenes.entries()) {
      const cell = this.glimpse.subarray(b * glimpseSize, (b + 1) * glimpseSize)
      this.probe.see(scene, this.steps, this.location[2 * b]!, this.location[2 * b + 1]!, cell)
    }
  }

  private report(scenes: readonly Scene[]): Start {
    const observation: Observation = { glimpse: this.glimpse.slice(), location: this.location.slice() }
    const info = this.probe.hasTarget ? { target: Int32Array.from(scenes, ({ target }) => target) } : {}
    return { observation, info }
  }
}
