// Scenes of ap_gym's CircleSquare (0.7.1): one circle or square, white, anywhere in a small image, also half outside of it.
// With the gradient, every pixel says how far the object's middle is: 1 there, less in proportion to the distance.

import { Discrete } from '../spaces.ts'
import { paintedScenes, type SceneSource } from './scenes.ts'

/** What is drawn. */
export type CircleSquare = {
  /** Pixels along one side of the image. */
  readonly side: number
  /** Pixels across the object; with its middle on a pixel it covers one more. */
  readonly extent: number
  /** Whether the background leads to the object; black without it. */
  readonly gradient: boolean
}

/**
 * Every image there is, once: item `label + 2 * (x + side * y)` has its object's middle on pixel (x, y). A square is of
 * class 0, a circle of class 1. They are real numbers, as in ap_gym, so that the gradient has no steps.
 */
export function circleSquareScenes({ side, extent, gradient }: CircleSquare): SceneSource {
  const longest = side * Math.SQRT2
  const half = extent / 2
  return paintedScenes({
    ...{ height: side, width: side, channels: 1, itemCount: 2 * side * side, pixels: 'float', fixed: 'all' },
    predictionSpace: new Discrete(2),
    classNames: ['square', 'circle'],
    paint(item, _rng, out, at) {
      const isCircle = item % 2 === 1
      const place = Math.floor(item / 2)
      const [middleX, middleY] = [place % side, Math.floor(place / side)]
      for (let i = 0; i < side * side; i++) {
        const [x, y] = [(i % side) - middleX, Math.floor(i / side) - middleY]
        const distance = Math.hypot(x, y)
        const inside = isCircle ? distance <= half : Math.max(Math.abs(x), Math.abs(y)) <= half
        out[at + i] = inside ? 1 : gradient ? 1 - distance / longest : 0
      }
    },
    answer: (item) => item % 2,
  })
}
