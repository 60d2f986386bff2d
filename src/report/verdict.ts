// What came of an episode, in words. Pure: runs in a browser too.

import type { SpaceValues } from '../env/spaces.ts'
import type { Replay } from '../inference/replay.ts'

/** Whether episode b went well, and in words what came of it; `shorten` makes names shorter. */
export function verdictOn(
  { target, belief, prediction, returns, batch }: Replay,
  b: number,
  shorten: (name: string) => string = (name) => name,
): { readonly correct: boolean; readonly words: string } {
  const paid = `paid ${Number(returns[b]!.toFixed(2))}`
  if (!target || !prediction) return { correct: returns[b]! > 0, words: paid }
  const size = target.length / batch
  const rowOf = (values: SpaceValues): number[] => Array.from(values.subarray(b * size, (b + 1) * size))
  const correct = rowOf(target).every((value, i) => value === rowOf(prediction)[i])
  if (belief?.of !== 'prediction') return { correct: returns[b]! > 0, words: paid }
  const named = (values: SpaceValues): string =>
    size === 1 ? shorten(belief.names[values[b]!]!) : rowOf(values).join(' ')
  return { correct, words: correct ? named(prediction) : `${named(prediction)}, not ${named(target)}` }
}
