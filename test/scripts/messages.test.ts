// Messages that help: sizes that cannot work, flags of another world, flags that npm kept, files that are huge or odd, and mistakes
// in modules of one's own.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { run } from '../../scripts/commands/run.ts'
import { trainCommand } from '../../scripts/commands/train.ts'
import { environments } from '../../src/env/registry.ts'
import { completeConfig } from '../../src/runs/config.ts'
import { refuseTooLarge } from '../../src/training/size.ts'
import { outcomeOf } from './help.ts'
import { start } from './processes.ts'

const scratch = mkdtempSync(join(tmpdir(), 'saccade-'))

function file(name: string, content: string): string {
  const path = join(scratch, name)
  writeFileSync(path, content)
  return path
}

async function refused(args: readonly string[], message: RegExp): Promise<void> {
  const { code, out, error } = await outcomeOf(trainCommand, ...args)
  assert.match(error, message, args.join(' '))
  assert.match(error, /^error: [^\n]+\n$/, 'one line')
  assert.not.match(error, /unexpected/)
  assert.is(code, 1)
  assert.is(out, '')
}

test('sizes that cannot work are refused at the door, with what they would take', async () => {
  await refused(['--environment', 'Images', '--data', scratch, '--side', '20000'], /--side: 20000 given; .*<=4096/)
  assert.throws(
    () => refuseTooLarge(completeConfig({ environment: { id: 'ClutteredMNIST', canvasSide: 20_000 } }), 8e9),
    /canvasSide: 20000 given; .* would take about 102 GB; this machine has 8 GB/,
  )
  await refused(
    ['--glimpses', '2000'],
    /--glimpses: 2000 given; .* would take more than a minute to build; at most 500 glimpses/,
  )
  // 128 episodes of 6 glimpses of 3000 x 3000 float32, three times
  const memory = 8e9
  assert.throws(
    () => refuseTooLarge(completeConfig({ environment: { glimpseSide: 3000 } }), memory),
    /glimpseSide: 3000 given; .*; what a batch sees and works out would take about 83 GB; this machine has 8 GB; lower one of them/,
  )
  for (const id of environments.names()) refuseTooLarge(completeConfig({ environment: { id } }), 4e9)
})

test('a flag of another world or algorithm says whose it is', async () => {
  await refused(['--clutter', '3'], /unknown option '--clutter'; it is an option of --environment ClutteredMNIST or /)
  await refused(['--no-skip-broken'], /unknown option '--no-skip-broken'; it is an option of --environment Images$/m)
  await refused(['--update-epochs', '3'], /unknown option '--update-epochs'; it is an option of --algorithm ppo$/m)
  await refused(['--glimse-side', '8'], /unknown option '--glimse-side'; did you mean --glimpse-side\?/)
})

test('a value that is out of bounds is named by its flag', async () => {
  await refused(['--batch-size', '0'], /training: --batch-size: 0 given; /)
})

test('a flag that npm kept for itself is noticed', async () => {
  for (const [kept, value, flag] of [
    ['quick', 'true', '--quick'],
    ['glimpse_side', 'true', '--glimpse-side'],
    ['tensorboard', '', '--no-tensorboard'],
  ] as const) {
    const env = { [`npm_config_${kept}`]: value, npm_config_json: 'true', npm_lifecycle_event: 'train' }
    // what stood behind the flag arrives alone
    const started = start(['train', '8'], 'exec {}', env)
    assert.is(await started.done, 1)
    assert.is(
      started.error,
      `error: npm took ${flag} for itself; write npm run train -- ${flag} ..., with -- between the two\n`,
    )
  }
})

test('config files: a byte order mark is read; names that are none, and huge ones, are refused at once', async () => {
  const marked = file('bom.json', '\uFEFF{"training":{"epochs":0}}')
  await refused(['--config', marked], /training: --epochs: 0 given/)
  await refused(
    ['--config', file('null.yaml', 'environment:\n  id:\n')],
    /null\.yaml: environment\.id: expected a name, found null/,
  )
  await refused(
    ['--config', file('number.yaml', 'algorithm: {name: 5}\n')],
    /number\.yaml: algorithm\.name: expected a name, found 5/,
  )
  await refused(
    ['--config', file('twice.yaml', 'training: {seed: 1, seed: 2}\n')],
    /twice\.yaml: not YAML: the key "seed" comes twice/,
  )
  const [file200, file20] = [200_000, 20_000].map((count) =>
    file(
      `${count}.json`,
      JSON.stringify({ training: Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 1])) }),
    ),
  )
  const began = process.cpuUsage()
  await refused(['--config', file200!], /200000\.json: \d\.\d+ MB; at most 262 kB are read/)
  await refused(['--config', file20!], /unknown option "k0"; .*; 19997 more$/m)
  const { user } = process.cpuUsage(began)
  assert.ok(user < 2e6, `${user} us of CPU time for both`)
})

