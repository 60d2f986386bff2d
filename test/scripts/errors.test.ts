// Everything that a person can get wrong on the command line: one line that says what and what to do, exit code 1, no
// stack trace, and nothing half-written.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { evaluateCommand } from '../../scripts/commands/evaluate.ts'
import { listCommand } from '../../scripts/commands/list.ts'
import type { Builder } from '../../scripts/commands/run.ts'
import { trainCommand } from '../../scripts/commands/train.ts'
import { lengthOf } from '../../src/core/tensors.ts'
import { saveCheckpoint } from '../../src/runs/checkpoint.ts'
import { completeConfig } from '../../src/runs/config.ts'
import { RunDirectory } from '../../src/runs/run-directory.ts'
import { createPlan } from '../../src/training/plan.ts'
import { outcomeOf } from './help.ts'

const scratch = mkdtempSync(join(tmpdir(), 'saccade-'))

/** A file of the scratch directory. */
function file(name: string, content: string): string {
  const path = join(scratch, name)
  writeFileSync(path, content)
  return path
}

async function refused(builder: Builder, args: readonly string[], message: RegExp): Promise<void> {
  const { code, out, error } = await outcomeOf(builder, ...args)
  const shown = `${args.join(' ')}: ${error}`
  assert.is(code, 1, shown)
  assert.match(error, message, shown)
  assert.match(error, /^error: [^\n]+\n$/, `one line: ${shown}`)
  assert.is(out, '', shown)
}

const run = join(scratch, 'run')
const config = completeConfig({ environment: { id: 'probe/prediction' }, training: { seed: 3 } })
const begun = RunDirectory.create(config, run)
begun.appendEpoch({
  ...{ epoch: 1, epochs: 9, train: { loss: 1 }, best: true, learningRate: 0.001, seconds: 1 },
  imagesPerSecond: 1000,
  steps: 6000,
  measure: 'error' as const,
})
begun.close()

test('unknown flags, the nearest named where there is one', async () => {
  await refused(trainCommand, ['--glimse-side', '8'], /unknown option '--glimse-side'; did you mean --glimpse-side\?/)
  await refused(trainCommand, ['--qqqqq'], /unknown option '--qqqqq'/)
  await refused(trainCommand, ['MNIST'], /too many arguments/)
  await refused(evaluateCommand, [run, '--slpit', 'test'], /unknown option '--slpit'; did you mean --split\?/)
})

test('a flag of another environment or algorithm is unknown', async () => {
  await refused(
    trainCommand,
    ['--environment', 'probe/prediction', '--glimpse-side', '8'],
    /unknown option '--glimpse-side'/,
  )
  await refused(trainCommand, ['--algorithm', 'random', '--final-std', '1'], /unknown option '--final-std'/)
})

test('unknown names, the nearest named', async () => {
  await refused(trainCommand, ['--environment', 'MNITS'], /unknown environment "MNITS"; did you mean "MNIST"\?/)
  await refused(trainCommand, ['--algorithm', 'dqn'], /unknown algorithm "dqn"; known: .*reinforce/)
  await refused(listCommand, ['engine'], /unknown kind "engine"; did you mean "engines"\?/)
})

test('values that are missing, of the wrong kind or out of bounds', async () => {
  await refused(trainCommand, ['--epochs'], /'--epochs <integer>' argument missing/)
  await refused(trainCommand, ['--out', '--json'], /'--out <dir>' argument '--json' is invalid. A value is missing/)
  await refused(trainCommand, ['--epochs', 'ten'], /'--epochs <integer>' argument 'ten' is invalid. It is not a number/)
  await refused(trainCommand, ['--epochs', '1.5'], /argument '1.5' is invalid. It is not a whole number/)
  await refused(trainCommand, ['--learning-rate', ''], /'--learning-rate <number>' argument '' is invalid/)
  await refused(trainCommand, ['--core', 'gru'], /'--core <name>' argument 'gru' is invalid. Allowed: rnn, lstm/)
  await refused(trainCommand, ['--epochs', '0'], /training: --epochs: 0 given; .*>=1/)
  await refused(trainCommand, ['--std', '-1'], /algorithm reinforce: --std: -1 given; .*>0/)
  await refused(evaluateCommand, [run, '--split', 'dev'], /Allowed: test, validation, train/)
  await refused(evaluateCommand, [run, '--rollouts', '0'], /'--rollouts <count>' argument '0' is invalid/)
})

