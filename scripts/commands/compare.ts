// `compare`: several algorithms on one world, with the same seeds and the same number of rollouts. Each training is an
// ordinary run directory; what was interrupted goes on where it was, and what is done is not done again.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import '../../src/catalogue.ts'
import { algorithms } from '../../src/algorithms/registry.ts'
import { UserError } from '../../src/core/errors.ts'
import { describeOptions } from '../../src/core/options.ts'
import { type Candidate, compare, comparisonTable, drawComparison } from '../../src/report/comparison.ts'
import { reportProgress } from '../../src/report/progress.ts'
import { completeConfig, type PartialConfig, type RunConfig } from '../../src/runs/config.ts'
import { writeWhole } from '../../src/runs/files.ts'
import { isBegun, RunDirectory } from '../../src/runs/run-directory.ts'
import { refuseTooLarge } from '../../src/training/size.ts'
import { addChoices, asksForHelp, type Choices, chosenConfig, groupsOf, overlay, readChoices } from './configuration.ts'
import { addFlags, type Group, givenOptions, integer, number, termOf, text } from './flags.ts'
import type { Io } from './run.ts'
import { listenForSignals } from './signals.ts'

type Flags = Choices & {
  readonly algorithms: string[]
  readonly seeds: number[]
  readonly vary?: Variation
  readonly out: string
}

/** One more option that is to differ. */
type Variation = { readonly name: string; readonly values: readonly (string | number)[] }

/** Runs that differ only in their seeds. */
type Setting = { readonly label: string; readonly configs: readonly RunConfig[] }

/** Flags of a training that have no place here. */
const elsewhere = ['algorithm', 'resume', 'from', 'seed']

const defaultAlgorithms = ['reinforce', 'a2c', 'ppo', 'rloo', 'random']

export async function compareCommand(args: readonly string[], io: Io): Promise<Command> {
  const choices = readChoices(args)
  const chosen = await chosenConfig(choices, asksForHelp(args))
  const named = readList(args, '--algorithms') ?? defaultAlgorithms
  const groups = groupsOfAll(chosen, named)
  const command: Command = addChoices(new Command('compare'))
    .description(
      'Train several algorithms with the same seeds and the same number of rollouts; tabulate and draw their errors.',
    )
    .option('--algorithms <names>', 'which, apart by commas', listOf(text), defaultAlgorithms)
    .option('--seeds <numbers>', 'a training for each, apart by commas', listOf(integer), [0, 1])
    .option('--vary <option=values>', 'one more option to vary, such as glimpsePrice=0,0.01,0.1', variation)
    .option('--out <dir>', 'where the runs, the table, the numbers and the picture go', text, 'runs/compare')
    .option('--debug', 'show stack traces')
    .configureHelp({ optionTerm: (option) => termOf(option, command) })
    .action((flags: Flags) => {
      const misplaced = elsewhere.find((name) => command.getOptionValueSource(name) === 'cli')
      if (misplaced || chosen.from)
        throw new UserError(`--${misplaced ?? 'from'} has no place here; --algorithms and --seeds say what is compared`)
      return compareAll(settingsOf(chosen, givenOptions(command, groups), flags), flags, io)
    })
  addFlags(command, groups)
  for (const option of command.options) if (elsewhere.includes(option.attributeName())) option.hideHelp()
  return command
}

/** The groups of options; that of the algorithms has what any of them knows. */
function groupsOfAll(chosen: PartialConfig, names: readonly string[]): Group[] {
  const [first, ...others] = names.map((name) => algorithms.get(name).options)
  const shape = Object.assign({}, ...[...others, first!].map((options) => options.shape))
  return groupsOf({ ...chosen, algorithm: { ...chosen.algorithm, name: names[0]! } }).map((group) =>
    group.name === 'algorithm'
      ? { ...group, title: 'Algorithms (each takes the options that it has)', options: first!.extend(shape) }
      : group,
  )
}

/** Every algorithm under every value of what varies, with all seeds and, unless told otherwise, as many rollouts as the most demanding needs. */
function settingsOf(chosen: PartialConfig, given: PartialConfig, flags: Flags): Setting[] {
  const base = overlay(chosen, given)
  const { algorithms: names, seeds, vary } = flags
  const configOf = (name: string, value?: string | number, training: object = {}): RunConfig => {
    const known = Object.keys(algorithms.get(name).options.shape)
    const { name: _, ...options } = base.algorithm ?? {}
    const own = Object.fromEntries(Object.entries(options).filter(([key]) => known.includes(key)))
    const config = { ...base, algorithm: { name, ...own }, training: { ...base.training, ...training } }
    return completeConfig(vary ? varied(config, vary.name, value!) : config)
  }
  const values = vary ? vary.values : [undefined]
  const all = names.flatMap((name) => values.map((value) => ({ name, value })))
  const rollouts = Math.max(...all.map(({ name, value }) => configOf(name, value).training.rollouts))
  return all.map(({ name, value }) => ({
    label: value === undefined ? name : `${name}, ${vary!.name} ${value}`,
    configs: seeds.map((seed) => configOf(name, value, { rollouts, seed })),
  }))
}

