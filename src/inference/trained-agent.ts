// A trained agent that looks at pixels: at images one by one or in batches, or, step by step, at whatever stands before it
// now. Runs on any engine, in Node and in a browser.

import { type HeadSpec, headOf } from '../agent/heads.ts'
import { makeAgent, type World } from '../agent/registry.ts'
import { UserError } from '../core/errors.ts'
import { Rng } from '../core/rng.ts'
import { type Arrays, sizeOf } from '../core/tensors.ts'
import type { Engine, Program, Vector } from '../engine/engine.ts'
import { clip } from '../env/episodes.ts'
import { emptyValues } from '../env/spaces.ts'
import { type Pixels, Retina } from '../env/vision/retina.ts'
import { type AgentCard, type AgentFile, worldOfCard } from './agent-file.ts'
import { outputName, type Policy, policyDefinition } from './policy.ts'

/** An image: bytes 0 to 255, or real numbers in [0, 1], in rows. */
export type Image = {
  /** [H, W, C]. */
  readonly pixels: Pixels
  /** Pixels. */
  readonly height: number
  /** Pixels. */
  readonly width: number
  /** C: 1 for grey (the default), 3 for RGB; as the agent was trained. */
  readonly channels?: number
}

/** How to look. */
export type LookOptions = {
  /** The most glimpses; as many as in training by default. */
  readonly glimpses?: number
  /** Where the first glimpse is taken, (x, y) in [-1, 1]; the centre by default; or `random`, from `seed`. */
  readonly start?: readonly [number, number] | 'random'
  readonly seed?: number
  /** Where the first glimpses are taken, (x, y) in [-1, 1]: after the last of these the agent goes on by itself. Wins over `start`. */
  readonly locations?: readonly (readonly [number, number])[]
}

/** One glimpse, and what was made of it. */
export type LookStep = {
  /** Where it was taken, (x, y) in [-1, 1]; (-1, -1) is the top-left corner. */
  readonly location: readonly [number, number]
  /** float32 [S, G, G, C]: what was seen. */
  readonly glimpse: Float32Array
  /** What is believed after it; see `Look`. */
  readonly prediction: number | readonly number[]
  /** float32 [K]; empty for coordinates. */
  readonly probabilities: Float32Array
  /** The return that the agent expects. */
  readonly value: number
  /** Where the eye goes next. */
  readonly next: readonly [number, number]
}

/** What an agent makes of an image. */
export type Look = {
  /** The class; of several predictions, or of coordinates, a number for each place. */
  readonly prediction: number | readonly number[]
  /** What the class is called, where it has a name. */
  readonly name: string | undefined
  /** float32 [K]: the probabilities of the categories, place after place; empty for coordinates. */
  readonly probabilities: Float32Array
  /** Every glimpse, in order. */
  readonly path: readonly LookStep[]
}

/** One glimpse of an eye that looks step by step. */
export type EyeStep = LookStep & {
  /** Whether the agent would end the episode now; only an agent that was trained to stop ever says so. */
  readonly stop: boolean
}

/** An eye that looks step by step and remembers what it has seen: give it what stands before it now. */
export interface Eye {
  /**
   * Take one glimpse of each image, and decide; all at `at`, (x, y) in [-1, 1], where it is given, else where the agent went.
   * @throws UserError on another number of images than the eye was made for.
   */
  look(images: readonly Image[], at?: readonly [number, number]): Promise<EyeStep[]>
}

/** A trained agent. Make one by `loadAgent`, or of an agent file and an engine. */
export class TrainedAgent {
  readonly card: AgentCard
  private readonly policy: Policy
  private readonly engine: Engine
  private readonly parameters: Vector
  private readonly programs = new Map<number, Program>()
  private readonly prediction: HeadSpec | undefined
  private queue: Promise<unknown> = Promise.resolve()
  private disposed = false

