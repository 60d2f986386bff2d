// Where an axis is marked, and with which words: round numbers, never two marks of the same words.

/** Numbers in rising order, each 1, 2 or 5 times a power of ten apart: as many as there are in [low, high], at most `most`. */
export function niceTicks(low: number, high: number, most = 6): number[] {
  if (!(high > low)) return [low]
  const step = roundStep((high - low) / Math.max(1, most - 1))
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, i) => clean((first + i) * step))
}

/** [low, high] widened to round numbers. */
export function niceRange(low: number, high: number, most = 6): [number, number] {
  if (!(high > low)) {
    const room = Math.abs(low) / 10 || 1
    return [low - room, low + room]
  }
  const step = roundStep((high - low) / Math.max(1, most - 1))
  return [clean(Math.floor(low / step + 1e-9) * step), clean(Math.ceil(high / step - 1e-9) * step)]
}

/** Whole numbers from the first to the last, at most `most` of them. */
export function wholeTicks(first: number, last: number, most = 8): number[] {
  const [step = 10_000] = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000].filter(
    (size) => (last - first) / size <= most - 1,
  )
  const multiples = Array.from({ length: Math.floor(last / step) + 1 }, (_, i) => i * step)
  return [...new Set([first, ...multiples.filter((tick) => tick >= first + step / 2)])]
}

/** Marks of a logarithmic axis, at most `most`: 1, 2 and 5 of each decade where there is room, else 1 and 3, else powers of ten. */
export function logTicks(low: number, high: number, most = 6): number[] {
  const decades = Array.from({ length: 40 }, (_, i) => i - 20)
  const within = (factors: readonly number[], every = 1): number[] =>
    decades
      .filter((power) => power % every === 0)
      .flatMap((power) => factors.map((factor) => clean(factor * 10 ** power)))
      .filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9))
  const choices = [
    within([1, 1.5, 2, 3, 5, 7]),
    within([1, 2, 5]),
    within([1, 3]),
    within([1]),
    within([1], 2),
    within([1], 4),
  ]
  const fitting = choices.find((ticks) => ticks.length <= most && ticks.length >= Math.min(3, most))
  if (fitting) return fitting
  // hardly a decade: round numbers as on a linear axis
  const linear = niceTicks(low, high, most).filter((tick) => tick > 0)
  return linear.length > 0 ? linear : [clean(low), clean(high)]
}

/** Words for marks: as few digits as tell them apart, thousands as `12k`, tiny numbers as `2e-5`. */
export function tickWords(ticks: readonly number[]): string[] {
  const largest = Math.max(...ticks.map(Math.abs))
  const [factor, suffix] = largest >= 2e6 ? [1e6, 'M'] : largest >= 1e4 ? [1e3, 'k'] : [1, '']
  const shown = ticks.map((tick) => tick / factor)
  for (let digits = 0; digits <= 4; digits++) {
    const words = shown.map((value) => (value === 0 ? '0' : trimmed(value.toFixed(digits))))
    const exact = shown.every((value, i) => Math.abs(Number(words[i]) - value) <= 1e-6 * Math.abs(value))
    if (exact) return words.map((word) => (word === '0' ? word : word + suffix))
  }
  return ticks.map((tick) => (tick === 0 ? '0' : tick >= 0.001 ? String(clean(tick)) : tick.toExponential()))
}

/** As many of the marks, evenly, as stand beside each other without touching: their words are `widths` wide, at `places`. */
export function withoutCollision<Tick>(
  ticks: readonly Tick[],
  placeOf: (tick: Tick) => number,
  widthOf: (tick: Tick) => number,
  gap = 8,
): Tick[] {
  for (let every = 1; every < ticks.length; every++) {
    const kept = ticks.filter((_, i) => i % every === 0)
    const free = kept.every((tick, i) => {
      const next = kept[i + 1]
      if (next === undefined) return true
      return Math.abs(placeOf(next) - placeOf(tick)) >= (widthOf(tick) + widthOf(next)) / 2 + gap
    })
    if (free) return kept
  }
  return ticks.slice(0, 1)
}

/** The smallest of 1, 2, 5 times a power of ten that is no smaller. */
function roundStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size))
  const factor = [1, 2, 5, 10].find((each) => each * power >= size * (1 - 1e-9))!
  return factor * power
}

/** Without the dust of binary fractions. */
const clean = (value: number): number => Number(value.toPrecision(12))

const trimmed = (words: string): string => (words.includes('.') ? words.replace(/\.?0+$/, '') : words)
