// What signals do to commands: the first saves and ends, with its own exit code, whoever else it hits; the second ends at once;
// nobody is left behind.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { loadCheckpoint } from '../../src/runs/checkpoint.ts'
import { RunDirectory } from '../../src/runs/run-directory.ts'
import { readJournal } from '../../src/sweep/journal.ts'
import { printed, type Started, start, toGroup } from './processes.ts'

const scratch = mkdtempSync(join(tmpdir(), 'saccade-'))

/** A training of the smallest world that goes on until it is stopped. */
const endless = [
  ...['--environment', 'probe/prediction', '--engine', 'cpu', '--workers', '1', '--epochs', '100000'],
  ...['--epoch-items', '128', '--evaluation-items', '50', '--evaluation-rollouts', '1', '--no-tensorboard'],
  ...['--hidden-units', '8', '--what-units', '8', '--where-units', '8', '--feature-units', '8'],
]
const training = (run: string): string[] => ['train', ...endless, '--out', run]

/** Asserts that a run was saved and let go. */
function assertSaved(run: string): void {
  assert.ok(loadCheckpoint(run, 'last').epoch >= 1)
  assert.ok(RunDirectory.open(run).epochs().length >= 1)
  assert.not(existsSync(join(run, 'lock')))
}

for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)
  test(`${signal} saves, says how to go on, and ends with ${code}`, async () => {
    const run = join(scratch, signal)
    const started = start(training(run))
    await printed(started, /^epoch +2\//m)
    started.child.kill(signal)
    assert.is(await started.done, code, started.error)
    assert.match(started.out, /stopped and saved; to go on: .* --resume /)
    assertSaved(run)
  })

test('Ctrl-C under `2>&1 | tee` saves, although tee, which would have read what is said, is the first to die', async () => {
  const run = join(scratch, 'tee')
  const started = start(training(run), `{} 2>&1 | tee ${join(scratch, 'log')}; exit \${PIPESTATUS[0]}`)
  await printed(started, /^epoch +2\//m)
  toGroup(started, 'SIGINT')
  await started.done
  // the shell that would have told the exit code was hit too; the run itself may still be saving
  for (let i = 0; i < 200 && existsSync(join(run, 'lock')); i++) await wait(50)
  assertSaved(run)
})

test('a reader that goes away neither ends a training nor loses what it saves', async () => {
  const run = join(scratch, 'head')
  const started = start(training(run), '{} 2>&1 | head -n 12')
  await printed(started, /^epoch/m)
  const pid = JSON.parse(readFileSync(join(run, 'lock'), 'utf8')).pid
  const before = RunDirectory.open(run).epochs().length
  for (let i = 0; i < 200 && RunDirectory.open(run).epochs().length <= before + 1; i++) await wait(50)
  assert.ok(RunDirectory.open(run).epochs().length > before + 1, 'it went on')
  process.kill(pid, 'SIGTERM')
  for (let i = 0; i < 200 && existsSync(join(run, 'lock')); i++) await wait(50)
  assertSaved(run)
})

test('under nohup, SIGHUP is ignored', async () => {
  const run = join(scratch, 'nohup')
  const started = start(training(run), 'nohup {}')
  await printed(started, /^epoch +2\//m)
  started.child.kill('SIGHUP') // bash has become nohup, and nohup the training
  const before = RunDirectory.open(run).epochs().length
  await printed(started, new RegExp(`^epoch +${before + 3}/`, 'm'))
  started.child.kill('SIGTERM')
  assert.is(await started.done, 143, started.error)
  assertSaved(run)
})

test('while it loads and traces, a signal ends a training promptly, and leaves nothing or a run that can go on', async () => {
  const run = join(scratch, 'early')
  for (const delay of [300, 900, 1500, 2500]) {
    const begun = existsSync(run)
    const started = start(['train', ...(begun ? ['--resume', run] : [...endless, '--engine', 'onnx', '--out', run])])
    await wait(delay)
    started.child.kill('SIGINT')
    const end = await started.done
    assert.ok(end === 130 || end === 'SIGINT', `${end}: ${started.error}`)
    assert.not(existsSync(join(run, 'lock')), `after ${delay} ms`)
  }
  if (!existsSync(run)) return
  const again = start(['train', '--resume', run])
  await printed(again, /^run directory/m)
  again.child.kill('SIGTERM')
  assert.is(await again.done, 143, again.error)
})

test('the second signal ends at once', async () => {
  const run = join(scratch, 'twice')
  // an iteration of half a minute and more, in threads
  const slow = ['--workers', '2', '--batch-size', '16384', '--epoch-items', '16384', '--rollouts', '64']
  const started = start([...training(run), ...slow])
  await printed(started, /^run directory/m)
  await wait(1000)
  started.child.kill('SIGTERM')
  await wait(400)
  started.child.kill('SIGTERM')
  const end = await Promise.race([started.done, wait(60_000, 'late')])
  started.child.kill('SIGKILL')
  assert.is(end, 143, started.error)
})

test('compare stops with the exit code of the signal, and the same command goes on', async () => {
  const out = join(scratch, 'compared')
  const args = ['compare', ...endless, '--algorithms', 'reinforce', '--seeds', '0', '--out', out]
  const flags = args.filter((arg) => arg !== '--no-tensorboard')
  for (const _ of [1, 2]) {
    const started = start(flags)
    await printed(started, /^epoch/m)
    started.child.kill('SIGTERM')
    assert.is(await started.done, 143, started.error)
    assert.match(started.out, /stopped and saved; the same command goes on\n$/)
    assertSaved(join(out, 'reinforce-seed-0'))
  }
})

/** Every process whose command line names a path. */
function processesNaming(path: string): number {
  const ps = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
  return ps.split('\n').filter((line) => line.includes(path)).length
}

test('reproduce lets its children save and leaves none behind, even where it is killed itself', async () => {
  const runs = join(scratch, 'reproduced')
  const args = ['reproduce', 'mnist-6', '--seeds', '0', '--runs', runs]
  const kept = ['--results', join(scratch, 'results'), '--out', join(scratch, 'RESULTS.md')]
  writeFileSync(join(scratch, 'RESULTS.md'), '')
  const begin = async (): Promise<Started> => {
    const started = start([...args, ...kept])
    await printed(started, /run directory/)
    return started
  }
  const first = await begin()
  toGroup(first, 'SIGINT')
  assert.is(await first.done, 130, first.error)
  assert.is(processesNaming(runs), 0)
  assert.not(existsSync(join(runs, 'mnist-6', 'seed-0', 'lock')))
  const second = await begin()
  second.child.kill('SIGKILL')
  await second.done
  for (let i = 0; i < 400 && processesNaming(runs) > 0; i++) await wait(50)
  assert.is(processesNaming(runs), 0, 'the child noticed that its parent is gone')
})

test('Ctrl-C lets a sweep rest: no trial fails, and no process is left', async () => {
  const file = join(scratch, 'sweep.json')
  const sweep = {
    environment: { id: 'probe/prediction' },
    agent: { whatUnits: 8, whereUnits: 8, featureUnits: 8, hiddenUnits: 8 },
    training: { epochs: 100_000, epochItems: 128, engine: 'cpu', evaluationRollouts: 1, evaluationItems: 50 },
    sweep: { trials: 2, sampler: 'random', retries: 0 },
    space: { 'algorithm.std': { uniform: [0.1, 0.5] } },
  }
  writeFileSync(file, JSON.stringify(sweep))
  const out = join(scratch, 'swept')
  for (const pause of [200, 3000]) {
    const started = start(['sweep', file, '--out', out, '--jobs', '2', '--json'])
    await printed(started, /"advance"|"epoch"|"trials"|"propose"/).catch(() => {})
    await wait(pause)
    toGroup(started, 'SIGINT')
    assert.is(await started.done, 130, started.error)
    assert.match(started.error, /stopped and saved; the same command goes on/)
  }
  assert.equal(
    readJournal(join(out, 'journal.jsonl')).filter(({ event }) => event === 'end'),
    [],
  )
  assert.is(processesNaming(join(out, 'trials')), 0)
})

test.run()
