// `train`: begin a run or go on with one, and tell how it goes.

import { resolve } from 'node:path'
import { Command } from 'commander'
import '../../src/catalogue.ts'
import { UserError } from '../../src/core/errors.ts'
import { reportProgress } from '../../src/report/progress.ts'
import type { Board } from '../../src/report/tensorboard.ts'
import { completeConfig, type PartialConfig, type RunConfig } from '../../src/runs/config.ts'
import { importModules } from '../../src/runs/imports.ts'
import { RunDirectory } from '../../src/runs/run-directory.ts'
import type { Trainer } from '../../src/training/trainer.ts'
import { addChoices, type Choices, chosenConfig, groupsOf, overlay, readChoices } from './configuration.ts'
import { tellData } from './data-report.ts'
import { addFlags, givenOptions, kebab, termOf, text } from './flags.ts'
import type { Io } from './run.ts'

type Flags = Choices & {
  readonly out?: string
  readonly json?: boolean
  readonly debug?: boolean
  readonly verbose?: boolean
  readonly tensorboard: boolean
}

/** What may be given with --resume. */
const changeable = ['resume', 'epochs', 'workers', 'engine', 'json', 'debug', 'verbose', 'tensorboard']

/** The command, with the flags of the environment and the algorithm that the arguments choose. */
export async function trainCommand(args: readonly string[], io: Io): Promise<Command> {
  const choices = readChoices(args)
  const asking = args.includes('--help') || args.includes('-h')
  const resumed = choices.resume === undefined || asking ? undefined : RunDirectory.open(choices.resume).config
  if (resumed) await importModules(resumed.imports)
  const chosen: PartialConfig = resumed ?? (await chosenConfig(choices))
  const groups = groupsOf(chosen)
  const command: Command = addChoices(new Command('train'))
    .description('Train an agent to look and to name what it sees; test it; keep everything in a run directory.')
    .option('--out <dir>', 'the run directory to make (default runs/<environment>-<algorithm>-<number>)', text)
    .option('--json', 'print one JSON object per event instead of words')
    .option('--verbose', 'say in full why this engine was chosen')
    .option('--no-tensorboard', 'write no event files for TensorBoard')
    .option('--debug', 'show stack traces')
    .configureHelp({ optionTerm: (option) => termOf(option, command) })
    .action((flags: Flags) => {
      const given = givenOptions(command, groups)
      if (resumed) refuseChanges(command, resumed, flags)
      const config = completeConfig(absolute(overlay(chosen, given)))
      return train(config, flags, io)
    })
  addFlags(command, groups)
  return command
}

/** A resumed run is what it was: only how long, with what, and how it is told may change. */
function refuseChanges(command: Command, config: RunConfig, { resume }: Flags): void {
  const given = command.options
    .map((option) => option.attributeName())
    .filter((name) => command.getOptionValueSource(name) === 'cli' && !changeable.includes(name))
  if (given.length > 0)
    throw new UserError(
      `--${kebab(given[0]!)} cannot be given with --resume: the ${config.environment.id} run in ${resume} goes on as it began; only --epochs, --workers and --engine may change`,
    )
}

/** A directory of data is remembered so that it is found from anywhere. */
function absolute(config: PartialConfig): PartialConfig {
  const { data } = config.environment ?? {}
  if (typeof data !== 'string' || data === '') return config
  return { ...config, environment: { ...config.environment, data: resolve(data) } }
}

/** A run cannot end before where it is. */
function refusePast(config: RunConfig, run: RunDirectory): void {
  const done = run.epochs().at(-1)?.epoch ?? 0
  if (config.training.epochs < done)
    throw new UserError(`--epochs ${config.training.epochs} given; the run in ${run.path} has done ${done} already`)
}

async function train(config: RunConfig, flags: Flags, io: Io): Promise<void> {
  const { Trainer } = await import('../../src/training/trainer.ts')
  tellData(config, flags, io)
  const directory =
    flags.resume === undefined ? RunDirectory.create(config, flags.out) : RunDirectory.resume(flags.resume)
  const stopping = onSignals(() => {
    if (flags.resume === undefined) directory.discard()
    else directory.close()
  }, io)
  try {
    const before = directory.config.training.epochs
    refusePast(config, directory)
    const trainer = await Trainer.create(config, { directory }).catch((error: unknown) => {
      if (flags.resume === undefined) directory.discard()
      throw error
    })
    const progress = reportProgress(trainer, { ...io, json: flags.json ?? false, verbose: flags.verbose ?? false })
    stopping.begun(() => {
      trainer.stop()
      progress.clear()
    })
    try {
      if (flags.resume !== undefined) {
        if (config.training.epochs !== before && config.training.schedule !== 'constant')
          trainer.emit(
            'warning',
            `${config.training.epochs} epochs instead of ${before} change the schedules from here on: the run will differ from one that was begun so`,
          )
        directory.writeConfig(config)
      }
      const board = flags.tensorboard ? await openBoard(trainer, directory) : undefined
      const summary = await trainer.train()
      await board?.close()
      if (!summary && stopping.signal) {
        ;(flags.json ? io.error : io.out).write(
          `stopped and saved; to go on: ${thisCommand()} --resume ${directory.path}\n`,
        )
        process.exitCode = stopping.signal === 'SIGINT' ? 130 : 143
      }
    } finally {
      await trainer.dispose()
    }
  } finally {
    stopping.done()
    directory.close()
  }
}

async function openBoard(trainer: Trainer, directory: RunDirectory): Promise<Board> {
  const { reportTensorBoard } = await import('../../src/report/tensorboard.ts')
  return reportTensorBoard(trainer, directory.path)
}

/** How this was called: `npm run train --` or `npx saccade train`. */
const thisCommand = (): string =>
  process.env.npm_lifecycle_event === 'train' ? 'npm run train --' : 'npx saccade train'

/**
 * Ctrl-C: the first saves and stops, the second, not within the same second, quits at once. (npm passes on to its child
 * the signal that the terminal has sent to both.)
 * @param abandon what to do at once, before the training has begun
 */
function onSignals(abandon: () => void, io: Io) {
  const state = { signal: undefined as NodeJS.Signals | undefined, at: 0, stop: undefined as (() => void) | undefined }
  const handle = (signal: NodeJS.Signals): void => {
    const code = signal === 'SIGINT' ? 130 : 143
    if (!state.stop) {
      abandon()
      process.exit(code)
    }
    if (state.signal) {
      if (performance.now() - state.at > 1000) process.exit(code)
      return
    }
    Object.assign(state, { signal, at: performance.now() })
    state.stop()
    io.error.write('stopping after this iteration; again to quit at once\n')
  }
  process.on('SIGINT', handle)
  process.on('SIGTERM', handle)
  return {
    get signal() {
      return state.signal
    },
    begun(stop: () => void): void {
      state.stop = stop
    },
    done(): void {
      process.off('SIGINT', handle)
      process.off('SIGTERM', handle)
    },
  }
}
