// `reproduce`: the rows of the paper's tables, trained where they are not yet, and written into RESULTS.md beside what
// was published. Each seed of a row is an ordinary run directory; whatever is interrupted goes on where it was.

import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { UserError } from '../../src/errors.ts'
import { suggestion } from '../../src/options.ts'
import type { Summary } from '../../src/training/events.ts'
import { writeWhole } from '../../src/training/files.ts'
import { RunDirectory } from '../../src/training/run-directory.ts'
import { type Experiment, experiments } from '../experiments.ts'
import { integer, text } from './flags.ts'
import type { Io } from './run.ts'

type Flags = {
  readonly list?: boolean
  readonly seeds?: string
  readonly jobs: number
  readonly runs: string
  readonly out: string
}

/** One seed of one row. */
type Job = { readonly experiment: Experiment; readonly seed: number; readonly directory: string }

export function reproduceCommand(_args: readonly string[], io: Io): Command {
  return new Command('reproduce')
    .description("Train the rows of the paper's tables and write them, with what was published, into RESULTS.md.")
    .argument('[rows...]', 'names of rows, or all; without any, only the table is written anew')
    .option('--list', 'show the rows and where they stand')
    .option('--seeds <numbers>', "seeds to train, such as 0,1,2 (default: each row's own)", text)
    .option('--jobs <integer>', 'trainings side by side; more than 1 gives each a single worker', integer, 1)
    .option('--runs <dir>', 'where the run directories go', text, 'runs/reproduce')
    .option('--out <file>', 'the file whose table is written', text, 'RESULTS.md')
    .option('--debug', 'show stack traces')
    .action(async (rows: string[], flags: Flags) => {
      if (flags.list) return void io.out.write(listing(flags))
      const jobs = rowsOf(rows).flatMap((experiment) => jobsOf(experiment, flags))
      const failed = await work(jobs, flags, io)
      writeTable(flags)
      io.out.write(`table written to ${flags.out}\n`)
      if (failed.length > 0)
        throw new UserError(`${failed.length} of ${jobs.length} trainings failed: ${failed.join(', ')}`)
    })
}

/** @throws UserError on a row that there is not. */
function rowsOf(names: readonly string[]): Experiment[] {
  if (names.includes('all')) return [...experiments]
  const known = experiments.map(({ name }) => name)
  return names.map((name) => {
    const found = experiments.find((experiment) => experiment.name === name)
    if (!found) throw new UserError(`unknown row "${name}"${suggestion(name, known)}`)
    return found
  })
}

function jobsOf(experiment: Experiment, { seeds, runs }: Flags): Job[] {
  const wanted = seeds === undefined ? experiment.seeds : seeds.split(',').map(integer)
  return wanted.map((seed) => ({ experiment, seed, directory: join(runs, experiment.name, `seed-${seed}`) }))
}

/** Train what is not done, so many at once; the names of those that failed. */
async function work(jobs: readonly Job[], flags: Flags, io: Io): Promise<string[]> {
  const failed: string[] = []
  const queue = jobs.filter(({ directory }) => !summaryOf(directory))
  const next = async (): Promise<void> => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      const label = `${job.experiment.name} seed ${job.seed}`
      if (!(await train(job, flags, (line) => void io.out.write(`[${label}] ${line}\n`)))) failed.push(label)
      writeTable(flags)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, flags.jobs) }, next))
  return failed
}

/** One training, in a process of its own; whether it ended well. */
function train({ experiment, seed, directory }: Job, { jobs }: Flags, tell: (line: string) => void): Promise<boolean> {
  const begun = existsSync(join(directory, 'config.json'))
  const workers = jobs > 1 ? ['--workers', '1'] : []
  const args = begun
    ? ['--resume', directory, ...workers]
    : [...experiment.flags.split(' '), '--seed', String(seed), '--out', directory, ...workers]
  return new Promise((resolve) => {
    // with Node's own flags as this process has them
    const child = spawn(process.execPath, [...process.execArgv, trainScript, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        for (const line of chunk.toString().split('\n')) if (line.trim()) tell(line)
      })
    child.on('close', (code) => {
      if (code === 0) writeWhole(join(directory, 'reproduced.json'), `${JSON.stringify({ commit: commit() })}\n`)
      resolve(code === 0)
    })
  })
}

