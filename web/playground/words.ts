// What happens at a look, in words: what is seen, what is believed, where the eye goes. Pure.

import type { LookStep } from '../../src/inference/trained-agent.ts'

/** Below this the best guess is none. */
export const sureEnough = 0.5
/** From this on there is no doubt worth telling. */
const certain = 0.9
/** A guess that is worth naming beside the best. */
const rival = 0.15
/** A move that is worth telling, in half images. */
const stir = 0.12

/** A share in percent, with a decimal where it is small. */
export const percent = (share: number): string => `${(100 * share).toFixed(share > 0.0995 ? 0 : 1)} %`

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** The likeliest class. */
export const bestOf = (probabilities: Float32Array): number => probabilities.indexOf(Math.max(...probabilities))

/** `A stroke. 7 or 1? It looks further up to tell.` @param scales windows of the eye */
export function wordsOf(looks: readonly LookStep[], t: number, scales: number): string {
  const { probabilities, location } = looks[t]!
  const next = looks[t + 1]
  const best = bestOf(probabilities)
  const before = t > 0 ? bestOf(looks[t - 1]!.probabilities) : undefined
  const guess = guessOf(probabilities)
  const turned = before !== undefined && before !== best && probabilities[best]! >= sureEnough
  const belief = turned && !guess.endsWith('?') ? `${guess} after all` : guess
  const mark = belief.endsWith('?') ? '' : '.'
  const way = next && directionOf(location, next.location)
  const onward = next === undefined ? '' : way ? ` It looks ${way}${mark ? '' : ' to tell'}.` : ' It looks again.'
  return `${seenIn(looks[t]!, scales)}. ${belief}${mark}${onward}`
}

/** How much ink there is in the finest window. */
function seenIn({ glimpse }: LookStep, scales: number): string {
  const finest = glimpse.subarray(0, glimpse.length / scales)
  const ink = finest.reduce((sum, value) => sum + value, 0) / finest.length
  if (ink < 0.01) return 'Nothing here'
  if (ink < 0.1) return 'The edge of a stroke'
  return ink < 0.4 ? 'A stroke' : 'Strokes all over'
}

/** `7`, `Probably 7`, `7 or 1?`, `Could be anything`. */
function guessOf(probabilities: Float32Array): string {
  const order = Array.from(probabilities.keys()).sort((a, b) => probabilities[b]! - probabilities[a]!)
  const [first = 0] = order
  if (probabilities[first]! >= certain) return `Surely ${first}`
  const named = order.filter((k) => probabilities[k]! >= rival)
  if (named.length === 0) return 'Could be anything'
  if (named.length === 1) return probabilities[first]! >= sureEnough ? `Probably ${first}` : `Perhaps ${first}?`
  return `${named.slice(0, -1).join(', ')} or ${named.at(-1)}?`
}

/** `further up`, `down and to the left`; empty where it hardly moves. */
function directionOf([fromX, fromY]: readonly [number, number], [toX, toY]: readonly [number, number]): string {
  const [x, y] = [toX - fromX, toY - fromY]
  const far = Math.hypot(x, y)
  if (far < stir) return ''
  const vertical = Math.abs(y) > 0.4 * Math.abs(x) ? (y < 0 ? 'up' : 'down') : ''
  const horizontal = Math.abs(x) > 0.4 * Math.abs(y) ? (x < 0 ? 'left' : 'right') : ''
  if (vertical && horizontal) return `${vertical} and to the ${horizontal}`
  return vertical ? `further ${vertical}` : `further to the ${horizontal}`
}

/** What it says in the end, or would say now. */
export type Verdict = {
  /** The digit, or `?` where the belief is not enough for one. */
  readonly sign: string
  readonly words: string
  /** Where it is known what is right, and it has come to its end. */
  readonly judged: 'right' | 'wrong' | ''
}

/** @param label the right class, where it is known */
export function verdictOf(looks: readonly LookStep[], t: number, label: number | undefined): Verdict {
  const { probabilities } = looks[t]!
  const best = bestOf(probabilities)
  const share = probabilities[best]!
  const done = t === looks.length - 1
  const after = `after ${plural(t + 1, 'look')}`
  const right = label === best
  const truth = !done || label === undefined ? '' : right ? '; it is right' : `; it is a ${label}`
  if (share < sureEnough) {
    const guess = guessOf(probabilities).replace('?', '')
    const truth = done && label !== undefined ? `; it is a ${label}` : ''
    return { sign: '?', words: `not sure ${after}: ${guess.toLowerCase()}${truth}`, judged: '' }
  }
  const judged = !done || label === undefined ? '' : right ? 'right' : 'wrong'
  return {
    sign: String(best),
    words: `${done ? 'it says' : 'it would say'}, ${percent(share)} sure ${after}${truth}`,
    judged,
  }
}
