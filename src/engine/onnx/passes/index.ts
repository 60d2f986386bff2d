// What is done to a graph before it is cut and run.

import type { Output } from '../trace.ts'

export function optimise(outputs: readonly Output[]): Output[] {
  return [...outputs]
}