test('modules that are none, or fail by themselves, are one line', async () => {
  for (const [module, message] of [
    ['', /a module to import has an empty name/],
    [' ', /a module to import has an empty name/],
    ['node:fs', /cannot import node:fs: give a file or a package/],
    ['/dev/null', /cannot import \/dev\/null: \/dev\/null is no file/],
    [scratch, /cannot import .*: .* is a directory/],
    [
      file('own.mjs', '\nthrow new TypeError("x is undefined")'),
      /cannot import .*own\.mjs:2: TypeError: x is undefined/,
    ],
  ] as const)
    await refused(['--import', module], message)
})

const api = JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)
const tiny = [
  ...['--environment', 'probe/prediction', '--engine', 'cpu', '--workers', '1', '--epochs', '1', '--epoch-items', '64'],
  ...['--evaluation-items', '20', '--evaluation-rollouts', '1', '--no-tensorboard'],
]

test("a mistake in a loss of one's own names its line, leaves nothing in the way, and mended the same command works", async () => {
  const out = join(scratch, 'own')
  const loss = (body: string): string => `
import { z, registerAlgorithm, algorithms } from ${api}
const { create } = algorithms.get('reinforce')
registerAlgorithm({ name: 'own', description: 'x', options: algorithms.get('reinforce').options, create: (options) => {
  const rule = create(options)
  return { ...rule, loss: (...told) => {
${body}
    return rule.loss(...told) } }
} })`
  const path = file('loss.mts', loss('    undefined.x'))
  const command = ['train', ...tiny, '--import', path, '--algorithm', 'own', '--out', out]
  const env = { XDG_STATE_HOME: join(scratch, 'state') }
  const first = start(command, 'exec {}', env)
  assert.is(await first.done, 1)
  assert.match(first.error, /error: .*loss\.mts:7: Cannot read properties of undefined \(reading 'x'\) \(--debug shows/)
  assert.not(existsSync(out))
  file('loss.mts', loss(''))
  const second = start(command, 'exec {}', env)
  assert.is(await second.done, 0, second.error)
  // and the module that was named is remembered: the run needs no question
  const third = start(['evaluate', out, '--engine', 'cpu', '--workers', '1'], 'exec {}', env)
  assert.is(await third.done, 0, third.error)
})

test('a run that diverged goes on with what the message advises, and what changed is written down', async () => {
  const out = join(scratch, 'diverged')
  assert.is(await start(['train', ...tiny, '--out', out]).done, 0)
  const resumed = start(['train', '--resume', out, '--epochs', '2', '--learning-rate', '0.0001', '--std', '0.3'])
  assert.is(await resumed.done, 0, resumed.error)
  assert.match(resumed.error, /warning: .*--learning-rate 0\.0001 instead of 0\.\d+.* from here on/)
  const changes = readFileSync(join(out, 'changes.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.equal(changes.map(({ afterEpoch, option, to }) => [afterEpoch, option, to]).sort(), [
    [1, 'epochs', 2],
    [1, 'learningRate', 0.0001],
    [1, 'std', 0.3],
  ])
  await refused(['--resume', out, '--seed', '4'], /--seed cannot be given with --resume: .*--learning-rate/)
})

test('a best checkpoint that is missing is told, not replaced in silence', async () => {
  const out = join(scratch, 'no-best')
  assert.is(await start(['train', ...tiny, '--out', out]).done, 0)
  rmSync(join(out, 'checkpoints', 'best'), { recursive: true })
  const resumed = start(['train', '--resume', out, '--epochs', '2'])
  assert.is(await resumed.done, 0, resumed.error)
  assert.match(resumed.error, /warning: checkpoints\/best, of epoch 1, is missing/)
})

test('an error that nobody foresaw still says so, and where to look', async () => {
  const said: string[] = []
  const io = { out: { write: () => {} }, error: { write: (text: string) => said.push(text) } }
  const fault = async (): Promise<never> => {
    throw new TypeError('ours')
  }
  assert.is(await run(fault, [], io), 1)
  assert.equal(said, ['error: ours (unexpected; --debug shows where)\n'])
})

test.run()
