// Rows of Markdown, and how numbers are written in them.

import { medianOf } from './numbers.ts'

export const row = (cells: readonly string[]): void => console.log(`| ${cells.join(' | ')} |`)

export const head = (cells: readonly string[]): void => [cells, cells.map(() => '---')].forEach(row)

export const whole = (value: number): string => Math.round(value).toLocaleString('en')

/** The median, and in brackets the range. */
export const spread = (
  values: readonly number[],
  written: (value: number) => string = (value) => value.toFixed(2),
): string => `${written(medianOf(values))} (${written(Math.min(...values))} to ${written(Math.max(...values))})`
