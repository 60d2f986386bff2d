// The schedulers that options can name. A new one is a file of its own and a line here.

import type { Merged, OptionsOf } from '../space.ts'
import { asha } from './asha.ts'
import { median } from './median.ts'
import { none } from './none.ts'
import type { Scheduler } from './scheduler.ts'

export const schedulers = { none, median, asha } as const

export type SchedulerName = keyof typeof schedulers
type Shape = Merged<(typeof schedulers)[SchedulerName]['options']>

/** The options of all of them. */
export const schedulerOptions = Object.assign({}, ...Object.values(schedulers).map(({ options }) => options)) as Shape

/** The scheduler that the options name, for trials of so many epochs. */
export function createScheduler(
  options: OptionsOf<Shape> & { readonly scheduler: SchedulerName; readonly minEpochs: number },
  epochs: number,
): Scheduler {
  return schedulers[options.scheduler].create(options, epochs)
}
