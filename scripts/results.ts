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
  /** Environment steps of the whole training; older records do not say. */
  readonly steps?: number
  /** Greedy validation error in percent, by epoch: [epoch, error] where it was measured. */
  readonly curve: readonly (readonly [number, number])[]
}

const pathOf = (results: string, { name }: Experiment, seed: number): string => join(results, name, `seed-${seed}.json`)

/** Keep what a complete run says. */
export function keepRecord(results: string, experiment: Experiment, seed: number, run: RunDirectory): void {
  const summary = run.summary()
  if (!summary) return
  const epochs = run.epochs()
  const record: Reproduction = {
    command: `npm run train -- ${experiment.flags} --seed ${seed}`,
    commit: commitOf(run.path),
    summary,
    steps: epochs.reduce((sum, { steps }) => sum + steps, 0),
    curve: epochs.flatMap(({ epoch, validation }) => (validation ? [[epoch, validation.error!] as const] : [])),
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

/** What was checked out when a run began; `unknown` where it does not say. */
export function commitOf(directory: string): string {
  const path = join(directory, 'reproduced.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')).commit as string) : 'unknown'
}

const [beginning, end] = ['<!-- reproduce: begin -->', '<!-- reproduce: end -->']

/** Put the tables between their marks; the words around them stay. @throws UserError where the marks are gone. */
export function writeTables(out: string, experiments: readonly Experiment[], results: string): void {
  const before = existsSync(out) ? readFileSync(out, 'utf8') : `# Results\n\n${beginning}\n${end}\n`
  const [from, to] = [before.indexOf(beginning), before.indexOf(end)]
  if (from < 0 || to < from) throw new UserError(`${out}: the marks ${beginning} and ${end} are missing; put them back`)
  const tables = Object.entries(tableKinds).map(([kind, { heading, columns }]) => {
    const rows = experiments.filter(({ table }) => table === kind)
    return rows.length === 0 ? '' : `## ${heading}\n\n${tableOf(columns, rows, results)}\n`
  })
  writeWhole(out, `${before.slice(0, from + beginning.length)}\n\n${tables.join('')}${before.slice(to)}`)
}

/** A column: what it says of a row, and of a row's records, of which there is at least one. */
type Column = {
  readonly title: string
  readonly of?: (experiment: Experiment) => string
  readonly ofRecords?: (done: readonly Reproduction[]) => string
}

/** Each different value once. */
const list =
  (read: (record: Reproduction) => string | number) =>
  (done: readonly Reproduction[]): string =>
    [...new Set(done.map(read))].join(', ')

const errorColumn = (title: string, kind: keyof Errors): Column => ({
  title,
  ofRecords: (done) => figureCell(done, kind),
})

const errorColumns: readonly Column[] = [
  errorColumn('greedy', 'greedy'),
  errorColumn('sampled', 'sampled'),
  errorColumn('averaged over 10', 'averaged'),
]

const paperColumn: Column = {
  title: 'paper, NIPS / arXiv',
  of: ({ paper: { nips, arxiv } }) =>
    nips === undefined && arxiv === undefined ? '-' : [nips, arxiv].map((error) => error ?? '-').join(' / '),
}

const othersColumn: Column = {
  title: 'others, made as',
  of: ({ others }) =>
    others.map(({ error, by, how, but }) => `${error} ${how} (${by}${but ? `; ${but}` : ''})`).join('; ') || '-',
}

const seedsColumn: Column = { title: 'seeds', ofRecords: list(({ summary }) => summary.seed) }

const makingColumns: readonly Column[] = [
  { title: 'minutes', ofRecords: list(({ summary }) => Math.round(summary.seconds / 6) / 10) },
  { title: 'engine, workers', ofRecords: list(({ summary: { engine, workers } }) => `${engine}, ${workers}`) },
  { title: 'commit', ofRecords: list(({ commit }) => commit) },
]

const epochsColumn: Column = { title: 'epochs', ofRecords: list(({ summary }) => summary.epochs) }

/** Millions of environment steps at which the learning curve is read. */
const milestones = [0.25, 0.5, 1, 2.5] as const

const milestonesColumn: Column = {
  title: `greedy on validation after ${milestones.join(' / ')} M steps`,
  ofRecords: (done) => milestones.map((millions) => meanAfter(done, millions * 1e6)).join(' / '),
}

const stepsColumn: Column = {
  title: 'steps, M',
  ofRecords: list(({ steps = Number.NaN }) => (steps / 1e6).toFixed(1)),
}

/** The mean validation error at the last evaluation after so many environment steps, give or take 1 %; a dash where one has none. */
function meanAfter(done: readonly Reproduction[], steps: number): string {
  const errors = done.map(({ summary, curve, steps: all = Number.NaN }) => {
    if (!(all >= steps * 0.99)) return undefined
    return curve.filter(([epoch]) => (epoch / summary.epochs) * all <= steps * 1.01).at(-1)?.[1]
  })
  const measured = errors.filter((error) => error !== undefined)
  if (measured.length < done.length) return '-'
  const mean = measured.reduce((sum, error) => sum + error, 0) / done.length
  return mean.toFixed(done[0]!.summary.measure === 'distance' ? 3 : 2)
}

/** The tables of RESULTS.md, by what their experiments say. */
const tableKinds: Readonly<Record<Experiment['table'], { heading: string; columns: readonly Column[] }>> = {
  paper: {
    heading: "The paper's worlds",
    columns: [...errorColumns, paperColumn, othersColumn, seedsColumn, epochsColumn, ...makingColumns],
  },
  later: {
    heading: 'Later worlds',
    columns: [...errorColumns, milestonesColumn, othersColumn, seedsColumn, stepsColumn, ...makingColumns],
  },
}

function tableOf(columns: readonly Column[], experiments: readonly Experiment[], results: string): string {
  const head = ['row', ...columns.map(({ title }) => title)]
  const rows = experiments.map((experiment) => {
    const done = recordsOf(results, experiment)
    const cells = columns.map(({ of, ofRecords }, i) => {
      if (of) return of(experiment)
      return done.length > 0 ? ofRecords!(done) : i === 0 ? 'not yet run' : '-'
    })
    return [`${experiment.title} (\`${experiment.name}\`)`, ...cells]
  })
  return [head, head.map(() => '---'), ...rows].map((line) => `| ${line.join(' | ')} |\n`).join('')
}

/** `0.99 [0.65, 1.34]`, and of several seeds each; of a part of the test set, of how many items. */
function figureCell(done: readonly Reproduction[], kind: keyof Errors): string {
  const summaries = done.map(({ summary }) => summary)
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