test('options that do not go together, or with the data, by their flags', async () => {
  const refusedIn = (world: string, ...args: string[]) =>
    refused(trainCommand, ['--environment', world, ...args.slice(0, -1)], new RegExp(`^error: ${args.at(-1)}`))
  await refusedIn(
    'MNIST',
    '--context-side',
    '40',
    '--context-side 40 given; a coarse view of 28x28 pixels has 28 cells',
  )
  await refusedIn(
    'MNISTPairs',
    '--canvas-side',
    '40',
    '--canvas-side 40 given; 2 images of MNIST .* are 56 pixels wide',
  )
  await refusedIn(
    'CircleSquare',
    '--glimpse-side',
    '30',
    "CircleSquare: --glimpse-side 30 must be less than the image's",
  )
  await refusedIn('Hunt', '--distractors', '9000', 'Hunt: 9000 distractors of 10 pixels .* do not fit .* 2600 at most')
  await refusedIn(
    'MNIST',
    '--glimpse-side',
    '3',
    '--what-filters',
    '4',
    'agent ram: --what-filters 4 on a glimpse of side 3',
  )
})

test('config files that are missing, malformed, or have unknown groups or keys', async () => {
  const wrong = (name: string, content: string, message: RegExp): Promise<void> =>
    refused(trainCommand, ['--config', file(name, content)], message)
  await refused(trainCommand, ['--config', '/nowhere.json'], /cannot read \/nowhere\.json: no such file or directory/)
  await wrong('a.json', '{"training": {', /a\.json: not JSON: /)
  await wrong('a.yaml', 'training: [', /a\.yaml: not YAML: /)
  await wrong('b.json', '[]', /b\.json: expected the groups/)
  await wrong('c.json', '{"trainign": {}}', /c\.json: unknown group "trainign"; did you mean "training"\?/)
  await wrong('d.yaml', 'training: 3', /d\.yaml: training: expected a group of options, found 3/)
  await wrong('e.yaml', 'training: { epoch: 3 }', /training: unknown option "epoch"; did you mean "epochs"\?/)
  await wrong(
    'f.json',
    '{"agent": {"hidenUnits": 3}}',
    /agent ram: unknown option "hidenUnits"; did you mean "hiddenUnits"\?/,
  )
  await wrong('g.json', '{"environment": {"id": "MNIST", "side": 3}}', /environment MNIST-v1: unknown option "side"/)
  await wrong(
    'h.json',
    '{"algorithm": {"name": "reinforse"}}',
    /unknown algorithm "reinforse"; did you mean "reinforce"\?/,
  )
  await wrong('i.json', '{"imports": "x"}', /i\.json: imports: expected a list of modules, found "x"/)
})

test('modules that are missing or broken', async () => {
  await refused(
    trainCommand,
    ['--import', './nowhere.ts'],
    /cannot import \.\/nowhere\.ts: there is no file .*nowhere\.ts/,
  )
  await refused(
    trainCommand,
    ['--import', 'no-such-package'],
    /cannot import no-such-package: no such file and no such package/,
  )
  await refused(listCommand, ['--import', './nowhere.js'], /cannot import \.\/nowhere\.js: there is no file/)
  const taken = file(
    'taken.mjs',
    `import { registerEnvironment, z } from ${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)}
    registerEnvironment({ id: 'MNIST', options: z.strictObject({}) })`,
  )
  await refused(trainCommand, ['--import', taken], /environment "MNIST-v1" is already registered; choose another name/)
})

