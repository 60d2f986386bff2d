// One batch of episodes, played: the host's side of a program that acts. It draws actions from what the agent puts out,
// steps the environment, and writes down what happened. Typed arrays only.
//
// Axes: B episodes, T steps, n outputs of a head, D dimensions of a location.

import { type Head, type HeadSpec, headOf } from '../agent/heads.ts'
import type { LocationSampler } from '../algorithms/algorithm.ts'
import { drawnName, trajectoryFields } from '../algorithms/trajectory.ts'
import type { Rng } from '../core/rng.ts'
import { type Arrays, sizeOf } from '../core/tensors.ts'
import type { Program, Vector } from '../engine/engine.ts'
import type { Action, Environment, Observation } from '../env/environment.ts'
import { emptyValues, type SpaceValues } from '../env/spaces.ts'
import { headName, type Plan, programSteps } from './programs.ts'

/** How actions are drawn. */
export type SamplingOptions = {
  /** The likeliest of everything, or draws from the policy. */
  readonly greedy: boolean
  /** Of the policy, in half-widths of a Box. */
  readonly std: number
  /** Whether predictions are drawn too, where actions are: where no target teaches them. */
  readonly drawPredictions: boolean
  /** Each episode's own stream of draws: [B], by item and repetition, so that a batch may be cut at will. */
  readonly streams: readonly Rng[]
}

/** Which episodes. */
export type EpisodeItems = { readonly seed: number; readonly items: ArrayLike<number> }

/** One batch of episodes, from the first observation to the last prediction. */
export class EpisodeBatch {
  /** B. */
  readonly batch: number
  /** What is observed now. */
  observation: Observation
  /** [B, ...] in the prediction's space, where the world has targets. */
  readonly target: SpaceValues | undefined
  /** What happened, by the names of the trajectory's fields, [T, B, ...]; `target` [B, ...] among them where it teaches. */
  readonly fields: Readonly<Record<string, SpaceValues>>
  /** What was observed, and what the agent put out, step by step. */
  readonly observations: Observation[] = []
  readonly outputs: Arrays[] = []
  /** float32 [B]: the value of the observation after the last step; where it was asked for. */
  lastValue: Float32Array | undefined

  private readonly environment: Environment
  private readonly locationSampler: LocationSampler | undefined
  private readonly options: SamplingOptions
  private readonly heads: readonly (HeadSpec & { readonly head: Head })[]
  private readonly running: Uint8Array

  /** Starts the episodes. */
  constructor(plan: Plan, options: SamplingOptions, { seed, items }: EpisodeItems) {
    const { environment, algorithm, spec } = plan
    const { observation, info } = environment.reset({ seed, items })
    const [batch, steps] = [items.length, environment.horizon]
    this.environment = environment
    this.locationSampler = algorithm.locationSampler
    this.options = options
    this.heads = spec.heads.map((each) => ({ ...each, head: headOf(each.space, each.kind) }))
    this.batch = batch
    this.observation = observation
    this.target = info.target
    this.fields = Object.fromEntries(
      trajectoryFields(spec).map(({ name, shape, dtype, each }) => {
        if (name === 'target') return [name, info.target!]
        const length = (each === 'step' ? steps : 1) * batch * sizeOf(shape)
        return [name, dtype === 'int32' ? new Int32Array(length) : new Float32Array(length)]
      }),
    )
    this.running = new Uint8Array(batch).fill(1)
  }

  /** Act on what the agent puts out at step t, and let the world move. `outputs` is copied. */
  act(t: number, outputs: Arrays): void {
    const { batch, environment, running, fields } = this
    this.observations.push(this.observation)
    this.outputs.push(copy(outputs))
    const action: Record<string, SpaceValues> = {}
    for (const { name, space, head } of this.heads) {
      const size = batch * space.size
      const drawn = fields[drawnName(name)]!.subarray(t * size, (t + 1) * size)
      const given = outputs[headName(name)] as Float32Array | undefined
      if (name === 'location' && this.locationSampler) this.sampleLocations(t, given, drawn as Float32Array)
      else if (given) this.draw(name, head, given, drawn)
      action[name] = drawn
      if (name === 'prediction' && environment.readsProbabilities && given)
        action.probabilities = head.probabilities(given)!
    }
    const step = environment.step(action as Action)
    const everyStep = environment.predictionScored === 'every-step'
    for (let b = 0; b < batch; b++) {
      if (!running[b]) continue
      const row = t * batch + b
      const ended = step.terminated[b] || step.truncated[b] ? 1 : 0
      fields.reward![row] = step.reward[b]!
      fields.running![row] = 1
      fields.continued![row] = 1 - ended
      fields.scored![row] = environment.predictionSpace && (everyStep || ended) ? 1 : 0
      if (fields.truncated) fields.truncated[row] = step.truncated[b]!
      running[b] = 1 - ended
    }
    this.observation = step.observation
  }

