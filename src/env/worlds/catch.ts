// The paper's dynamic world, Catch (Mnih et al. 2014, section 4.2): a ball falls, a paddle waits below, and the eye must
// find both. There is nothing to be predicted; the action `move` is made at every step and learned from the reward alone.

import { z } from 'zod'
import { Rng } from '../../core/rng.ts'
import type { Action, Environment, Observation, Picture, ResetOptions, Start, Step } from '../environment.ts'
import { checkAction, clip, EpisodeSampler, firstLocations } from '../episodes.ts'
import type { Setting } from '../registry.ts'
import { Box, Discrete } from '../spaces.ts'
import { Retina } from '../vision/retina.ts'

export const catchOptions = z.strictObject({
  side: z.number().int().min(4).default(24).describe('pixels along one side of the screen (paper: 24)'),
  paddleWidth: z.number().int().min(1).max(3).default(2).describe('pixels (paper: 2)'),
  glimpseSide: z.number().int().min(1).default(6).describe('cells along one side of a glimpse (paper: 6)'),
  scales: z.number().int().min(1).default(3).describe('windows about one centre, the finest first (paper: 3)'),
  scaleFactor: z.number().min(1).default(2).describe('how much wider each window is than the one before (paper: 2)'),
  start: z.enum(['random', 'centre']).default('random').describe('where the first look goes'),
  startReach: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('half-width of the square of random first looks, 1 being the whole screen'),
})

/** What the moves are called, in the order of their numbers. */
export const moves = ['left', 'stay', 'right'] as const

/** Where ball and paddle are; the ball's row is that of the step. */
type Game = {
  ball: number
  /** Columns per row: -1, 0 or 1. */
  drift: number
  /** The paddle's left pixel. */
  paddle: number
}

/**
 * The ball, one pixel, starts in the top row and falls one row a step, drifting by -1, 0 or 1 columns and bouncing off
 * the side walls; the paddle, in the bottom row, moves by at most one column a step. Both are white on black. The
 * episode ends when the ball reaches the bottom row, after side - 1 steps, and pays 1 if the ball is on the paddle.
 * Every game can be won; a random player wins about one in twelve on the paper's screen. An item is a game's number.
 *
 * The paper does not say how fast the ball drifts nor where the game starts: here the drift, the ball's and the
 * paddle's columns are uniform.
 */
export class Catch implements Environment {
  readonly id: string
  readonly batchSize: number
  readonly horizon: number
  readonly itemCount = Infinity
  readonly fixedLength = true
  readonly observationSpace: Environment['observationSpace']
  readonly actionSpace = { location: new Box(-1, 1, [2]), move: new Discrete(moves.length) }
  readonly returnRange = [0, 1] as const
  readonly names = { move: moves }

  private readonly options: z.infer<typeof catchOptions>
  private readonly retina: Retina
  private readonly sampler: EpisodeSampler
  private batch: Batch | undefined

  constructor(id: string, options: z.infer<typeof catchOptions>, { batchSize }: Pick<Setting, 'batchSize'>) {
    const { side, glimpseSide, scales, scaleFactor } = options
    this.id = id
    this.options = options
    this.batchSize = batchSize
    this.horizon = side - 1
    this.retina = new Retina({ height: side, width: side, channels: 1, glimpseSide, scales, scaleFactor })
    this.observationSpace = {
      glimpse: new Box(0, 1, [scales, glimpseSide, glimpseSide, 1]),
      location: new Box(-1, 1, [2]),
    }
    this.sampler = new EpisodeSampler(this)
  }

  reset(options?: ResetOptions): Start {
    const { side, paddleWidth, start, startReach } = this.options
    const spec = this.sampler.sample(options)
    const count = spec.items.length
    this.batch = {
      games: Array.from(spec.items, (item) => {
        const rng = Rng.of(spec.seed, 'catch', item)
        return { ball: rng.integer(side), drift: rng.integer(3) - 1, paddle: rng.integer(side - paddleWidth + 1) }
      }),
      screens: new Uint8Array(count * side * side),
      starts: Float64Array.from({ length: count }, (_, b) => b * side * side),
      scene: Int32Array.from({ length: count }, (_, b) => b),
      location: firstLocations(spec, start === 'centre' ? 0 : startReach),
      glimpse: new Float32Array(count * this.retina.size),
      ended: new Uint8Array(count),
      row: 0,
    }
    this.look(this.batch)
    return { observation: observe(this.batch), info: {} }
  }

  step(action: Action): Step {
    const { batch } = this
    if (!batch) throw new Error(`${this.id}: step before the first reset; call reset first`)
    checkAction(this, action, batch.ended)
    const reward = new Float32Array(batch.games.length)
    if (batch.row < this.horizon) {
      batch.row++
      for (const [b, game] of batch.games.entries()) this.advance(game, action.move![b]!)
      if (batch.row < this.horizon) {
        batch.location = Float32Array.from(action.location!, (coordinate) => clip(coordinate))
        this.look(batch)
      } else {
        this.draw(batch) // for those who watch; the agent sees it no more
        batch.ended.fill(1)
        for (const [b, { ball, paddle }] of batch.games.entries())
          if (ball >= paddle && ball < paddle + this.options.paddleWidth) reward[b] = 1
      }
    }
    return {
      observation: observe(batch),
      info: {},
      reward,
      terminated: batch.ended.slice(),
      truncated: new Uint8Array(batch.ended.length),
    }
  }

  /** The screen of an episode. @throws Error before the first reset. @throws RangeError on an episode outside the batch. */
  render(episode: number): Picture {
    const { side, glimpseSide } = this.options
    if (!this.batch) throw new Error(`${this.id}: render before the first reset; call reset first`)
    const start = this.batch.starts[episode]
    if (start === undefined) throw new RangeError(`${this.id}: render: there is no episode ${episode}`)
    const pixels = this.batch.screens.slice(start, start + side * side)
    const windows = Array.from(this.retina.cells, (cell) => cell * glimpseSide)
    return { pixels, height: side, width: side, channels: 1, windows }
  }

  /** One step of the game: the paddle moves, the ball drifts and bounces. */
  private advance(game: Game, move: number): void {
    const { side, paddleWidth } = this.options
    game.paddle = Math.min(Math.max(game.paddle + move - 1, 0), side - paddleWidth)
    if (game.ball + game.drift < 0 || game.ball + game.drift >= side) game.drift = -game.drift
    game.ball += game.drift
  }

  private look(batch: Batch): void {
    this.draw(batch)
    this.retina.show(batch.screens, batch.starts)
    this.retina.look(batch.scene, batch.location, batch.glimpse)
  }

  private draw({ games, screens, starts, row }: Batch): void {
    const { side, paddleWidth } = this.options
    screens.fill(0)
    for (const [b, { ball, paddle }] of games.entries()) {
      const bottom = starts[b]! + (side - 1) * side
      screens[starts[b]! + row * side + ball] = 255
      screens.fill(255, bottom + paddle, bottom + paddle + paddleWidth)
    }
  }
}

/** The games under way. The arrays are the environment's own; the agent is given copies. */
type Batch = {
  readonly games: readonly Game[]
  readonly screens: Uint8Array
  readonly starts: Float64Array
  readonly scene: Int32Array
  location: Float32Array
  readonly glimpse: Float32Array
  readonly ended: Uint8Array
  row: number
}

const observe = ({ glimpse, location }: Batch): Observation => ({
  glimpse: glimpse.slice(),
  location: location.slice(),
})
