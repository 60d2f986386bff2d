// What was reproduced: one record per row and seed, kept in the repository, and the table that is drawn from them. A
// record is small and whole: the command, the commit, the errors, and the learning curve.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../src/core/errors.ts'
import { figureOf, inWords } from '../src/report/intervals.ts'
import { inWords as errorInWords, writeWhole } from '../src/runs/files.ts'
import type { Errors, Summary } from '../src/runs/records.ts'
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
        throw errorInWords(error, `cannot read ${path}`)
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
  'paper, NIPS / arXiv',
  'others, made as',
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

function cells({ name, title, paper, others }: Experiment, done: readonly Reproduction[]): string[] {
  const editions = [paper.nips, paper.arxiv].map((error) => error ?? '-').join(' / ')
  const published = others.map(({ error, by, how, but }) => `${error} ${how} (${by}${but ? `; ${but}` : ''})`)
  const compared = [paper.nips === undefined && paper.arxiv === undefined ? '-' : editions, published.join('; ') || '-']
  const titled = `${title} (\`${name}\`)`
  if (done.length === 0) return [titled, 'not yet run', '-', '-', ...compared, '-', '-', '-', '-', '-']
  const list = (values: readonly (string | number)[]): string => [...new Set(values)].join(', ')
  const summaries = done.map(({ summary }) => summary)
  const cell = (kind: keyof Errors): string => figureCell(summaries, kind)
  return [
    titled,
    ...(['greedy', 'sampled', 'averaged'] as const).map(cell),
    ...compared,
    list(summaries.map(({ seed }) => seed)),
    list(summaries.map(({ epochs }) => epochs)),
    list(summaries.map(({ seconds }) => Math.round(seconds / 6) / 10)),
    list(summaries.map(({ engine, workers }) => `${engine}, ${workers}`)),
    list(done.map(({ commit }) => commit)),
  ]
}

/** `0.99 [0.65, 1.34]`, and of several seeds each; of a part of the test set, of how many items. */
function figureCell(summaries: readonly Summary[], kind: keyof Errors): string {
  const values = summaries.map(({ testError }) => testError[kind])
  const items = Math.min(...summaries.map(itemsOf))
  const { measure = 'error' } = summaries[0]!
  const figure =
    measure === 'error' || measure === 'failure'
      ? inWords(figureOf(values, items))
      : (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(3)
  const each = values.length > 1 ? ` (${values.map((value) => value.toFixed(2)).join(', ')})` : ''
  return `${figure}${each}${items < 10_000 ? `, on ${items.toLocaleString('en')} items` : ''}`
}

/** How many items of the test split a record's figures are of; records of older runs do not say, and had all of them. */
const itemsOf = ({ testItems, environment }: Partial<Summary>): number =>
  testItems ?? (environment === 'Catch' ? 1000 : 10_000)
