// The zoo: what lies there does what it did when it was added, and how an entry is made. The tests of making train two small
// runs for all of them.

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { addToZoo } from '../../scripts/add-to-zoo.ts'
import { evaluateCommand } from '../../scripts/commands/evaluate.ts'
import { zooCommand } from '../../scripts/commands/zoo.ts'
import { noteCommit } from '../../scripts/results.ts'
import { fromBase64, readZoo, sampleOf, sizeOfFolder, type ZooAgent } from '../../scripts/zoo.ts'
import { cardText, commandOf, indexText } from '../../scripts/zoo-cards.ts'
import { selectEngine } from '../../src/engine/select.ts'
import { zooFolder } from '../../src/inference/find-agent.ts'
import { openRun } from '../../src/inference/open-run.ts'
import { completeConfig } from '../../src/runs/config.ts'
import { RunDirectory } from '../../src/runs/run-directory.ts'
import { smallConfig, trainOnce } from '../training/help.ts'
import { outcomeOf } from './help.ts'

const agents = readZoo(zooFolder())
/** Bytes of an agent file that is played here; larger ones are left to `evaluate`. */
const small = 2_000_000

/** Whether an engine starts here. */
const starts = (name: string): Promise<boolean> =>
  selectEngine(name).then(
    ({ engine }) => {
      engine.dispose()
      return true
    },
    () => false,
  )

for (const { name, entry, config, size } of agents) {
  if (size > small) {
    console.log(`SKIP zoo:${name}: a larger one; npm run evaluate -- zoo:${name}`)
    continue
  }
  test(`zoo:${name} does on a few test items what it did when it was added`, async () => {
    const { sample: expected } = entry
    const engine = (await starts(expected.engine)) ? expected.engine : 'wasm'
    const opened = await openRun(`zoo:${name}`, { engine })
    const found = await sampleOf(opened)
    opened.dispose()
    assert.equal(found.items, expected.items)
    const alike = found.engine === expected.engine && found.processor === expected.processor
    if (!alike)
      console.log(`NOTE zoo:${name} was added on ${expected.engine}, ${expected.processor}: not bit for bit here`)
    for (const what of ['locations', 'outputs'] as const) {
      const [here, there] = [fromBase64(found[what]), fromBase64(expected[what])]
      assert.is(here.length, there.length)
      assert.ok(here.length > 0)
      if (alike) assert.equal(here, there, what)
      else for (const [i, value] of here.entries()) assert.ok(Math.abs(value - there[i]!) < 1e-3, `${what} ${i}`)
    }
    const { environment } = completeConfig(config) // what it was too early to know of has its default
    assert.equal(opened.config.environment, environment, 'the run that it came of, and its file, agree')
  })
}

test('the cards say what the entries say', () => {
  for (const agent of agents)
    assert.is(readFileSync(join(zooFolder(), agent.name, 'README.md'), 'utf8'), cardText(agent), 'npm run zoo -- cards')
  assert.is(readFileSync(join(zooFolder(), 'README.md'), 'utf8'), indexText(agents), 'npm run zoo -- cards')
})

test("the zoo's part of the repository is below 30 MB, and the package below 10 MB", () => {
  assert.ok(sizeOfFolder(zooFolder()) < 30e6)
  const args = ['pack', '--dry-run', '--ignore-scripts', '--json']
  const { stdout } = spawnSync('npm', args, { cwd: join(zooFolder(), '..'), encoding: 'utf8' })
  const [{ size, files }] = JSON.parse(stdout) as [{ size: number; files: { path: string }[] }]
  assert.ok(size < 10e6, `${size} bytes: leave out the largest by "!zoo/NAME" in the files of package.json`)
  assert.ok(files.some(({ path }) => path === 'zoo/mnist-6/agent.safetensors'))
})

// how an entry is made

const scratch = mkdtempSync(join(tmpdir(), 'saccade-'))
const zoo = join(scratch, 'zoo')
const run = (seed: number): string => join(scratch, `seed-${seed}`)
for (const seed of [0, 1]) {
  const config = smallConfig({ training: { seed, learningRate: 0.003 } })
  await trainOnce(config, RunDirectory.create(config, run(seed)))
  noteCommit(run(seed), '0123abcd')
}
const validationError = (seed: number): number => RunDirectory.open(run(seed)).summary()!.validationError
const better = validationError(0) <= validationError(1) ? 0 : 1

const options = { engine: 'wasm', workers: 1 }
const add = async (
  name: string,
  paths: readonly string[],
  more: object = {},
): Promise<{ agent: ZooAgent; told: string[] }> => {
  const told: string[] = []
  return { agent: await addToZoo(zoo, name, paths, { ...options, ...more }, (line) => told.push(line)), told }
}

