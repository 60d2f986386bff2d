// The one size that images of many sizes are brought to.

import type { Size } from './decode-image.ts'

/** Images of different sizes are brought to no more pixels along a side than these, unless a side is asked for. */
const longest = 256

/**
 * `side` x `side` where a side is asked for; else the size of all, where they have one; else the median width and the
 * median height, made smaller together until neither is above 256. 0x0 for no sizes.
 */
export function commonSize(sizes: readonly Size[], side: number): Size {
  if (sizes.length === 0) return { width: 0, height: 0 }
  if (side > 0) return { width: side, height: side }
  const { width, height } = sizes[0]!
  if (sizes.every((size) => size.width === width && size.height === height)) return { width, height }
  const middle = { width: median(sizes.map((size) => size.width)), height: median(sizes.map((size) => size.height)) }
  const shrink = Math.min(1, longest / Math.max(middle.width, middle.height))
  return {
    width: Math.max(1, Math.round(middle.width * shrink)),
    height: Math.max(1, Math.round(middle.height * shrink)),
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

/** `34x21`: always width first. */
export const inPixels = ({ width, height }: Size): string => `${width}x${height}`

/** `12.3 MB`, in the unit that leaves a number below 1,000. */
export function inUnits(bytes: number): string {
  const [unit, size] = bytes < 1e6 ? ['kB', 1e3] : bytes < 1e9 ? ['MB', 1e6] : (['GB', 1e9] as const)
  return `${(bytes / size).toFixed(1)} ${unit}`
}
