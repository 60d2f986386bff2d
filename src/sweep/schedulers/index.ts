// The schedulers that options can name.

import type { SweepOptions } from '../options.ts'
import { asha } from './asha.ts'
import { median } from './median.ts'
import type { Scheduler } from './scheduler.ts'

/** The scheduler that the options name, for trials of so many epochs. */
export function createScheduler(options: SweepOptions, epochs: number): Scheduler {
  switch (options.scheduler) {
    case 'none':
      return { firstEpoch: epochs, decide: (_trials, more) => ({ do: more ? 'propose' : 'wait' }) }
    case 'median':
      return median(options, epochs)
    case 'asha':
      return asha(options, epochs)
  }
}