  /** @throws UserError where the agent's architecture is not known here, or it needs more than pixels. */
  constructor({ card, layout, parameters }: AgentFile, engine: Engine) {
    const world = worldOfCard(card)
    refuseOtherWorlds(card, world)
    const { name, ...options } = card.agent
    const agent = makeAgent(name, options, world)
    if (String(agent.layout.map(describe)) !== String(layout.map(describe)))
      throw new UserError(`agent ${name}: the file's tensors are not those of this architecture; save it again`)
    this.card = card
    this.policy = { agent, world }
    this.engine = engine
    this.parameters = engine.vector(parameters.length)
    this.parameters.write(parameters)
    this.prediction = world.heads.find(({ name: head }) => head === 'prediction')
  }

  /** T: glimpses an image as in training. */
  get glimpses(): number {
    return this.policy.world.horizon
  }

  /**
   * Look at an image, or at several at once, from the first glimpse to the last, always taking the likeliest action.
   * @throws UserError on pixels that do not fill their image, other channels than in training, or after `dispose`.
   */
  look(image: Image, options?: LookOptions): Promise<Look>
  look(images: readonly Image[], options?: LookOptions): Promise<Look[]>
  async look(given: Image | readonly Image[], options: LookOptions = {}): Promise<Look | Look[]> {
    const images = 'pixels' in given ? [given] : given
    if (images.length === 0) return []
    const { glimpses = this.glimpses, locations = [] } = options
    if (!(Number.isInteger(glimpses) && glimpses > 0))
      throw new UserError(`look: glimpses ${glimpses} given; a positive integer is needed`)
    const eye = this.eye(options, images.length)
    const paths: LookStep[][] = images.map(() => [])
    const over = images.map(() => false)
    for (let t = 0; t < glimpses && !over.every(Boolean); t++)
      for (const [b, step] of (await eye.look(images, locations[t])).entries()) {
        if (over[b]) continue
        paths[b]!.push(step)
        over[b] = step.stop
      }
    const looks = paths.map((path): Look => {
      const { prediction, probabilities } = path.at(-1)!
      const name = typeof prediction === 'number' ? this.card.names.prediction?.[prediction] : undefined
      return { prediction, name, probabilities, path }
    })
    return 'pixels' in given ? looks[0]! : looks
  }

  /** An eye for `batch` images at a time (cameras, say), which remembers what it has seen. */
  eye(options: Pick<LookOptions, 'start' | 'seed'> = {}, batch = 1): Eye {
    const { world, agent } = this.policy
    const size = world.observation.location[0]!
    const location = startOf(options, batch, size)
    let state: Record<string, Float32Array> = Object.fromEntries(
      Object.entries(agent.state).map(([name, shape]) => [`state.${name}`, new Float32Array(batch * sizeOf(shape))]),
    )
    return {
      look: (images, at) =>
        this.inTurn(async () => {
          if (images.length !== batch)
            throw new UserError(`look: ${images.length} images for an eye that looks at ${batch} at a time`)
          if (at) for (let i = 0; i < location.length; i++) location[i] = clip(at[i % size]!)
          const glimpse = this.glimpsesOf(images, location)
          const outputs = await this.program(batch).run({ parameters: this.parameters }, () => ({
            ...state,
            glimpse,
            location,
          }))
          state = Object.fromEntries(
            Object.keys(agent.state).map((name) => [
              `state.${name}`,
              outputs[`next_state.${name}`]!.slice() as Float32Array,
            ]),
          )
          const before = location.slice()
          this.move(location, outputs)
          return images.map((_, b) => this.stepOf(b, batch, { glimpse, before, after: location }, outputs))
        }),
    }
  }

  /** Let go of what the agent holds on its engine; the engine itself stays. */
  async dispose(): Promise<void> {
    this.disposed = true
    await this.queue.catch(() => {})
    for (const program of this.programs.values()) program.dispose()
    this.programs.clear()
    this.parameters.dispose()
  }

  /** One run after the other: a program's outputs are valid until its next run. */
  private inTurn<T>(task: () => Promise<T>): Promise<T> {
    const running = this.queue
      .catch(() => {})
      .then(() => {
        if (this.disposed) throw new UserError('this agent was disposed; load it again')
        return task()
      })
    this.queue = running
    return running
  }

