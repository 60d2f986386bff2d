// How the dashboard says numbers, times and the names of metrics.

import type { RunState } from '../../src/dashboard/protocol.ts'

/** Metrics by name, in the order in which they are shown; what is not here comes after, under its own name. */
const titles: Readonly<Record<string, string>> = {
  'validation.error': 'Validation error, %',
  'train.loss': 'Loss',
  'train.accuracy': 'Training accuracy',
  'train.return': 'Training return',
  'train.baseline': "Baseline's loss",
  'train.spread': 'Spread of gaze',
  'validation.return': 'Validation return',
  'validation.glimpses': 'Validation glimpses',
  'train.classification': 'Classification loss',
  'train.policy': 'Policy loss',
  learningRate: 'Learning rate',
  imagesPerSecond: 'Images a second',
  seconds: 'Seconds an epoch',
}

/** How many of them are shown without being asked for. */
const primary = 6

export const titleOf = (metric: string): string => titles[metric] ?? metric.replace(/^train\./, 'Training: ')

/** Metrics in the order of `titles`: what is shown at once, and the rest. */
export function arrange(metrics: Iterable<string>): { first: string[]; rest: string[] } {
  const order = Object.keys(titles)
  const rank = (metric: string): number => (order.includes(metric) ? order.indexOf(metric) : order.length)
  const sorted = [...metrics].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
  const first = sorted.filter((metric) => rank(metric) < primary)
  return { first, rest: sorted.filter((metric) => !first.includes(metric)) }
}

/** A number as short as it can be told apart. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (size >= 1000) return Math.round(value).toLocaleString('en')
  if (size >= 100) return value.toFixed(0)
  if (size >= 1) return value.toFixed(2)
  return size >= 0.001 || size === 0 ? String(Number(value.toPrecision(3))) : value.toExponential(1)
}

export const percent = (value: number | undefined): string => (value === undefined ? '–' : `${value.toFixed(2)} %`)

export const states: Readonly<Record<RunState, string>> = {
  training: 'training',
  complete: 'complete',
  stopped: 'stopped',
  empty: 'no epoch yet',
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

/** `42 s`, `7 min`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