test('of some seeds the one of the lowest validation error is added, and evaluate gives its figures again', async () => {
  const { agent, told } = await add('tiny-3', [run(0), run(1)], { float16: 100 })
  assert.match(told[0]!, new RegExp(`seed-${better} has the lowest validation error of the seeds 0, 1$`))
  assert.match(told[1]!, /^stored in float16: greedy [\d.]+ % to [\d.]+ %, sampled /)
  assert.is(agent.summary.seed, better)
  assert.equal([agent.entry.seeds, agent.entry.commit, agent.entry.dtype], [[0, 1], '0123abcd', 'float16'])
  const { code, out, error } = await outcomeOf(
    evaluateCommand,
    ...[join(zoo, 'tiny-3'), '--engine', 'wasm', '--workers', '1', '--json'],
  )
  assert.is(code, 0, error)
  const { errors, items, rollouts } = JSON.parse(out)
  const { evaluation } = agent.entry
  assert.equal([errors, items, rollouts], [evaluation.errors, evaluation.items, evaluation.rollouts])
  assert.is(items, 10_000)
  const card = readFileSync(join(zoo, 'tiny-3', 'README.md'), 'utf8')
  assert.ok(card.includes(`| greedy | one rollout, the likeliest actions | ${errors.greedy.toFixed(2)} % | [`), card)
  assert.match(card, /Trained at commit `0123abcd`, seed \d, in [\d.]+ minutes \(engine wasm, workers 1\): 2 epochs/)
  assert.match(card, /glimpses 3, glimpse side 8, scales 1/)
  assert.match(readFileSync(join(zoo, 'tiny-3', 'gaze.svg'), 'utf8'), /^<svg/)
})

test('float16 that would change an error too much is left, and said so', async () => {
  const { agent, told } = await add('tiny-32', [run(0)], { float16: -1 })
  assert.is(agent.entry.dtype, 'float32')
  assert.match(told[0]!, /^stored in float32, for float16 changes an error by more than -1: greedy/)
  assert.ok(agent.size > 4 * agent.summary.parameters)
})

test('what is not complete, not known, private, or in the way is refused in words', async () => {
  const refused = async (name: string, paths: readonly string[], message: RegExp, more: object = {}): Promise<void> => {
    const error = await add(name, paths, more).then(
      () => undefined,
      (thrown: Error) => thrown,
    )
    assert.is(error?.name, 'UserError', error?.stack)
    assert.match(error!.message, message)
    assert.not(existsSync(join(zoo, name, 'entry.json')) && name.startsWith('no'), 'nothing was written')
  }
  const altered = (change: (path: string) => void): string => {
    const path = join(mkdtempSync(join(tmpdir(), 'saccade-')), 'run')
    cpSync(run(0), path, { recursive: true })
    change(path)
    return path
  }
  const withConfig = (more: object): string =>
    altered((path) => {
      const file = join(path, 'config.json')
      writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...more }))
    })
  await refused('Tiny 3', [run(0)], /"Tiny 3": a name in the zoo has small letters/)
  await refused('tiny-3', [run(0)], /tiny-3 is there already; add --replace/)
  await refused('no-1', [altered((path) => writeFileSync(join(path, 'summary.json'), '1'))], /not a run's summary/)
  await refused('no-2', [altered((path) => noteCommit(path, 'unknown'))], /not known at which commit .* --commit$/)
  await refused(
    'no-3',
    [altered((path) => noteCommit(path, '0123abcd+'))],
    /the tree differed from its commit 0123abcd\+/,
  )
  await refused(
    'no-4',
    [withConfig({ imports: ['/mine.ts'] })],
    /it needs modules \(\/mine\.ts\) that others do not have/,
  )
  await refused('no-5', [withConfig({ from: { agent: '/mine' } })], /it needs an agent to start from \(\/mine\)/)
  await refused('no-6', [run(0), withConfig({ agent: { name: 'ram' } })], /differs from .* in more than the seed/)
  await refused('no-7', [join(scratch, 'none')], /holds no run/)
  const told = await add('said', [altered((path) => noteCommit(path, 'unknown'))], { commit: '89abcdef' })
  assert.is(told.agent.entry.commit, '89abcdef')
})

test('zoo lists them a line each, and as JSON', async () => {
  const { code, out } = await outcomeOf(zooCommand)
  assert.is(code, 0)
  const lines = out.trimEnd().split('\n')
  assert.is(lines.length, agents.length)
  for (const [i, { name, config }] of agents.entries())
    assert.match(lines[i]!, new RegExp(`^zoo:${name} +${config.environment.id} +\\w+ [\\d.]+.* averaged .* (kB|MB)$`))
  assert.equal(
    JSON.parse((await outcomeOf(zooCommand, '--json')).out).map(({ name }: ZooAgent) => name),
    agents.map(({ name }) => name),
  )
})

test('the command of a card has what is not its own recipe', () => {
  const command = (given: object): string => commandOf(completeConfig(given))
  assert.is(command({ environment: { id: 'MNIST' } }), 'npm run train -- --environment MNIST-v1 --seed 0')
  assert.is(
    command({
      environment: { glimpses: 2, stop: true },
      agent: { tanhMean: false },
      training: { seed: 3, workers: 7 },
    }),
    'npm run train -- --environment MNIST-v1 --glimpses 2 --stop --no-tanh-mean --seed 3',
  )
  assert.is(
    command({ environment: { id: 'Catch' }, algorithm: { name: 'a2c' } }),
    'npm run train -- --environment Catch-v1 --algorithm a2c --seed 0',
  )
})

test.run()
