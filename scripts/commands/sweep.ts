// `sweep`: try many configurations of `train`, on this machine or over a queue; see where that stands, and what came of it.

import { availableParallelism } from 'node:os'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { Command } from 'commander'
import '../../src/catalogue.ts'
import { UserError } from '../../src/core/errors.ts'
import { importNamed, resolveModule } from '../../src/runs/imports.ts'
import { readConfigFile } from './configuration.ts'
import { integer, text } from './flags.ts'
import type { Io } from './run.ts'
import { listenForSignals } from './signals.ts'

type Flags = {
  readonly out?: string
  readonly trials?: number
  readonly jobs?: number
  readonly queue?: string
  readonly credentials?: string
  readonly json?: boolean
}

export function sweepCommand(_args: readonly string[], io: Io): Command {
  const command = new Command('sweep')
    .description(
      'Search a space of options: train one configuration after another, judge each by its validation error.',
    )
    .usage('<file> [options]\n       status <dir>\n       report <dir>')
    .argument('<file>', 'a .yaml or .json file: the groups of a config file, and the groups sweep and space', text)
    .option(
      '--out <dir>',
      'the directory of the sweep (default runs/<name of the file>); a sweep that is there goes on',
      text,
    )
    .option('--trials <count>', 'how many points to try, in place of what the file says', positive)
    .option('--jobs <count>', 'trainings at once (default: as many as cores, or as the queue has workers)', positive)
    .option('--queue <url>', 'leave the training to the workers at redis://HOST:PORT', text)
    .option('--credentials <file>', 'username and password of Redis; or SACCADE_REDIS_USERNAME and _PASSWORD', text)
    .option('--json', "print the journal's entries instead of words")
    .option('--debug', 'show stack traces')
    .action((file: string, flags: Flags) => sweep(file, flags, io))
  command
    .command('status')
    .description('Print the state of a sweep.')
    .argument('<dir>', 'the directory of the sweep', text)
    .option('--debug', 'show stack traces')
    .action((directory: string) => status(directory, io))
  command
    .command('report')
    .description('Print and draw the results of a sweep, and write its best options as a config file for train.')
    .argument('<dir>', 'the directory of the sweep', text)
    .option('--top <count>', 'rows of the table', positive, 10)
    .option('--debug', 'show stack traces')
    .action((directory: string, { top }: { top: number }) => report(directory, top, io))
  return command
}

async function sweep(file: string, flags: Flags, io: Io): Promise<void> {
  const { defineSweep } = await import('../../src/sweep/definition.ts')
  const { openSweep } = await import('../../src/sweep/directory.ts')
  const { reportSweep } = await import('../../src/sweep/progress.ts')
  const { Sweep } = await import('../../src/sweep/sweep.ts')
  const definition = defineSweep(await readSweepFile(file, flags.trials))
  const directory = flags.out ?? join('runs', basename(file, extname(file)))
  const opened = openSweep(directory, definition)
  const warn = (message: string): void => void io.error.write(`warning: ${message}\n`)
  try {
    const executor = await createExecutor(flags, opened.journal.id, opened.runs, definition.options.retries, warn)
    const running = new Sweep(opened.definition, opened.journal, executor, definition.options.trials)
    if (!flags.json) {
      const before = opened.resumed ? `, going on after ${running.trials.all.length}` : ''
      io.out.write(`${running.count} ${running.count === 1 ? 'trial' : 'trials'} in ${directory}${before}\n`)
    }
    const progress = reportSweep(running, definition.options, { out: io.out, json: flags.json ?? false })
    const signals = listenForSignals(io, 'stopping at the next checkpoint')
    signals.onStop(() => {
      progress.clear()
      void running.stop()
    })
    const whole = await running.run().finally(signals.done)
    progress.clear()
    if (whole) await executor.stop()
    if (signals.signal) io.error.write('stopped and saved; the same command goes on\n')
    else if (!flags.json) await status(directory, io)
  } finally {
    opened.close()
  }
}

/** A sweep file with its modules imported and its paths made absolute; a training has one worker unless the file says otherwise. */
async function readSweepFile(file: string, trials: number | undefined) {
  const { sweep, space, imports = [], ...rest } = readConfigFile(file, ['sweep', 'space'])
  if (space === undefined)
    throw new UserError(`${file}: the group "space" is missing: which options vary, and over what`)
  const modules = imports.map((module) => resolveModule(module, dirname(resolve(file))))
  await importNamed(modules, file)
  const data = rest.environment?.data
  return {
    ...rest,
    ...(typeof data === 'string' && data !== '' && { environment: { ...rest.environment, data: resolve(data) } }),
    training: { workers: 1, ...rest.training },
    imports: modules,
    sweep: { ...(sweep as object | undefined), ...(trials !== undefined && { trials }) },
    space,
  }
}

async function createExecutor(
  { queue, credentials, jobs }: Flags,
  sweep: string,
  directory: string,
  retries: number,
  warn: (message: string) => void,
) {
  if (queue === undefined) {
    const { LocalPool } = await import('../../src/sweep/pool.ts')
    return new LocalPool({ directory, jobs: jobs ?? availableParallelism(), retries, warn })
  }
  const { readAddress } = await import('../../src/sweep/address.ts')
  const { QueueExecutor } = await import('../../src/sweep/queue.ts')
  const address = readAddress(queue, credentials)
  return new QueueExecutor({ address, sweep, directory, retries, warn, ...(jobs !== undefined && { jobs }) })
}

async function status(directory: string, io: Io): Promise<void> {
  const { readSweep } = await import('../../src/sweep/directory.ts')
  const { statusLines } = await import('../../src/sweep/progress.ts')
  for (const line of statusLines(directory, readSweep(directory))) io.out.write(`${line}\n`)
}

async function report(directory: string, top: number, io: Io): Promise<void> {
  const { readSweep } = await import('../../src/sweep/directory.ts')
  const { tableLines, writeReport } = await import('../../src/sweep/report.ts')
  const state = readSweep(directory)
  for (const line of tableLines(state, top)) io.out.write(`${line}\n`)
  for (const path of writeReport(directory, state)) io.out.write(`${path}\n`)
}

/** A parser of whole numbers from 1. */
export function positive(value: string): number {
  const parsed = integer(value)
  if (parsed < 1) throw new UserError(`${value} given; expected a whole number from 1`)
  return parsed
}
