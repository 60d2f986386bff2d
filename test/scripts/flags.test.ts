import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  addChoices,
  chosenConfig,
  groupsOf,
  overlay,
  quick,
  readChoices,
} from '../../scripts/commands/configuration.ts'
import { addFlags, flagOwners, givenOptions } from '../../scripts/commands/flags.ts'
import { listCommand } from '../../scripts/commands/list.ts'
import { trainCommand } from '../../scripts/commands/train.ts'
import { agents } from '../../src/agent/registry.ts'
import { algorithms } from '../../src/algorithms/registry.ts'
import { environments } from '../../src/env/registry.ts'
import { completeConfig, type RunConfig } from '../../src/runs/config.ts'
import { outcomeOf } from './help.ts'

const scratch = mkdtempSync(join(tmpdir(), 'saccade-'))

function file(name: string, content: string): string {
  const path = join(scratch, name)
  writeFileSync(path, content)
  return path
}

/** The configuration that `train` would run with. */
async function configOf(...args: string[]): Promise<RunConfig> {
  const chosen = await chosenConfig(readChoices(args))
  const groups = groupsOf(chosen)
  const command = addChoices(new Command())
  addFlags(command, groups)
  command.parse(args, { from: 'user' })
  return completeConfig(overlay(chosen, givenOptions(command, groups)))
}

test('no two owners of options share a flag, for any environment, agent and algorithm that come built in', async () => {
  const fixed = (await trainCommand([], { out: process.stdout, error: process.stderr })).options
  const own = fixed.filter(({ helpGroupHeading }) => !helpGroupHeading).map(({ long }) => long!.slice(2))
  assert.ok(own.includes('resume') && own.includes('json'))
  const taken = own.filter((name) => !name.startsWith('no-'))
  for (const id of environments.names())
    for (const agent of agents.names())
      for (const algorithm of algorithms.names()) {
        const groups = groupsOf({ environment: { id }, agent: { name: agent }, algorithm: { name: algorithm } })
        assert.not.throws(() => flagOwners(groups, [...taken, 'help']), `${id}, ${agent}, ${algorithm}`)
      }
})

test('flags win over the config file, the file over the defaults', async () => {
  const path = file('a.yaml', 'environment: { glimpses: 4, glimpseSide: 10 }\ntraining: { seed: 7 }\n')
  const config = await configOf('--config', path, '--glimpses', '5', '--no-tanh-mean', '--learning-rate', '2e-3')
  assert.is(config.environment.glimpses, 5)
  assert.is(config.environment.glimpseSide, 10)
  assert.is(config.environment.scales, 1)
  assert.is(config.agent.tanhMean, false)
  assert.is(config.training.seed, 7)
  assert.is(config.training.learningRate, 0.002)
})

test('a flag turns on again what a config file turned off', async () => {
  const path = file('b.json', '{"agent": {"tanhMean": false, "detach": "none"}}')
  const { agent } = await configOf('--config', path, '--tanh-mean')
  assert.is(agent.tanhMean, true)
  assert.is(agent.detach, 'none')
})

test('the config file chooses environment and algorithm, and flags choose otherwise', async () => {
  const path = file('c.json', '{"environment": {"id": "probe/prediction"}, "algorithm": {"name": "random"}}')
  const config = await configOf('--config', path)
  assert.is(config.environment.id, 'probe/prediction-v1')
  assert.is(config.algorithm.name, 'random')
  assert.is((await configOf('--config', path, '--algorithm', 'reinforce')).algorithm.name, 'reinforce')
})

test("a run's own config.json is a config file", async () => {
  const config = await configOf('--glimpses', '3', '--seed', '5')
  assert.equal(await configOf('--config', file('config.json', JSON.stringify(config))), config)
})

test('--quick is short, and flags win over it', async () => {
  const { training } = await configOf('--quick', '--epochs', '3')
  assert.is(training.epochs, 3)
  assert.is(training.epochItems, quick.epochItems)
})

test('a module is remembered by its absolute path; in a config file, relative to that file', async () => {
  const path = file('mine.mjs', '')
  const config = await configOf('--config', file('d.yaml', 'imports: [./mine.mjs]'), '--import', path)
  assert.equal(config.imports, [path])
})

test('--help groups the options by owner and shows default, bounds and units', async () => {
  const { code, out } = await outcomeOf(trainCommand, '--help')
  assert.is(code, 0)
  const headings = [...out.matchAll(/^(\S.*):$/gm)].map(([, heading]) => heading)
  assert.equal(headings, ['Options', 'Environment MNIST', 'Agent ram', 'Algorithm reinforce', 'Training'])
  const words = out.replace(/\s+/g, ' ')
  assert.match(words, /--hidden-units <integer> units of the recurrent core .*?\(default 256; 1 to 4096\)/)
  assert.match(words, /--core <name> .*?\(default rnn; one of rnn, lstm, dram, attention\)/)
  assert.match(words, /--\[no-\]tanh-mean bound .*?\(default true\)/)
  assert.not.match(words, / --no-tanh-mean /)
})

test('--help shows the options of the environment and the algorithm that were chosen', async () => {
  const { out } = await outcomeOf(trainCommand, '--environment', 'probe/prediction', '--algorithm', 'random', '--help')
  assert.match(out, /^Algorithm random:$/m)
  assert.not.match(out, /--glimpse-side|--final-std/)
})

test('list is a page: a line of at most 80 characters for every environment, agent, algorithm and engine', async () => {
  const { code, out } = await outcomeOf(listCommand)
  assert.is(code, 0)
  for (const name of [...environments.names(), ...algorithms.names(), 'onnx', 'tensorflow', 'wasm', 'cpu'])
    assert.match(out, new RegExp(`^  ${name} {2,}\\S`, 'm'), name)
  const lines = out.split('\n')
  assert.ok(lines.length < 60, `${lines.length} lines`)
  assert.equal(
    lines.filter((line) => line.length > 80),
    [],
  )
})

test('list shows one thing in full, with the defaults of train --help, also as JSON', async () => {
  const words = (await outcomeOf(listCommand, 'environments', 'ClutteredMNIST')).out.replace(/\s+/g, ' ')
  const help = (await outcomeOf(trainCommand, '--environment', 'ClutteredMNIST', '--help')).out.replace(/\s+/g, ' ')
  const [, scales] = /--scales <integer> (.*?\(default .*?\))/.exec(help) ?? []
  assert.match(scales!, /default 3/)
  assert.ok(words.includes(`--scales ${scales}`), words)
  const { agents: listed } = JSON.parse((await outcomeOf(listCommand, 'agents', '--json')).out)
  const ram = listed.find(({ name }: { name: string }) => name === 'ram')
  const layers = ram.options.find(({ name }: { name: string }) => name === 'locatorUnits')
  // of the recipe of MNIST, not of the agent itself
  assert.match((await outcomeOf(trainCommand, '--help')).out.replace(/\s+/g, ' '), /--locator-units .*?\(default 128/)
  assert.is(layers.default, 128)
  const wrong = await outcomeOf(listCommand, 'agents', 'conected')
  assert.match(wrong.error, /unknown name "conected" among the agents; did you mean "connected"\?/)
})

test.run()