  /** float32 [B, S, G, G, C]: a glimpse of each image. */
  private glimpsesOf(images: readonly Image[], location: Float32Array): Float32Array {
    const { scaleFactor, background } = this.card.eye
    const [scales, glimpseSide, , channels] = this.policy.world.observation.glimpse as [number, number, number, number]
    const size = scales * glimpseSide * glimpseSide * channels
    const out = new Float32Array(images.length * size)
    for (const [b, image] of images.entries()) {
      const { height, width, pixels, channels: own = 1 } = image
      if (own !== channels || pixels.length !== height * width * channels)
        throw new UserError(
          `look: ${pixels.length} numbers given for an image of ${width}x${height} with ${own} channels; this agent takes ${channels} (${width * height * channels} numbers)`,
        )
      const retina = new Retina({ height, width, channels, glimpseSide, scales, scaleFactor, background })
      retina.show(pixels, [0])
      retina.look([0], location.subarray(2 * b, 2 * b + 2), out, b * size)
    }
    return out
  }

  /** Where the eye goes next, in place. */
  private move(location: Float32Array, outputs: Arrays): void {
    const next = outputs.next_location
    if (!next) return
    const isMove = this.card.eye.locationAction === 'move'
    for (let i = 0; i < location.length; i++) location[i] = clip(isMove ? location[i]! + next[i]! : next[i]!)
  }

  private stepOf(
    b: number,
    batch: number,
    seen: { readonly glimpse: Float32Array; readonly before: Float32Array; readonly after: Float32Array },
    outputs: Arrays,
  ): EyeStep {
    const size = seen.glimpse.length / batch
    const at = (values: Float32Array): readonly [number, number] => [values[2 * b]!, values[2 * b + 1]!]
    const stop = outputs.stop_logits
    return {
      location: at(seen.before),
      glimpse: seen.glimpse.slice(b * size, (b + 1) * size),
      ...this.predictionOf(b, outputs),
      value: outputs.value![b]!,
      next: at(seen.after),
      stop: stop ? stop[2 * b + 1]! > stop[2 * b]! : false,
    }
  }

  private predictionOf(b: number, outputs: Arrays): Pick<LookStep, 'prediction' | 'probabilities'> {
    if (!this.prediction) return { prediction: [], probabilities: new Float32Array(0) }
    const { space, kind } = this.prediction
    const head = headOf(space, kind)
    const n = head.outputs()
    const given = outputs[outputName('prediction', space.kind)]!.slice(b * n, (b + 1) * n) as Float32Array
    const values = emptyValues(space, 1)
    head.mode(given, values)
    const probabilities = space.kind === 'discrete' ? given : (head.probabilities(given) ?? new Float32Array(0))
    return { prediction: space.kind === 'discrete' ? values[0]! : Array.from(values), probabilities }
  }

  private program(batch: number): Program {
    const known = this.programs.get(batch)
    if (known) return known
    const made = this.engine.compile(policyDefinition(this.policy, batch))
    this.programs.set(batch, made)
    return made
  }
}

/** @throws UserError where an agent needs more than an image. */
function refuseOtherWorlds({ environment }: AgentCard, { observation, heads }: World): void {
  const further = Object.keys(observation).filter((name) => name !== 'glimpse' && name !== 'location')
  const actions = heads.map(({ name }) => name).filter((name) => !['location', 'stop', 'prediction'].includes(name))
  if (further.length > 0 || actions.length > 0 || observation.location[0] !== 2)
    throw new UserError(
      `this agent plays ${environment.id}, where there is more than an image to look at (${[...further, ...actions].join(', ') || 'another space'}); watch it there, or export its policy`,
    )
}

function startOf(
  { start = [0, 0], seed = 0 }: Pick<LookOptions, 'start' | 'seed'>,
  batch: number,
  size: number,
): Float32Array {
  if (start !== 'random') return Float32Array.from({ length: batch * size }, (_, i) => start[i % 2]!)
  const rng = Rng.of(seed, 'look')
  return Float32Array.from({ length: batch * size }, () => rng.uniform(-1, 1))
}

const describe = ({ name, shape }: { name: string; shape: readonly number[] }): string => `${name}[${shape}]`
