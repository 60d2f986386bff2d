// How sure a figure is: 95 % intervals of error rates, over the images that were tested and over the seeds that were trained.

/** [low, high], in percent. */
export type Interval = readonly [number, number]

/** A figure with its interval, in percent. */
export type Figure = { readonly mean: number; readonly interval: Interval }

const z95 = 1.959964

/**
 * The 95 % interval of an error rate of `percent` on `count` images, as if these were drawn at random: Wilson's score interval
 * (1927), which holds near 0 too. @throws RangeError unless 0 <= percent <= 100 and count is a positive integer.
 */
export function wilson(percent: number, count: number): Interval {
  if (!(percent >= 0 && percent <= 100 && Number.isInteger(count) && count > 0))
    throw new RangeError(`wilson: ${percent} % of ${count}`)
  const p = percent / 100
  const middle = (p + z95 ** 2 / (2 * count)) / (1 + z95 ** 2 / count)
  const half = (z95 * Math.sqrt((p * (1 - p)) / count + z95 ** 2 / (4 * count ** 2))) / (1 + z95 ** 2 / count)
  return [Math.max(0, 100 * (middle - half)), Math.min(100, 100 * (middle + half))]
}

/**
 * A figure of one or several seeds, tested on the same `count` images. Of one seed: Wilson's interval over the images, which
 * says nothing of other seeds. Of k seeds: their mean, and to each side a width that joins both sources of chance in
 * quadrature, the seeds (Student's t with k - 1 degrees of freedom times s / sqrt(k)) and the images (Wilson's, of the mean rate).
 * @throws RangeError where there is no value.
 */
export function figureOf(values: readonly number[], count: number): Figure {
  if (values.length === 0) throw new RangeError('figureOf: no values')
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  if (values.length === 1) return { mean, interval: wilson(mean, count) }
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  const seeds = studentT(values.length - 1) * Math.sqrt(variance / values.length)
  const [low, high] = wilson(mean, count)
  const interval: Interval = [
    Math.max(0, mean - Math.hypot(seeds, mean - low)),
    Math.min(100, mean + Math.hypot(seeds, high - mean)),
  ]
  return { mean, interval }
}

/** The 97.5 % quantile of Student's t. */
function studentT(degrees: number): number {
  const known = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  ]
  // beyond the table the expansion in 1 / degrees is right to three digits (Abramowitz and Stegun 26.7.5)
  const first = (z95 ** 3 + z95) / (4 * degrees)
  const second = (5 * z95 ** 5 + 16 * z95 ** 3 + 3 * z95) / (96 * degrees ** 2)
  return known[degrees - 1] ?? z95 + first + second
}

/** `0.99 [0.77, 1.21]`. */
export const inWords = ({ mean, interval: [low, high] }: Figure): string =>
  `${mean.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`