/** A configuration with one option set, in the group that has it. @throws UserError where none has. */
function varied(config: PartialConfig, name: string, value: string | number): PartialConfig {
  const group = groupsOf(config).find(({ options }) => describeOptions(options).some((option) => option.name === name))
  if (!group) throw new UserError(`--vary: nothing here has the option "${name}"`)
  return { ...config, [group.name]: { ...config[group.name], [name]: value } }
}

async function compareAll(settings: readonly Setting[], { out }: Flags, io: Io): Promise<void> {
  mkdirSync(out, { recursive: true })
  const candidates: Candidate[] = []
  for (const { label, configs } of settings) {
    const runs: Candidate['runs'][number][] = []
    for (const config of configs) {
      const name = `${label} seed ${config.training.seed}`
      io.out.write(`${name}\n`)
      const run = await train(config, join(out, name.replace(/[^\w.]+/g, '-')), io)
      if (!run) return void io.out.write('stopped and saved; the same command goes on\n')
      runs.push(run)
    }
    candidates.push({ label, runs, rollouts: configs[0]!.training.rollouts })
    write(candidates, configs[0]!, out)
  }
  io.out.write(`\n${comparisonTable(compare(candidates))}\nwritten to ${out}: comparison.md, .json and .svg\n`)
}

/** One training to its end, wherever it stands; undefined where a signal stopped it. */
async function train(config: RunConfig, path: string, io: Io): Promise<Candidate['runs'][number] | undefined> {
  const [{ Trainer }, { createPlan }] = await Promise.all([
    import('../../src/training/trainer.ts'),
    import('../../src/training/plan.ts'),
  ])
  refuseTooLarge(config)
  createPlan(config) // loads images, which a signal may end, before there is a directory
  const begun = isBegun(path)
  const directory = begun ? RunDirectory.resume(path) : RunDirectory.create(config, path)
  const leave = (): void => (begun ? directory.close() : directory.discard())
  const signals = listenForSignals(io, 'stopping after this iteration', leave)
  try {
    if (begun) refuseOther(config, directory)
    if (!directory.summary()) {
      const { data } = directory.config
      const trainer = await Trainer.create(data === undefined ? config : { ...config, data }, { directory })
      signals.onStop(() => trainer.stop())
      try {
        reportProgress(trainer, { ...io, json: false })
        await trainer.train()
      } finally {
        await trainer.dispose()
      }
    }
    const summary = directory.summary()
    return summary && { epochs: directory.epochs(), summary }
  } finally {
    leave()
    signals.done()
  }
}

/** What is compared must be what was asked for. */
function refuseOther(config: RunConfig, { path, config: found }: RunDirectory): void {
  // whether the data are those that it was begun with is looked at by createPlan
  const telling = ({
    training: { engine: _, workers: __, shards: ___, ...training },
    data: ____,
    ...rest
  }: RunConfig): string => JSON.stringify({ ...rest, training })
  if (telling(config) !== telling(found))
    throw new UserError(`${path} holds a run with other options; choose another --out, or remove it`)
}

function write(candidates: readonly Candidate[], { environment }: RunConfig, out: string): void {
  const results = compare(candidates)
  const [{ rollouts }] = results as [(typeof results)[number]]
  const head = {
    title: `${environment.id}: error by algorithm`,
    subtitle: `mean over seeds and range; ${rollouts.toLocaleString('en')} rollouts each; wall time is of training alone`,
  }
  writeWhole(join(out, 'comparison.json'), `${JSON.stringify({ environment, results }, undefined, 2)}\n`)
  writeWhole(join(out, 'comparison.md'), comparisonTable(results))
  writeWhole(join(out, 'comparison.svg'), drawComparison(results, head))
}

const listOf =
  <Value>(parse: (value: string) => Value) =>
  (value: string): Value[] =>
    value.split(',').map((each) => parse(each.trim()))

/** `glimpsePrice=0,0.1`, or with dashes. */
function variation(value: string): Variation {
  const [name = '', values] = value.split('=')
  if (!name || !values)
    throw new UserError(`--vary "${value}": give an option and its values, such as glimpsePrice=0,0.1`)
  const camel = name.replace(/^--/, '').replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return { name: camel, values: values.split(',').map((each) => (Number.isNaN(Number(each)) ? each : number(each))) }
}

/** A list among the arguments, before the flags are known. */
function readList(args: readonly string[], flag: string): string[] | undefined {
  const at = args.findIndex((arg) => arg === flag || arg.startsWith(`${flag}=`))
  if (at < 0) return undefined
  return (args[at]!.includes('=') ? args[at]!.slice(flag.length + 1) : (args[at + 1] ?? '')).split(',')
}
