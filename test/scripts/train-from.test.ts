// A training that starts from a trained agent, and one that is repeated from what a run wrote down.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compareCommand } from '../../scripts/commands/compare.ts'
import { exportCommand } from '../../scripts/commands/export.ts'
import { trainCommand } from '../../scripts/commands/train.ts'
import { lengthOf } from '../../src/core/tensors.ts'
import { loadCheckpoint } from '../../src/runs/checkpoint.ts'
import { RunDirectory } from '../../src/runs/run-directory.ts'
import { createPlan } from '../../src/training/plan.ts'
import { Trainer } from '../../src/training/trainer.ts'
import { outcomeOf } from './help.ts'

const scratch = mkdtempSync(join(tmpdir(), 'saccade-'))
const source = join(scratch, 'source')
const brief = [
  '--engine',
  'wasm',
  '--workers',
  '1',
  '--epochs',
  '1',
  '--epoch-items',
  '64',
  '--evaluation-items',
  '20',
  '--evaluation-rollouts',
  '1',
  '--no-tensorboard',
]
const small = [
  '--what-units',
  '8',
  '--where-units',
  '8',
  '--feature-units',
  '8',
  '--hidden-units',
  '8',
  '--locator-units',
  '0',
]
/** So small a step that nothing is learned. */
const still = ['--optimiser', 'sgd', '--learning-rate', '1e-30', '--momentum', '0']

const train = async (name: string, ...args: string[]): Promise<RunDirectory> => {
  const path = join(scratch, name)
  const { code, error } = await outcomeOf(trainCommand, ...brief, '--out', path, ...args)
  assert.is(code, 0, error)
  return RunDirectory.open(path)
}
const refusal = async (...args: string[]): Promise<string> => {
  const { code, error } = await outcomeOf(trainCommand, ...brief, '--out', join(scratch, 'refused'), ...args)
  assert.is(code, 1)
  assert.is(error.trim().split('\n').length, 1, error)
  return error
}
const parametersOf = ({ path }: RunDirectory) => loadCheckpoint(path, 'last').tensors.parameters!

await train('source', ...small, '--glimpses', '2', '--std', '0.3', '--seed', '5')

test('a training starts from the parameters of a run, with its world, agent and algorithm', async () => {
  const run = await train('from-run', ...still, '--from', source)
  assert.equal(parametersOf(run), loadCheckpoint(source, 'best').tensors.parameters)
  const { environment, agent, algorithm, training, from } = run.config
  assert.equal([environment.glimpses, agent.hiddenUnits, algorithm.std, training.seed], [2, 8, 0.3, 0])
  assert.is(from!.agent, source)
  assert.match(from!.parameters!, /^[0-9a-f]{16}$/)
})

test('for another world all is taken over but the heads that it has otherwise, which is said', async () => {
  const { code, out, error } = await outcomeOf(
    trainCommand,
    ...[...brief, ...still, '--from', source, '--environment', 'MNISTPairs', '--scales', '1', '--glimpse-side', '8'],
    ...['--glimpses', '2', '--canvas-side', '56', '--out', join(scratch, 'from-other')],
  )
  assert.is(code, 0, error)
  assert.match(out + error, /not taken over from \S*source, for this world has others: prediction/)
  const there = loadCheckpoint(source, 'best')
  const here = loadCheckpoint(join(scratch, 'from-other'), 'last')
  const layout = createPlan(RunDirectory.open(source).config).agent.layout
  const body = layout.filter(({ name }) => !name.startsWith('prediction.'))
  const first = layout.findIndex(({ name }) => name.startsWith('prediction.'))
  assert.ok(first > 0 && body.length === layout.length - 2)
  const shared = lengthOf(layout.slice(0, first))
  assert.equal(here.tensors.parameters!.slice(0, shared), there.tensors.parameters!.slice(0, shared))
  assert.is(here.tensors.parameters!.length, there.tensors.parameters!.length + 9 * 10)
})

test('it starts from an agent file and from the zoo, too', async () => {
  const file = join(scratch, 'agent.safetensors')
  await outcomeOf(exportCommand, source, '--agent', '--out', file)
  const run = await train('from-file', ...still, '--from', file)
  assert.equal(parametersOf(run), loadCheckpoint(source, 'best').tensors.parameters)
  const tame = await train('from-zoo', ...still, '--from', 'zoo:mnist-6')
  assert.is(tame.config.from!.agent, 'zoo:mnist-6')
  assert.ok(tame.summary()!.testError.greedy <= 15, 'three of twenty')
})

