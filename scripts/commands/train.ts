// `train`: begin a run or go on with one, and tell how it goes.

import { resolve } from 'node:path'
import { Command } from 'commander'
import '../../src/catalogue.ts'
import { UserError } from '../../src/core/errors.ts'
import { configFrom, parametersFrom } from '../../src/inference/start-from.ts'
import { reportProgress } from '../../src/report/progress.ts'
import type { Board } from '../../src/report/tensorboard.ts'
import { hasCheckpoint } from '../../src/runs/checkpoint.ts'
import { completeConfig, type PartialConfig, type RunConfig } from '../../src/runs/config.ts'
import { importGiven, importNamed, resolveModule } from '../../src/runs/imports.ts'
import { type Change, RunDirectory } from '../../src/runs/run-directory.ts'
import type { Plan } from '../../src/training/programs.ts'
import { refuseTooLarge } from '../../src/training/size.ts'
import type { Trainer } from '../../src/training/trainer.ts'
import { addChoices, asksForHelp, type Choices, chosenConfig, groupsOf, overlay, readChoices } from './configuration.ts'
import { tellData } from './data-report.ts'
import { addFlags, givenOptions, kebab, termOf, text } from './flags.ts'
import type { Io } from './run.ts'
import { listenForSignals } from './signals.ts'

type Flags = Choices & {
  readonly out?: string
  readonly json?: boolean
  readonly debug?: boolean
  readonly verbose?: boolean
  readonly tensorboard: boolean
}

/** What may be given with --resume: how long, with what, and what a training that diverged is to change. */
const changeable = [
  ...['resume', 'import', 'json', 'debug', 'verbose', 'tensorboard', 'trust'],
  ...['epochs', 'workers', 'engine', 'learningRate', 'finalLearningRate', 'gradientClip', 'std'],
]

/** The command, with the flags of the environment and the algorithm that the arguments choose. */
export async function trainCommand(args: readonly string[], io: Io): Promise<Command> {
  const choices = readChoices(args)
  const asking = asksForHelp(args)
  const resumed = choices.resume === undefined || asking ? undefined : RunDirectory.open(choices.resume).config
  if (resumed) {
    await importGiven((choices.import ?? []).map((module) => resolveModule(module)))
    await importNamed(resumed.imports, choices.resume!)
  }
  const chosen = resumed ?? (await startingConfig(choices, asking))
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

/** What is asked for, over the agent that it starts from; without that where only help is asked for, since a run may name modules. */
async function startingConfig(choices: Choices, asking: boolean): Promise<PartialConfig> {
  const chosen = await chosenConfig(choices, asking)
  const { from } = chosen
  return from && !asking ? configFrom({ ...chosen, from }) : chosen
}

/** A resumed run is what it was: only how long, with what, and how it is told may change. */
function refuseChanges(command: Command, config: RunConfig, { resume }: Flags): void {
  const given = command.options
    .map((option) => option.attributeName())
    .filter((name) => command.getOptionValueSource(name) === 'cli' && !changeable.includes(name))
  if (given.length > 0)
    throw new UserError(
      `--${kebab(given[0]!)} cannot be given with --resume: the ${config.environment.id} run in ${resume} goes on as it began; only --epochs, --workers, --engine, and where it diverged --learning-rate, --final-learning-rate, --gradient-clip and --std may change`,
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

async function train(given: RunConfig, flags: Flags, io: Io): Promise<void> {
  const [{ Trainer }, { createPlan }] = await Promise.all([
    import('../../src/training/trainer.ts'),
    import('../../src/training/plan.ts'),
  ])
  // what is wrong shows here, and images are loaded, before there is a directory: a signal may end that at any moment
  refuseTooLarge(given)
  const plan = createPlan(given)
  tellData(given, flags, io)
  const { config, parameters, anew = [] } = await start(given, plan, flags)
  const fresh = flags.resume === undefined
  const directory = fresh ? RunDirectory.create(config, flags.out) : RunDirectory.resume(flags.resume!)
  const leave = (): void => (fresh ? directory.discard() : directory.close())
  const signals = listenForSignals(io, 'stopping after this iteration', leave)
  try {
    refusePast(config, directory)
    const before = directory.config
    const trainer = await Trainer.create(config, { directory, parameters })
    const progress = reportProgress(trainer, { ...io, json: flags.json ?? false, verbose: flags.verbose ?? false })
    signals.onStop(() => {
      trainer.stop()
      progress.clear()
    })
    try {
      if (!fresh) noteChanges(trainer, directory, before)
      if (anew.length > 0)
        trainer.emit(
          'warning',
          `not taken over from ${config.from!.agent}, for this world has others: ${anew.join(', ')}`,
        )
      const board = flags.tensorboard ? await openBoard(trainer, directory) : undefined
      const summary = await trainer.train()
      await board?.close()
      if (!summary && signals.signal)
        (flags.json ? io.error : io.out).write(
          `stopped and saved; to go on: ${thisCommand()} --resume ${directory.path}\n`,
        )
    } finally {
      await trainer.dispose()
    }
  } finally {
    leave()
    signals.done()
  }
}

/** The parameters that a run starts from, unless it has a checkpoint to go on from or draws them afresh; and what they are. */
async function start(
  config: RunConfig,
  plan: Plan,
  { resume }: Flags,
): Promise<{ readonly config: RunConfig; readonly parameters?: Float32Array; readonly anew?: readonly string[] }> {
  const { from } = config
  if (!from || (resume !== undefined && hasCheckpoint(resume, 'last'))) return { config }
  const found = await parametersFrom({ ...config, from }, plan)
  return { ...found, config: { ...config, from: found.from } }
}

/** Say what a resumed run does otherwise from here on, and write it down beside what was; config.json says only what is. */
function noteChanges(trainer: Trainer, directory: RunDirectory, before: RunConfig): void {
  const changes = changedOptions(before, trainer.config)
  const { epochs, schedule } = trainer.config.training
  if (epochs !== before.training.epochs && schedule !== 'constant')
    trainer.emit(
      'warning',
      `${epochs} epochs instead of ${before.training.epochs} change the schedules from here on: the run will differ from one that was begun so`,
    )
  const others = changes.filter(({ option }) => !['epochs', 'workers', 'shards', 'engine'].includes(option))
  if (others.length > 0) {
    const list = others.map(({ option, from, to }) => `--${kebab(option)} ${to} instead of ${from}`).join(', ')
    trainer.emit('warning', `${list} from here on: the run is no longer one that its config.json alone repeats`)
  }
  directory.noteChanges(changes)
}

/** The options of two configurations that differ. */
function changedOptions(before: RunConfig, now: RunConfig): Change[] {
  return (['environment', 'agent', 'algorithm', 'training'] as const).flatMap((group) => {
    const [old, fresh] = [before[group], now[group]] as Record<string, unknown>[]
    return (
      Object.keys(fresh!)
        // what an earlier version did not know has its default
        .filter((option) => option in old! && old![option] !== fresh![option])
        .map((option) => ({ option, from: old![option], to: fresh![option] }))
    )
  })
}

async function openBoard(trainer: Trainer, directory: RunDirectory): Promise<Board> {
  const { reportTensorBoard } = await import('../../src/report/tensorboard.ts')
  return reportTensorBoard(trainer, directory.path)
}

/** How this was called: `npm run train --` or `npx saccade train`. */
const thisCommand = (): string =>
  process.env.npm_lifecycle_event === 'train' ? 'npm run train --' : 'npx saccade train'
