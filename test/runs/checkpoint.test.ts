import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Layout } from '../../src/core/tensors.ts'
import { type Checkpoint, hasCheckpoint, loadCheckpoint, saveCheckpoint } from '../../src/runs/checkpoint.ts'
import type { RunConfig } from '../../src/runs/config.ts'
import { decodeSafetensors } from '../../src/runs/safetensors.ts'

const layout: Layout = [
  { name: 'core/kernel', shape: [2, 3] },
  { name: 'core/bias', shape: [3] },
]
const config = {
  environment: { id: 'MNIST' },
  agent: { name: 'ram' },
  algorithm: { name: 'reinforce' },
  training: {},
  imports: [],
}

/** A checkpoint whose every number says which one it is. */
function numbered(number: number): Checkpoint {
  return {
    epoch: number,
    iteration: 3,
    sums: { loss: 0.1 + 0.2, items: number },
    best: { epoch: 1, validationError: 1.25 },
    steps: 45,
    seconds: 12.5,
    config: config as unknown as RunConfig,
    layout,
    tensors: {
      parameters: Float32Array.from({ length: 9 }, (_, i) => number + i / 16),
      moment1: new Float32Array(9).fill(Math.fround(0.1)),
    },
  }
}

const temporary = (): string => mkdtempSync(join(tmpdir(), 'saccade-'))

/** A directory with a checkpoint, and the names of its files. */
function saved(): { run: string; state: string; tensors: string } {
  const run = temporary()
  const directory = saveCheckpoint(run, 'last', numbered(7))
  const name = readdirSync(directory).find((file) => file.endsWith('.safetensors'))
  return { run, state: join(directory, 'state.json'), tensors: join(directory, name!) }
}

/** Asserts that loading is refused for a reason that a person can read: one line, a UserError. */
function refused(run: string, message: RegExp, expected?: Layout): void {
  assert.throws(
    () => loadCheckpoint(run, 'last', expected),
    (error: Error) => {
      assert.is(error.name, 'UserError', error.stack)
      assert.match(error.message, message)
      assert.not.match(error.message, /\n/)
      return true
    },
  )
}

test('what is saved is loaded again, bit for bit', () => {
  const run = temporary()
  assert.not(hasCheckpoint(run, 'best'))
  saveCheckpoint(run, 'best', numbered(7))
  assert.ok(hasCheckpoint(run, 'best'))
  assert.equal(loadCheckpoint(run, 'best', layout), numbered(7))
})

test('a checkpoint without a best epoch has none after loading', () => {
  const run = temporary()
  saveCheckpoint(run, 'last', { ...numbered(0), best: undefined })
  assert.is(loadCheckpoint(run, 'last').best, undefined)
})

test('the tensor file names every tensor of every vector, with its shape', () => {
  const { tensors } = saved()
  assert.match(tensors, /epoch-0007-00003\.safetensors$/)
  const file = decodeSafetensors(readFileSync(tensors), tensors)
  assert.equal(
    file.tensors.map(({ name, shape }) => [name, shape]),
    [
      ['parameters/core/kernel', [2, 3]],
      ['parameters/core/bias', [3]],
      ['moment1/core/kernel', [2, 3]],
      ['moment1/core/bias', [3]],
    ],
  )
  // the kernel takes 6 of the 9 numbers, so the bias starts at 7 + 6/16
  assert.equal([...file.tensors[1]!.values], [7.375, 7.4375, 7.5])
})

test('saving again replaces the files, at the same iteration too', () => {
  const { run, state } = saved()
  saveCheckpoint(run, 'last', { ...numbered(7), seconds: 13 })
  saveCheckpoint(run, 'last', { ...numbered(7), seconds: 14 })
  assert.is(loadCheckpoint(run, 'last').seconds, 14)
  assert.is(readdirSync(join(state, '..')).length, 2)
})

test('a vector that does not fill the layout is not saved', () => {
  const short = { ...numbered(1), tensors: { parameters: new Float32Array(8) } }
  assert.throws(() => saveCheckpoint(temporary(), 'last', short), /"parameters" has 8 values, its layout 9/)
})

test('a missing checkpoint is named', () => {
  refused(temporary(), /checkpoints\/last: no checkpoint here/)
})

