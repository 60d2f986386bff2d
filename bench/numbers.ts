// Small arithmetic of the bench.

/** |a - b| / |b|; 0 where both are nothing, infinite where a length differs or a number is none. */
export function relativeDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  let [apart, size] = [0, 0]
  for (let i = 0; i < b.length; i++) {
    apart += (a[i]! - b[i]!) ** 2
    size += b[i]! ** 2
  }
  if (Number.isNaN(apart) || Number.isNaN(size)) return Number.POSITIVE_INFINITY
  return apart === 0 ? 0 : Math.sqrt(apart / size)
}

/** The middle of the numbers, or the mean of the two in the middle; NaN where there are none. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
