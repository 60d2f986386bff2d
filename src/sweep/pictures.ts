import type { SweepState } from './directory.ts'

/** Pictures by file name. */
export function drawSweep(_state: SweepState): Record<string, string> {
  return {}
}