test('an option of a module that takes the name of a flag', async () => {
  const mine = file(
    'mine.mjs',
    `import { registerEnvironment } from ${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)}
    import { z } from ${JSON.stringify(import.meta.resolve('zod'))}
    registerEnvironment({ id: 'Mine', description: 'x', options: z.strictObject({ hiddenUnits: z.int().default(1) }), create() {} })`,
  )
  await refused(
    trainCommand,
    ['--import', mine, '--environment', 'Mine'],
    /the flag --hidden-units is claimed by Environment Mine and by Agent ram; rename/,
  )
})

test('runs that are not there, not to be begun anew, or not to be changed', async () => {
  await refused(trainCommand, ['--resume', '/nowhere'], /\/nowhere holds no run: no such directory/)
  await refused(
    trainCommand,
    ['--environment', 'probe/prediction', '--out', run],
    /already holds a run; go on with it by --resume/,
  )
  await refused(
    trainCommand,
    ['--resume', run, '--seed', '4'],
    /--seed cannot be given with --resume: .* only --epochs, --workers, --engine, and where it diverged/,
  )
  await refused(trainCommand, ['--resume', run, '--no-tanh-mean'], /--tanh-mean cannot be given with --resume/)
  await refused(trainCommand, ['--resume', run, '--quick'], /--quick cannot be given with --resume/)
  await refused(evaluateCommand, ['/nowhere'], /\/nowhere: there is no such run or file; give/)
  await refused(evaluateCommand, [run], /checkpoints\/best: no checkpoint here/)
  await refused(evaluateCommand, [], /missing required argument 'path'/)
})

test('checkpoints that are corrupt, or of another architecture', async () => {
  const layout = [{ name: 'core/kernel', shape: [2] }]
  const state = { epoch: 1, iteration: 0, sums: {}, steps: 1, seconds: 1, config, layout }
  saveCheckpoint(run, 'best', { ...state, tensors: { parameters: new Float32Array(2) } })
  await refused(evaluateCommand, [run], /checkpoint of another architecture: /)
  const own = createPlan(config).agent.layout
  const parameters = new Float32Array(lengthOf(own))
  const directory = saveCheckpoint(run, 'best', { ...state, layout: own, tensors: { parameters } })
  const tensors = readdirSync(directory).find((name) => name.endsWith('.safetensors'))!
  writeFileSync(join(directory, tensors), 'garbage')
  await refused(evaluateCommand, [run], /\.safetensors: corrupt checkpoint: its SHA-256 should be/)
})

test('an engine that is not to be had leaves no run directory behind', async () => {
  const out = join(scratch, 'not-begun')
  const small = ['--environment', 'probe/prediction', '--out', out]
  await refused(trainCommand, [...small, '--engine', 'wsam'], /unknown engine "wsam"; did you mean "wasm"\?/)
  assert.not(existsSync(out))
})

test('data that are not there leave no run directory behind', async () => {
  const out = join(scratch, 'not-begun')
  mkdirSync(join(scratch, 'empty'))
  await refused(trainCommand, ['--data', join(scratch, 'empty'), '--out', out], /empty/)
  assert.not(existsSync(out))
})

test('as processes: exit code 1, one line on stderr, a stack trace only with --debug', () => {
  const call = (...args: string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', 'scripts/saccade.ts', ...args], { encoding: 'utf8' })
  const wrong = call('train', '--algorithm', 'dqn')
  assert.is(wrong.status, 1)
  assert.is(wrong.stdout, '')
  assert.match(wrong.stderr, /^error: unknown algorithm "dqn"; [^\n]+\n$/)
  const debug = call('train', '--algorithm', 'dqn', '--debug')
  assert.is(debug.status, 1)
  assert.match(debug.stderr, /\n +at /)
  const command = call('trian')
  assert.is(command.status, 1)
  assert.match(command.stderr, /^error: unknown command 'trian'; did you mean train\?\n$/)
})

test.run()