/** The train script beside this one. */
const trainScript = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../train.ts' : '../train.js', import.meta.url),
)

/** The commit that is checked out, marked where the tree differs from it; `unknown` outside a checkout. */
function commit(): string {
  try {
    const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim()
    const changed = git('status', '--porcelain', '--untracked-files=no', 'src', 'scripts') ? '+' : ''
    return git('rev-parse', '--short=8', 'HEAD') + changed
  } catch {
    return 'unknown'
  }
}

function summaryOf(directory: string): Summary | undefined {
  return existsSync(join(directory, 'config.json')) ? RunDirectory.open(directory).summary() : undefined
}

function listing(flags: Flags): string {
  return experiments
    .map((experiment) => {
      const jobs = jobsOf(experiment, flags)
      const done = jobs.filter(({ directory }) => summaryOf(directory)).length
      return `${experiment.name.padEnd(26)} ${done}/${jobs.length} seeds  ${experiment.title}: train ${experiment.flags}\n`
    })
    .join('')
}

const [beginning, end] = ['<!-- reproduce: begin -->', '<!-- reproduce: end -->']

/** Put the table between its marks; the words around it stay. */
function writeTable(flags: Flags): void {
  const before = existsSync(flags.out) ? readFileSync(flags.out, 'utf8') : `# Results\n\n${beginning}\n${end}\n`
  const [from, to] = [before.indexOf(beginning), before.indexOf(end)]
  if (from < 0 || to < from)
    throw new UserError(`${flags.out}: the marks ${beginning} and ${end} are missing; put them back`)
  writeWhole(flags.out, `${before.slice(0, from + beginning.length)}\n\n${table(flags)}\n${before.slice(to)}`)
}

function table(flags: Flags): string {
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
  const lines = [head, head.map(() => '---'), ...experiments.map((experiment) => cells(experiment, flags))]
  return lines.map((line) => `| ${line.join(' | ')} |\n`).join('')
}

function cells(experiment: Experiment, { runs }: Flags): string[] {
  const { nips, arxiv, best } = experiment.published
  const published = [nips, arxiv, best && `${best.error} (${best.by})`].map((value) => String(value ?? '-'))
  const jobs = [...new Set([...experiment.seeds, 0, 1, 2, 3, 4])].map((seed) =>
    join(runs, experiment.name, `seed-${seed}`),
  )
  const done = jobs.flatMap((directory) => {
    const summary = summaryOf(directory)
    return summary ? [{ directory, summary }] : []
  })
  const title = `${experiment.title} (\`${experiment.name}\`)`
  if (done.length === 0) return [title, 'not yet run', '-', '-', ...published, '-', '-', '-', '-', '-']
  const each = (value: (summary: Summary) => number): number[] => done.map(({ summary }) => value(summary))
  const list = (values: readonly (string | number)[]): string => [...new Set(values)].join(', ')
  return [
    title,
    spread(each(({ testError }) => testError.greedy)),
    spread(each(({ testError }) => testError.sampled)),
    spread(each(({ testError }) => testError.averaged)),
    ...published,
    list(each(({ seed }) => seed)),
    list(each(({ epochs }) => epochs)),
    list(each(({ seconds }) => Math.round(seconds / 6) / 10)),
    list(done.map(({ summary }) => `${summary.engine}, ${summary.workers}`)),
    list(done.map(({ directory }) => commitOf(directory))),
  ]
}

/** `1.02`, or `1.02 ± 0.05 (0.97, 1.02, 1.07)` over several seeds. */
function spread(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  if (values.length === 1) return mean.toFixed(2)
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  return `${mean.toFixed(2)} ± ${Math.sqrt(variance).toFixed(2)} (${values.map((value) => value.toFixed(2)).join(', ')})`
}

function commitOf(directory: string): string {
  const path = join(directory, 'reproduced.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')).commit as string) : 'unknown'
}
