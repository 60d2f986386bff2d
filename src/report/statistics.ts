// What many replayed episodes say together: the error after each glimpse, who is taken for whom, where the eye goes.

import { categoriesOf, type Space } from '../env/spaces.ts'
import type { Player, Replay } from '../inference/replay.ts'

/** What each further glimpse is worth: [T], after the first, the second ... glimpse. */
export type Gains = {
  /** Percent of the episodes whose likeliest class is wrong. */
  readonly error: readonly number[]
  /** Mean probability of the right class. */
  readonly beliefInTarget: readonly number[]
}

/** An episode that was replayed, in short. */
export type Verdict = {
  readonly item: number
  readonly target: number | undefined
  /** The class predicted, or the move made last. */
  readonly decided: number
  /** Predicted the right class; where there is none, was paid. */
  readonly correct: boolean
  /** Probability of what was decided. */
  readonly confidence: number
}

/** Sums over replays of one run. */
export class Statistics {
  readonly verdicts: Verdict[] = []
  /** Every look but an episode's first, which is not of the agent's choosing. */
  readonly looks: { readonly x: number; readonly y: number; readonly target: number }[] = []
  private readonly wrong: Float64Array
  private readonly belief: Float64Array
  /** K. */
  readonly classes: number

  constructor(steps: number, classes: number) {
    this.wrong = new Float64Array(steps)
    this.belief = new Float64Array(steps)
    this.classes = classes
  }

  /** Count one more batch. An episode that ended early keeps its last belief. */
  add(replay: Replay): void {
    const { batch, steps, belief, returns, lengths, locations } = replay
    const target = belief?.of === 'prediction' ? replay.target : undefined
    const count = belief?.count ?? 0
    for (let b = 0; b < batch; b++) {
      const right = target?.[b]
      const last = Math.max(1, lengths[b]!) - 1
      for (let t = 0; t < steps; t++) {
        const row = (Math.min(t, last) * batch + b) * count
        if (right !== undefined && belief) {
          const probabilities = belief.probabilities.subarray(row, row + count)
          this.wrong[t]! += argMax(probabilities) === right ? 0 : 1
          this.belief[t]! += probabilities[right]!
        }
        const at = 2 * (t * batch + b)
        if (t > 0 && t <= last) this.looks.push({ x: locations[at]!, y: locations[at + 1]!, target: right ?? 0 })
      }
      const decided = belief?.decided[b] ?? 0
      const correct = right === undefined ? returns[b]! > 0 : decided === right
      const confidence = belief?.probabilities[(last * batch + b) * count + decided] ?? 0
      this.verdicts.push({ item: replay.items[b]!, target: right, decided, correct, confidence })
    }
  }

  get gains(): Gains {
    const count = Math.max(1, this.verdicts.length)
    return {
      error: Array.from(this.wrong, (wrong) => (100 * wrong) / count),
      beliefInTarget: Array.from(this.belief, (belief) => belief / count),
    }
  }

  /** int32 [K, K]: how often class i was taken for j. */
  get confusion(): Int32Array {
    const counts = new Int32Array(this.classes * this.classes)
    for (const { target, decided } of this.verdicts)
      if (target !== undefined) counts[target * this.classes + decided]!++
    return counts
  }
}

const noSpace = { kind: 'box' } as Space

/** Replay the first `count` items of the player's split, `atOnce` at a time. */
export async function gather(player: Player, count: number, atOnce = 250): Promise<Statistics> {
  const { environment } = player
  const statistics = new Statistics(
    environment.horizon,
    Math.max(0, ...categoriesOf(environment.predictionSpace ?? noSpace)),
  )
  for (let first = 0; first < count; first += atOnce) {
    const items = Array.from({ length: Math.min(atOnce, count - first) }, (_, i) => first + i)
    statistics.add(await player.play(items, { brief: true }))
  }
  return statistics
}

export function argMax(values: ArrayLike<number>): number {
  let best = 0
  for (let k = 1; k < values.length; k++) if (values[k]! > values[best]!) best = k
  return best
}