test('a tensor file that was cut off, changed or lost is corrupt', () => {
  const cut = saved()
  truncateSync(cut.tensors, 100)
  refused(cut.run, /epoch-0007-00003\.safetensors: corrupt checkpoint: its SHA-256 should be \w+\.\.\. and is \w+/)
  const lost = saved()
  symlinkSync('/nowhere', `${lost.tensors}.link`)
  const state = JSON.parse(readFileSync(lost.state, 'utf8'))
  writeFileSync(lost.state, JSON.stringify({ ...state, tensorFile: 'gone.safetensors' }))
  refused(lost.run, /gone\.safetensors: corrupt checkpoint: the file is missing/)
})

test('a state.json that is no JSON, lacks a part or points out of its directory is corrupt', () => {
  const { run, state } = saved()
  const whole = JSON.parse(readFileSync(state, 'utf8'))
  writeFileSync(state, '{"format": 1,')
  refused(run, /state\.json: corrupt checkpoint: not JSON/)
  writeFileSync(state, JSON.stringify({ ...whole, epoch: 'seven' }))
  refused(run, /state\.json: corrupt checkpoint: epoch: .*expected number/)
  writeFileSync(state, JSON.stringify({ ...whole, tensorFile: '../../x.safetensors' }))
  refused(run, /state\.json: corrupt checkpoint: tensorFile/)
})

test('a tensor file larger than its layout, or a layout larger than its file, costs no memory', () => {
  const large = saved()
  truncateSync(large.tensors, 3e9)
  refused(large.run, /epoch-0007-00003\.safetensors: 3 GB; at most \S+ kB are read/)
  const { run, state } = saved()
  const whole = JSON.parse(readFileSync(state, 'utf8'))
  writeFileSync(state, JSON.stringify({ ...whole, layout: [{ name: 'kernel', shape: [1e9, 100] }] }))
  refused(run, /epoch-0007-00003\.safetensors: corrupt checkpoint: \d+ bytes are too few for its layout/)
  assert.is(spawnSync('mkfifo', [`${state}.fifo`]).status, 0)
  renameSync(`${state}.fifo`, state)
  refused(run, /state\.json: a special file, not a file/)
})

test('a run directory that is gone is not made anew by saving', () => {
  const { run } = saved()
  renameSync(run, `${run}-elsewhere`)
  assert.throws(() => saveCheckpoint(run, 'last', numbered(8)), /the run's directory was removed or renamed/)
  assert.not(existsSync(run))
})

test('another format version is refused, naming both', () => {
  const { run, state } = saved()
  writeFileSync(state, JSON.stringify({ ...JSON.parse(readFileSync(state, 'utf8')), format: 2 }))
  refused(run, /checkpoint format 2, this version reads 1/)
})

test('a checkpoint of another architecture is refused, naming the tensors that differ', () => {
  const { run } = saved()
  refused(
    run,
    /checkpoints\/last: checkpoint of another architecture: "core\/kernel" is \[2, 3\] there and \[4, 3\] here; "core\/bias" is \[3\] there and absent here; "stop\/bias" is absent there and \[1\] here$/,
    [
      { name: 'core/kernel', shape: [4, 3] },
      { name: 'stop/bias', shape: [1] },
    ],
  )
  refused(run, /the tensors come in another order/, [...layout].reverse())
})

test('a full disk leaves the old checkpoint and says so', () => {
  const { run, state } = saved()
  symlinkSync('/dev/full', join(state, '..', 'epoch-0008-00003.safetensors.tmp'))
  assert.throws(
    () => saveCheckpoint(run, 'last', numbered(8)),
    (error: Error) => error.name === 'UserError' && /cannot write .*: the disk is full \(ENOSPC\)/.test(error.message),
  )
  assert.is(loadCheckpoint(run, 'last').epoch, 7)
})

test('killed at any moment, saving leaves a checkpoint that loads, and never an older one', async () => {
  const run = temporary()
  mkdirSync(join(run, 'checkpoints'))
  const saver = fileURLToPath(new URL('save-in-a-loop.ts', import.meta.url))
  let last = 0
  for (let kill = 0; kill < 6; kill++) {
    const child = fork(saver, [run, String(last + 1)], { execArgv: ['--import', 'tsx'], stdio: 'ignore' })
    // the child tells the number of each checkpoint once it is saved
    let told = last
    child.on('message', (number) => {
      told = Number(number)
    })
    await once(child, 'message')
    await wait(5 + ((kill * 23) % 60))
    child.kill('SIGKILL')
    await once(child, 'close')
    const { epoch, tensors } = loadCheckpoint(run, 'last')
    assert.ok(epoch >= told, `loaded ${epoch}, told ${told}`)
    assert.is(tensors.parameters![0], epoch, 'the tensors are those of the state')
    last = epoch
  }
})

test.run()