  /** Draw one head's values for all running episodes, or take the likeliest. */
  private draw(name: string, head: Head, outputs: Float32Array, out: SpaceValues): void {
    const { greedy, std, drawPredictions, streams } = this.options
    if (greedy || (name === 'prediction' && !drawPredictions)) head.mode(outputs, out)
    else for (let b = 0; b < this.batch; b++) if (this.running[b]) head.sample(outputs, b, std, streams[b]!, out)
  }

  /** Where to look next by the algorithm's own sampler: places, or in a world of moves the moves towards them. */
  private sampleLocations(step: number, mean: Float32Array | undefined, out: Float32Array): void {
    const { std, streams } = this.options
    const size = out.length / this.batch
    const seen = this.observation.location
    const isMove = this.environment.locationAction === 'move'
    for (let b = 0; b < this.batch; b++) {
      const row = out.subarray(b * size, (b + 1) * size)
      const location = seen.subarray(b * size, (b + 1) * size)
      const context = { location, std, step, rng: streams[b]! }
      this.locationSampler!(
        { ...context, mean: mean?.subarray(b * size, (b + 1) * size) ?? new Float32Array(size) },
        row,
      )
      if (isMove) for (let i = 0; i < size; i++) row[i]! -= location[i]!
    }
  }

  /** float32 [B]: the sum of what each episode was paid. */
  returns(): Float32Array {
    return this.perEpisode(this.fields.reward as Float32Array)
  }

  /** float32 [B]: how many steps each episode took. */
  lengths(): Float32Array {
    return this.perEpisode(this.fields.running as Float32Array)
  }

  /** Each episode's last prediction, [B, ...] in the prediction's space. */
  lastPrediction(): SpaceValues {
    const { predictionSpace } = this.environment
    const last = emptyValues(predictionSpace!, this.batch)
    const { size } = predictionSpace!
    const drawn = this.fields[drawnName('prediction')]!
    this.eachLastStep((b, row) => last.set(drawn.subarray(row * size, (row + 1) * size), b * size))
    return last
  }

  /** float32 [B, n]: what the prediction head put out at each episode's last step. */
  lastPredictionOutputs(): Float32Array {
    const n = this.heads.find(({ name }) => name === 'prediction')!.head.outputs()
    const last = new Float32Array(this.batch * n)
    this.eachLastStep((b, row) => {
      const given = this.outputs[Math.floor(row / this.batch)]![headName('prediction')]
      if (given) last.set(given.subarray(b * n, (b + 1) * n), b * n)
    })
    return last
  }

  /** Visits each episode with the row, t * B + b, of its last step. */
  private eachLastStep(visit: (b: number, row: number) => void): void {
    const { running } = this.fields
    for (let b = 0; b < this.batch; b++)
      for (let t = this.outputs.length - 1; t >= 0; t--)
        if (running![t * this.batch + b]) {
          visit(b, t * this.batch + b)
          break
        }
  }

  /** Root mean square distance of the locations drawn from their mean over the batch, averaged over the steps; 0 where there are none. */
  spread(): number {
    const drawn = this.fields[drawnName('location')]
    if (!drawn) return 0
    const size = drawn.length / (this.environment.horizon * this.batch)
    const steps = Math.max(1, this.observations.length - 1)
    let total = 0
    for (let t = 0; t < steps; t++) {
      const sums = new Float64Array(size)
      let squares = 0
      for (let i = t * this.batch * size; i < (t + 1) * this.batch * size; i++) {
        sums[i % size]! += drawn[i]!
        squares += drawn[i]! ** 2
      }
      const variance = sums.reduce((left, sum) => left - (sum / this.batch) ** 2, squares / this.batch)
      total += Math.sqrt(Math.max(0, variance))
    }
    return total / steps
  }

  private perEpisode(values: Float32Array): Float32Array {
    const sums = new Float32Array(this.batch)
    for (let row = 0; row < values.length; row++) sums[row % this.batch]! += values[row]!
    return sums
  }
}

/**
 * Play a batch of episodes to its end with a program that acts.
 * @param watch called before every observation is handed to the agent
 */
export async function playThrough(
  program: Program,
  parameters: Vector,
  plan: Plan,
  episodes: EpisodeBatch,
  watch: () => void = () => {},
): Promise<void> {
  const { horizon } = plan.environment
  const last = await program.run({ parameters }, (stage, outputs) => {
    if (stage > 0) episodes.act(stage - 1, outputs)
    if (stage < horizon) watch()
    return episodes.observation
  })
  if (programSteps(plan) > horizon) episodes.lastValue = (last.value as Float32Array).slice()
  else episodes.act(horizon - 1, last)
}

const copy = (arrays: Arrays): Arrays =>
  Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, values.slice()]))
