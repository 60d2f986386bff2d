// How the dashboard says states and times. The metrics' words are in src/report/metrics.ts.

import type { RunRow, RunState } from '../../src/dashboard/protocol.ts'
import { formatMetric, metricOf } from '../../src/report/metrics.ts'

export const states: Readonly<Record<RunState, string>> = {
  training: 'training',
  complete: 'complete',
  stopped: 'stopped',
  empty: 'no epoch yet',
}

/** `test error 0.99 %`, or while there is none, `validation error 3.20 %`. */
export function errorWords({ testError, validationError, measure }: RunRow): string {
  const said = (name: string, value: number | undefined): string =>
    value === undefined
      ? ''
      : `${metricOf(name, measure).title.replace(', greedy', '').toLowerCase()} ${formatMetric(name, value, measure)}`
  return said('testError.greedy', testError) || said('validation.error', validationError)
}

/** `3 minutes ago`. */
export function ago(time: number, now: number): string {
  const seconds = Math.max(0, (now - time) / 1000)
  const format = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
  if (seconds < 60) return 'just now'
  if (seconds < 3600) return format.format(-Math.round(seconds / 60), 'minute')
  if (seconds < 86400) return format.format(-Math.round(seconds / 3600), 'hour')
  return format.format(-Math.round(seconds / 86400), 'day')
}
