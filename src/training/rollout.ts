// One batch of episodes, played: the host's side of a program that acts. It draws locations and choices from what the
// agent yields, steps the environment, and writes down what happened. Typed arrays only.
//
// Axes: B episodes, T steps, K classes (or moves).

import { argMaxRows, sampleCategorical, sampleGaussian, softmaxRows } from '../agent/distributions.ts'
import type { Algorithm } from '../algorithms/algorithm.ts'
import type { Rng } from '../core/rng.ts'
import type { Arrays } from '../core/tensors.ts'
import type { Program, Vector } from '../engine/engine.ts'
import type { Environment, Observation } from '../env/environment.ts'

/** How to act. */
export type Manner = {
  /** The mean location and the likeliest choice, or draws from the policy. */
  readonly greedy: boolean
  /** Standard deviation of the location draws. */
  readonly std: number
  readonly rng: Rng
}

/** One batch of episodes, from the first look to the last choice. */
export class Rollout {
  /** B. */
  readonly batch: number
  /** What is seen now. */
  observation: Observation
  /** int32 [B], where the world has targets. */
  readonly target: Int32Array | undefined
  /** float32 [T, B, 2], int32 [T, B], float32 [T, B] ...: what happened, as the fields of `Trajectory`. */
  readonly location: Float32Array
  readonly choice: Int32Array
  readonly stop: Float32Array
  readonly reward: Float32Array
  readonly alive: Float32Array
  readonly looked: Float32Array
  readonly decided: Float32Array
  /** What was seen, and what the agent yielded, step by step. */
  readonly sights: Observation[] = []
  readonly thoughts: Arrays[] = []

  private readonly environment: Environment
  private readonly algorithm: Algorithm
  private readonly manner: Manner
  private readonly drawsChoice: boolean
  private readonly running: Uint8Array

  /** Starts the episodes of `items`. */
  constructor(environment: Environment, algorithm: Algorithm, manner: Manner, seed: number, items: Int32Array) {
    const { observation, info } = environment.reset({ seed, items })
    const [batch, steps] = [items.length, environment.horizon]
    this.environment = environment
    this.algorithm = algorithm
    this.manner = manner
    this.batch = batch
    this.observation = observation
    this.target = info.target
    this.drawsChoice = !manner.greedy && !isSupervised(environment, algorithm, info.target)
    this.location = new Float32Array(steps * batch * 2)
    this.choice = new Int32Array(steps * batch)
    this.stop = new Float32Array(steps * batch)
    this.reward = new Float32Array(steps * batch)
    this.alive = new Float32Array(steps * batch)
    this.looked = new Float32Array(steps * batch)
    this.decided = new Float32Array(steps * batch)
    this.running = new Uint8Array(batch).fill(1)
  }

  /** Act on what the agent thinks at step t, and let the world move. `thought` is copied. */
  act(t: number, thought: Arrays): void {
    const { batch, environment, manner, running } = this
    const location = this.location.subarray(t * batch * 2, (t + 1) * batch * 2)
    const choice = this.choice.subarray(t * batch, (t + 1) * batch)
    const logits = thought.choiceLogits as Float32Array | undefined
    this.sights.push(this.observation)
    this.thoughts.push(copy(thought))

    this.look(t, thought.locationMean as Float32Array | undefined, location)
    if (logits && this.drawsChoice) sampleCategorical(logits, manner.rng, choice)
    else if (logits) argMaxRows(logits, choice)
    const stop = this.decideStop(t, thought.stopLogit as Float32Array | undefined)
    const belief = environment.actionSpace.belief && logits && softmaxRows(logits, logits.length / batch)

    const step = environment.step({ location, choice, ...(stop && { stop }), ...(belief && { belief }) })
    const everyStep = environment.choiceAt === 'every-step'
    for (let b = 0; b < batch; b++) {
      if (!running[b]) continue
      const row = t * batch + b
      const ended = step.terminated[b] || step.truncated[b] ? 1 : 0
      this.alive[row] = 1
      this.looked[row] = 1 - ended
      this.decided[row] = everyStep ? 1 : ended
      this.reward[row] = step.reward[b]!
      running[b] = 1 - ended
    }
    this.observation = step.observation
  }