test('the same options, world or length may be others where the parameters still fit', async () => {
  const run = await train('longer', ...still, '--from', source, '--glimpses', '3', '--algorithm', 'a2c')
  assert.equal([run.config.environment.glimpses, run.config.algorithm.name], [3, 'a2c'])
  const other = await train('clothes', ...still, '--from', source, '--environment', 'probe/prediction').catch(
    (error) => error,
  )
  assert.match(String(other.message), /do not fit this world and agent/)
})

test('what does not fit is refused in words', async () => {
  assert.match(
    await refusal('--from', source, '--scales', '2'),
    /error: from .*source: its parameters do not fit this world and agent: "glimpse\.what\.kernel" is \[64, 8\] there and \[128, 8\] here; leave/,
  )
  assert.match(
    await refusal('--from', source, '--no-tanh-mean'),
    /error: agent ram: --tanh-mean: false given; .*source has true, which its parameters were trained with: leave it out/,
  )
  assert.match(
    await refusal('--from', source, '--agent', 'connected'),
    /it is an agent ram, and connected is asked for/,
  )
  assert.match(await refusal('--from', join(scratch, 'none')), /there is no such run or file/)
  assert.match(await refusal('--from', 'zoo:none'), /the zoo has no such agent; it has /)
  assert.match(await refusal('--resume', source, '--from', source), /--from cannot be given with --resume/)
  const { error } = await outcomeOf(compareCommand, '--from', source)
  assert.match(error, /--from has no place here/)
  const { config } = RunDirectory.open(join(scratch, 'from-run'))
  const three = Trainer.create(config, { parameters: new Float32Array(3) })
  assert.match(await three.then(String, String), /parameters: 3 given; this agent has \d+$/)
  assert.match(
    await Trainer.create(config).then(String, String),
    /no parameters are given; only `train` starts from an agent/,
  )
})

test('a run that goes on needs its source no more, unless it has no checkpoint yet', async () => {
  const run = await train('goes-on', ...still, '--from', source)
  const resume = (): Promise<{ code: number; error: string }> =>
    outcomeOf(trainCommand, '--resume', run.path, '--epochs', '2', '--no-tensorboard')
  const config = { ...run.config, from: { agent: join(scratch, 'gone') } }
  run.writeConfig(config)
  assert.is((await resume()).code, 0)
  rmSync(join(run.path, 'checkpoints'), { recursive: true })
  rmSync(join(run.path, 'metrics.jsonl'))
  assert.match((await resume()).error, /gone: there is no such run or file/)
})

test('a run is repeated from its config.json; not where its data or its source are others', async () => {
  const first = await train('first', '--from', source)
  const config = join(first.path, 'config.json')
  const again = await train('again', '--config', config)
  assert.equal(parametersOf(again), parametersOf(first))
  assert.equal(again.config, first.config)
  const changed = (change: object): string => {
    const path = join(scratch, 'changed.json')
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), ...change }))
    return path
  }
  assert.match(
    await refusal('--config', changed({ data: '0-0' })),
    /its data are not those of this run \(fingerprint 0-0,/,
  )
  assert.match(
    await refusal('--config', changed({ from: { agent: source, parameters: '0' } })),
    /its parameters are not those that this configuration began with \(0, now [0-9a-f]{16}\)/,
  )
  assert.match(await refusal('--config', changed({ from: { agent: 7 } })), /from\.agent: expected a name, found 7/)
  assert.match(
    await refusal('--config', changed({ data: 7 })),
    /data: expected the fingerprint of a run's data, found 7/,
  )
  // of another world it says nothing
  await train('elsewhere', '--config', changed({ data: '0-0' }), '--distortion', '0')
})

test('a run that goes on with other data is refused', async () => {
  const run = RunDirectory.open(join(scratch, 'first'))
  run.writeConfig({ ...run.config, data: '0-0' })
  const { error } = await outcomeOf(trainCommand, '--resume', run.path, '--epochs', '2')
  assert.match(error, /its data are not those of this run/)
})

test.run()
