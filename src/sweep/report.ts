// What came of a sweep: the best in a table, the pictures, and the winning options as a config file that `train` takes.

import { join } from 'node:path'
import { stringify } from 'yaml'
import { UserError } from '../core/errors.ts'
import { writeWhole } from '../runs/files.ts'
import { atPoint } from './definition.ts'
import type { SweepState } from './directory.ts'
import { drawSweep } from './pictures.ts'
import { inUnits, rankedTrials } from './progress.ts'
import { epochOf } from './trials.ts'

/** The best trials, a line each, in columns. */
export function tableLines({ definition, trials }: SweepState, top: number): string[] {
  const ranked = rankedTrials(trials)
  const names = [...new Set(definition.space.map(({ name }) => name))]
  const rows = ranked
    .slice(0, top)
    .map((trial, i) => [
      String(i + 1),
      String(trial.trial),
      inUnits(trials.values(trial), definition.options),
      String(epochOf(trial)),
      trial.end?.outcome ?? 'under way',
      ...names.map((name) => String(trial.point[name] ?? '-')),
    ])
  const head = ['', 'trial', `validation ${definition.options.objective}`, 'epochs', 'outcome', ...names]
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)))
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
}

/**
 * Write report/best.yaml and report/*.svg.
 * @returns the files' paths
 * @throws UserError where nothing has a result yet.
 */
export function writeReport(directory: string, state: SweepState): string[] {
  const [best] = rankedTrials(state.trials)
  if (!best) throw new UserError(`${directory}: no trial has a result yet`)
  const { options } = state.definition
  const comments = [
    `The best of ${state.trials.all.length} trials, number ${best.trial}: validation ${options.objective} ${inUnits(state.trials.values(best), options)}.`,
    `npm run train -- --config ${join(directory, 'report', 'best.yaml')}`,
  ]
  const { workers: _, ...training } = state.definition.base.training ?? {}
  const base = { ...state.definition.base, training }
  const { imports, ...groups } = atPoint(base, best.point)
  const filled = Object.entries(groups).filter(([, group]) => Object.keys(group ?? {}).length > 0)
  const content = stringify({ ...Object.fromEntries(filled), ...(imports && imports.length > 0 && { imports }) })
  const files = { 'best.yaml': `${comments.map((line) => `# ${line}\n`).join('')}${content}`, ...drawSweep(state) }
  return Object.entries(files).map(([name, text]) => {
    const path = join(directory, 'report', name)
    writeWhole(path, text)
    return path
  })
}
