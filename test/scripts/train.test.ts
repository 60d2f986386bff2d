// The commands as processes: what is printed, what Ctrl-C does, and that a stopped run goes on.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { trainCommand } from '../../scripts/commands/train.ts'
import { outcomeOf } from './help.ts'

const scratch = mkdtempSync(join(tmpdir(), 'saccade-'))

/** A training of a second or so. */
const small = [
  '--environment',
  'probe/prediction',
  '--engine',
  'wasm',
  '--workers',
  '1',
  '--epoch-items',
  '256',
  '--evaluation-rollouts',
  '2',
]

type Started = { readonly child: ChildProcess; out: string; error: string; readonly done: Promise<number | null> }

function start(script: string, ...args: string[]): Started {
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/saccade.ts', script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, npm_lifecycle_event: script },
  })
  const started: Started = { child, out: '', error: '', done: once(child, 'close').then(([code]) => code) }
  child.stdout?.on('data', (chunk) => {
    started.out += chunk
  })
  child.stderr?.on('data', (chunk) => {
    started.error += chunk
  })
  return started
}

/** Until the process has printed something. */
async function printed(started: Started, pattern: RegExp): Promise<void> {
  while (!pattern.test(started.out)) await once(started.child.stdout!, 'data')
}

test('piped, a training prints plain lines, ends with the test errors, and is evaluated to the same errors', async () => {
  const run = join(scratch, 'plain')
  const training = start('train', ...small, '--epochs', '2', '--out', run)
  assert.is(await training.done, 0, training.error)
  assert.is(training.error, '')
  const lines = training.out.trimEnd().split('\n')
  assert.match(lines[0]!, /^engine wasm, 1 worker: TensorFlow\.js WebAssembly, one thread$/)
  assert.match(
    lines[1]!,
    /^reinforce on probe\/\S+: .* parameters, 256 images an epoch in 2 iterations, 2 epochs, seed 0$/,
  )
  assert.is(lines[2], `run directory ${run}`)
  assert.match(lines[3]!, /^epoch 1\/2 {2}loss .* {2}validation error .* %.* {2}[\d,]+ images\/s {2}[\d.]+ s$/)
  assert.match(
    lines[5]!,
    /^test error: greedy .* %, sampled .* %, averaged .* % \(of epoch \d, the best on validation: .* %\)$/,
  )
  assert.match(lines[6]!, /^2 epochs in .*, .* s an epoch, on wasm with 1 worker$/)
  assert.is(lines.length, 8)
  const evaluation = start('evaluate', run, '--engine', 'wasm', '--workers', '1', '--json')
  assert.is(await evaluation.done, 0, evaluation.error)
  const summary = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8'))
  assert.equal(JSON.parse(evaluation.out).errors, summary.testError)
})

test('with --json, every line is an event', async () => {
  const training = start('train', ...small, '--epochs', '1', '--out', join(scratch, 'json'), '--json')
  assert.is(await training.done, 0, training.error)
  const events = training.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const names = events.map(({ event }) => event)
  assert.is(names[0], 'start')
  assert.is(names.at(-1), 'end')
  assert.ok(names.includes('iteration') && names.includes('epoch') && names.includes('checkpoint'))
  assert.is(events.at(-1).complete, true)
  assert.type(events.at(-1).testError.greedy, 'number')
})

test('Ctrl-C saves and says how to go on; the run then goes on to its end', async () => {
  const run = join(scratch, 'stopped')
  const first = start('train', ...small, '--epochs', '100000', '--out', run)
  await printed(first, /^epoch +2\//m)
  first.child.kill('SIGINT')
  // npm passes the signal on once more; that is not the second Ctrl-C
  first.child.kill('SIGINT')
  assert.is(await first.done, 130, first.error)
  assert.match(first.error, /stopping after this iteration; again to quit at once/)
  assert.ok(
    first.out.endsWith(`stopped and saved; to go on: npm run train -- --resume ${run}\n`),
    first.out.slice(-200),
  )
  assert.not(existsSync(join(run, 'lock')))
  const done = JSON.parse(readFileSync(join(run, 'checkpoints', 'last', 'state.json'), 'utf8')).epoch
  const second = start('train', '--resume', run, '--epochs', String(done + 1))
  assert.is(await second.done, 0, second.error)
  assert.match(second.error, /^warning: .* epochs instead of 100000 change the schedules/)
  assert.match(second.out, new RegExp(`going on after epoch ${done}\n`))
  const epochs = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trimEnd().split('\n')
  assert.equal(
    epochs.map((line) => JSON.parse(line).epoch),
    Array.from({ length: done + 1 }, (_, i) => i + 1),
  )
  const back = await outcomeOf(trainCommand, '--resume', run, '--epochs', '1')
  assert.is(back.code, 1)
  assert.match(back.error, /^error: --epochs 1 given; the run in .* has done \d+ already\n$/)
})

test.run()
