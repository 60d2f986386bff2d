// Places on a stage, in half images from the middle of the scene.

import type { Spot } from '../scene.ts'

/** A coordinate, kept within the scene. */
export const inside = (value: number): number => Math.min(1, Math.max(-1, value))

/** Where on a stage the pointer is. */
export function spotOf(stage: HTMLElement, { clientX, clientY }: MouseEvent): Spot {
  const { left, top, width, height } = stage.getBoundingClientRect()
  return [inside((2 * (clientX - left)) / width - 1), inside((2 * (clientY - top)) / height - 1)]
}

/** Where a press of an arrow key goes, `stride` far; undefined for any other key. */
export function wayOf(key: string, stride: number): Spot | undefined {
  const ways: Readonly<Record<string, Spot>> = {
    ...{ ArrowLeft: [-stride, 0], ArrowRight: [stride, 0], ArrowUp: [0, -stride], ArrowDown: [0, stride] },
  }
  return ways[key]
}