  /** Where to look next: the algorithm's own gaze, the mean, or a draw around it. */
  private look(t: number, mean: Float32Array | undefined, out: Float32Array): void {
    const { greedy, std, rng } = this.manner
    if (this.algorithm.gaze) this.algorithm.gaze(mean ?? out, std, t, rng, out)
    else if (mean && greedy) out.set(mean)
    else if (mean) sampleGaussian(mean, std, rng, out)
  }

  /** Whether to end each episode now, uint8 [B]; undefined where the agent has no say. */
  private decideStop(t: number, logit: Float32Array | undefined): Uint8Array | undefined {
    if (!logit) return undefined
    const { greedy, rng } = this.manner
    const stop = Uint8Array.from(logit, (x) => ((greedy ? x > 0 : rng.uniform() < 1 / (1 + Math.exp(-x))) ? 1 : 0))
    this.stop.set(stop, t * this.batch)
    return stop
  }

  /** float32 [B]: what each episode was paid in all. */
  returns(): Float32Array {
    return this.perEpisode((row) => this.reward[row]!)
  }

  /** float32 [B]: how many steps each episode took. */
  lengths(): Float32Array {
    return this.perEpisode((row) => this.alive[row]!)
  }

  /** float32 [B, K]: the logits of each episode's last decision. */
  lastLogits(classCount: number): Float32Array {
    const last = new Float32Array(this.batch * classCount)
    for (const [t, { choiceLogits }] of this.thoughts.entries()) {
      if (!choiceLogits) continue
      for (let b = 0; b < this.batch; b++)
        if (this.alive[t * this.batch + b])
          last.set(choiceLogits.subarray(b * classCount, (b + 1) * classCount), b * classCount)
    }
    return last
  }

  /** Root mean square distance of the looked-at locations from their mean over the batch, averaged over the steps. */
  spread(): number {
    let total = 0
    const steps = Math.max(1, this.sights.length - 1)
    for (let t = 0; t < steps; t++) {
      let [x, y, squares] = [0, 0, 0]
      for (let row = t * this.batch; row < (t + 1) * this.batch; row++) {
        const [u, v] = [this.location[2 * row]!, this.location[2 * row + 1]!]
        x += u
        y += v
        squares += u * u + v * v
      }
      total += Math.sqrt(Math.max(0, squares / this.batch - (x / this.batch) ** 2 - (y / this.batch) ** 2))
    }
    return total / steps
  }

  private perEpisode(value: (row: number) => number): Float32Array {
    const sums = new Float32Array(this.batch)
    for (let row = 0; row < this.alive.length; row++) sums[row % this.batch]! += value(row)
    return sums
  }
}

/**
 * Play a rollout's episodes to their end with a program that acts.
 * @param watch called before every glimpse is handed to the agent
 */
export async function playThrough(
  program: Program,
  parameters: Vector,
  rollout: Rollout,
  watch: () => void = () => {},
): Promise<void> {
  const last = await program.run({ parameters }, (stage, thought) => {
    if (stage > 0) rollout.act(stage - 1, thought)
    watch()
    return rollout.observation
  })
  rollout.act(rollout.sights.length, last)
}

/** Whether the choice is taught by a target rather than by reward. */
export function isSupervised(environment: Environment, algorithm: Algorithm, target: Int32Array | undefined): boolean {
  return algorithm.supervision !== 'none' && environment.choiceAt === 'end' && target !== undefined
}

/** The first step at which a choice can count. */
export function firstDecision(environment: Environment): number {
  return environment.choiceAt === 'every-step' || environment.actionSpace.stop ? 0 : environment.horizon - 1
}

const copy = (arrays: Arrays): Arrays =>
  Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, values.slice()]))
