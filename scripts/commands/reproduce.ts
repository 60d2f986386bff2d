// `reproduce`: the rows of the paper's tables, trained where they are not yet, and written into RESULTS.md beside what
// was published. Each seed of a row is an ordinary run directory; whatever is interrupted goes on where it was. What was
// learned is kept as a record, which is in the repository, as the runs are not.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { UserError } from '../../src/core/errors.ts'
import { suggestion } from '../../src/core/options.ts'
import { Overall, StatusLine } from '../../src/report/terminal.ts'
import type { Summary } from '../../src/runs/records.ts'
import { RunDirectory } from '../../src/runs/run-directory.ts'
import { type Experiment, experiments } from '../experiments.ts'
import { keepRecord, noteCommit, recordsOf, writeTables } from '../results.ts'
import { integer, text } from './flags.ts'
import type { Io } from './run.ts'
import { listenForSignals } from './signals.ts'

type Flags = {
  readonly list?: boolean
  readonly seeds?: string
  readonly jobs: number
  readonly runs: string
  readonly results: string
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
    .option('--results <dir>', 'where the records are kept that the table is drawn from', text, 'results')
    .option('--out <file>', 'the file whose table is written', text, 'RESULTS.md')
    .option('--debug', 'show stack traces')
    .action(async (rows: string[], flags: Flags) => {
      if (flags.list) return void io.out.write(listing(flags))
      const jobs = rowsOf(rows).flatMap((experiment) => jobsOf(experiment, flags))
      const failed = await work(jobs, flags, io)
      if (process.exitCode) return // a signal came
      writeTables(flags.out, experiments, flags.results)
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

/** Train what is not done, so many at once; the names of those that failed. A signal lets each save, and no other begins. */
async function work(jobs: readonly Job[], flags: Flags, io: Io): Promise<string[]> {
  const failed: string[] = []
  const queue = jobs.filter((job) => !summaryOf(job.directory))
  for (const job of jobs) if (!queue.includes(job)) keep(job, flags)
  const status = new StatusLine(io.out)
  const overall = new Overall(status, 'training', queue.length)
  const shares = new Map<Job, number>()
  const all = queue.length
  const tell = (job: Job, label: string, line: string): void => {
    status.print(`[${label}] ${line}`)
    const [, epoch, epochs] = /^epoch +(\d+)\/(\d+)/.exec(line) ?? []
    if (epochs) shares.set(job, Number(epoch) / Number(epochs))
    const sum = [...shares.values()].reduce((total, share) => total + share, 0)
    overall.show([...shares.values()].filter((share) => share === 1).length, sum / all)
  }
  const children = new Set<ChildProcess>()
  const endAll = (signal: NodeJS.Signals): void => {
    for (const child of children) child.kill(signal)
  }
  const signals = listenForSignals(io, 'stopping after this iteration', () => endAll('SIGKILL'))
  signals.onStop(() => endAll('SIGTERM'))
  const next = async (): Promise<void> => {
    for (let job = queue.shift(); job && !signals.signal; job = queue.shift()) {
      const label = `${job.experiment.name} seed ${job.seed}`
      const done = await train(job, flags, children, (line) => tell(job, label, line))
      if (signals.signal) return
      if (done) keep(job, flags)
      else failed.push(label)
      shares.set(job, 1)
      writeTables(flags.out, experiments, flags.results)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, flags.jobs) }, next)).finally(signals.done)
  status.clear()
  if (signals.signal) io.error.write('stopped and saved; the same command goes on\n')
  return failed
}

function keep({ experiment, seed, directory }: Job, { results }: Flags): void {
  keepRecord(results, experiment, seed, RunDirectory.open(directory))
}

/** One training, in a process of its own; whether it ended well. */
function train(
  { experiment, seed, directory }: Job,
  { jobs }: Flags,
  children: Set<ChildProcess>,
  tell: (line: string) => void,
): Promise<boolean> {
  const begun = existsSync(join(directory, 'config.json'))
  const workers = jobs > 1 ? ['--workers', '1'] : []
  const args = begun
    ? ['--resume', directory, ...workers]
    : [...experiment.flags.split(' '), '--seed', String(seed), '--out', directory, ...workers]
  if (!begun) noteCommit(directory, commit())
  return new Promise((resolve) => {
    // with Node's own flags as this process has them; out of reach of the terminal's Ctrl-C, which this process passes on;
    // and with a channel, at whose end a child knows that this process is gone
    const child = spawn(process.execPath, [...process.execArgv, program, 'train', ...args], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: process.platform !== 'win32',
    })
    children.add(child)
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        for (const line of chunk.toString().split('\n')) if (line.trim()) tell(line)
      })
    child.on('close', (code) => {
      children.delete(child)
      resolve(code === 0)
    })
  })
}

/** The program itself. */
const program = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../saccade.ts' : '../saccade.js', import.meta.url),
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
      const recorded = recordsOf(flags.results, experiment).map(({ summary }) => summary.seed)
      const done = jobs.filter(({ directory, seed }) => recorded.includes(seed) || summaryOf(directory)).length
      return `${experiment.name.padEnd(26)} ${done}/${jobs.length} seeds  ${experiment.title}: train ${experiment.flags}\n`
    })
    .join('')
}
