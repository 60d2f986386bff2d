// What was reproduced: one record per row and seed, kept in the repository, and the table that is drawn from them. A
// record is small and whole: the command, the commit, the errors, and the learning curve.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../src/core/errors.ts'
import { inWords, writeWhole } from '../src/runs/files.ts'
import type { Summary } from '../src/runs/records.ts'
import type { RunDirectory } from '../src/runs/run-directory.ts'
import type { Experiment } from './experiments.ts'

/** One seed of one row, as it is kept. */
export type Reproduction = {
  /** What repeats it. */
  readonly command: string
  /** What was checked out when it began, marked `+` where the tree differed. */
  readonly commit: string
  readonly summary: Summary
  /** Greedy validation error in percent, by epoch: [epoch, error] where it was measured. */
  readonly curve: readonly (readonly [number, number])[]
}

const pathOf = (results: string, { name }: Experiment, seed: number): string => join(results, name, `seed-${seed}.json`)

/** Keep what a complete run says. */
export function keepRecord(results: string, experiment: Experiment, seed: number, run: RunDirectory): void {
  const summary = run.summary()
  if (!summary) return
  const record: Reproduction = {
    command: `npm run train -- ${experiment.flags} --seed ${seed}`,
    commit: commitOf(run.path),
    summary,
    curve: run.epochs().flatMap(({ epoch, validation }) => (validation ? [[epoch, validation.error!] as const] : [])),
  }
  writeWhole(pathOf(results, experiment, seed), `${JSON.stringify(record)}\n`)
}

/** Every record of a row, by seed. @throws UserError where one cannot be read. */
export function recordsOf(results: string, experiment: Experiment): Reproduction[] {
  const folder = join(results, experiment.name)
  if (!existsSync(folder)) return []
  const seeds = readdirSync(folder).flatMap((name) => /^seed-(\d+)\.json$/.exec(name)?.[1] ?? [])
  return seeds
    .map(Number)
    .sort((a, b) => a - b)
    .map((seed) => {
      const path = pathOf(results, experiment, seed)
      try {
        return JSON.parse(readFileSync(path, 'utf8')) as Reproduction
      } catch (error) {
        if (error instanceof SyntaxError) throw new UserError(`${path}: not JSON (${error.message}); remove it`)
        throw inWords(error, `cannot read ${path}`)
      }
    })
}

/** Remember what is checked out as a run begins. */
export function noteCommit(directory: string, commit: string): void {
  writeWhole(join(directory, 'reproduced.json'), `${JSON.stringify({ commit })}\n`)
}

function commitOf(directory: string): string {
  const path = join(directory, 'reproduced.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')).commit as string) : 'unknown'
}

const [beginning, end] = ['<!-- reproduce: begin -->', '<!-- reproduce: end -->']

/** Put the table between its marks; the words around it stay. @throws UserError where the marks are gone. */
export function writeTable(out: string, experiments: readonly Experiment[], results: string): void {
  const before = existsSync(out) ? readFileSync(out, 'utf8') : `# Results\n\n${beginning}\n${end}\n`
  const [from, to] = [before.indexOf(beginning), before.indexOf(end)]
  if (from < 0 || to < from) throw new UserError(`${out}: the marks ${beginning} and ${end} are missing; put them back`)
  const table = tableOf(experiments, results)
  writeWhole(out, `${before.slice(0, from + beginning.length)}\n\n${table}\n${before.slice(to)}`)
}

const head = [
  'row',
  'greedy',
  'sampled',
  'averaged over 10',
  'paper (NIPS)',
  'paper (arXiv)',
  'best public',
  'seeds',
  'epochs',
  'minutes',
  'engine, workers',
  'commit',
]

function tableOf(experiments: readonly Experiment[], results: string): string {
  const rows = experiments.map((experiment) => cells(experiment, recordsOf(results, experiment)))
  return [head, head.map(() => '---'), ...rows].map((line) => `| ${line.join(' | ')} |\n`).join('')
}

function cells({ name, title, published: { nips, arxiv, best } }: Experiment, done: readonly Reproduction[]): string[] {
  const published = [nips, arxiv, best && `${best.error} (${best.by})`].map((value) => String(value ?? '-'))
  const titled = `${title} (\`${name}\`)`
  if (done.length === 0) return [titled, 'not yet run', '-', '-', ...published, '-', '-', '-', '-', '-']
  const each = (value: (summary: Summary) => number): number[] => done.map(({ summary }) => value(summary))
  const list = (values: readonly (string | number)[]): string => [...new Set(values)].join(', ')
  return [
    titled,
    spread(each(({ testError }) => testError.greedy)),
    spread(each(({ testError }) => testError.sampled)),
    spread(each(({ testError }) => testError.averaged)),
    ...published,
    list(each(({ seed }) => seed)),
    list(each(({ epochs }) => epochs)),
    list(each(({ seconds }) => Math.round(seconds / 6) / 10)),
    list(done.map(({ summary }) => `${summary.engine}, ${summary.workers}`)),
    list(done.map(({ commit }) => commit)),
  ]
}

/** `1.02`, or `1.02 ± 0.05 (0.97, 1.02, 1.07)` over several seeds. */
function spread(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  if (values.length === 1) return mean.toFixed(2)
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  return `${mean.toFixed(2)} ± ${Math.sqrt(variance).toFixed(2)} (${values.map((value) => value.toFixed(2)).join(', ')})`
}
