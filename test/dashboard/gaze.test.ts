import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import '../../src/catalogue.ts'
import { createGaze } from '../../src/dashboard/gaze.ts'
import { saveCheckpoint } from '../../src/runs/checkpoint.ts'
import { completeConfig, type PartialConfig } from '../../src/runs/config.ts'
import { createPlan } from '../../src/training/plan.ts'
import { newRoot, put } from './help.ts'

/** A run that has saved a checkpoint of an agent that has learned nothing. */
function putCheckpoint(root: string, name: string, given: PartialConfig): string {
  const config = completeConfig({
    ...given,
    agent: { whatUnits: 8, whereUnits: 8, featureUnits: 8, hiddenUnits: 8, locatorUnits: 0 },
  })
  const { layout, init } = createPlan(config).agent
  const directory = join(root, name)
  mkdirSync(directory)
  put(directory, 'config.json', { ...config, imports: given.imports ?? [] })
  saveCheckpoint(directory, 'last', {
    ...{ epoch: 4, iteration: 0, steps: 0, sums: {}, seconds: 1, config, layout },
    tensors: { parameters: init(1) },
  })
  return directory
}

test('the latest checkpoint is played: scenes, windows, paths and beliefs', async () => {
  const directory = putCheckpoint(newRoot(), 'run', { environment: { id: 'MNIST', glimpses: 3, scales: 2 } })
  const gaze = await createGaze([])(directory)
  assert.is(gaze.epoch, 4)
  assert.equal([gaze.width, gaze.height, gaze.channels], [28, 28, 1])
  assert.equal(gaze.windows, [8, 16])
  assert.is(gaze.episodes.length, 8)
  assert.equal([gaze.game, gaze.names.length, gaze.names[3]], [false, 10, '3'])
  for (const { scenes, locations, beliefs, decided, target, hit, result } of gaze.episodes) {
    assert.is(scenes.length, 1, 'a picture that stands still is sent once')
    assert.is(Buffer.from(scenes[0]!, 'base64').length, 784)
    assert.is(locations.length, 3)
    assert.equal([beliefs.length, decided.length], [3, 3])
    assert.is(hit, decided.at(-1) === target)
    assert.is(result, hit ? `${target}` : `${decided.at(-1)}, not ${target}`)
    for (const belief of beliefs) assert.ok(Math.abs(belief.reduce((sum, share) => sum + share, 0) - 1) < 1e-5)
    assert.ok(target! >= 0 && target! < 10)
  }
  assert.is(gaze.episodes[0]!.target, 7, 'the first test image of MNIST is a 7')
})

test('of a game, the moves have names, and an episode says what it was paid', async () => {
  const directory = putCheckpoint(newRoot(), 'run', {
    environment: { id: 'Catch', side: 6, glimpseSide: 2, scales: 2 },
  })
  const gaze = await createGaze([])(directory)
  assert.is(gaze.game, true)
  assert.equal(gaze.names, ['left', 'stay', 'right'])
  for (const { decided, hit, result, target } of gaze.episodes) {
    // the ball falls for five steps
    assert.ok(decided.length === 5 && decided.every((move) => gaze.names[move] !== undefined))
    assert.equal([target, result], [undefined, hit ? 'paid 1' : 'paid 0'])
  }
})

test('it is played once a checkpoint, however often it is asked for', async () => {
  const directory = putCheckpoint(newRoot(), 'run', { environment: { id: 'MNIST', glimpses: 1 } })
  const play = createGaze([])
  const [first, second] = await Promise.all([play(directory), play(directory)])
  assert.is(first, second)
})

test('a run that needs code of its own is not played unless that code was named', async () => {
  const directory = putCheckpoint(newRoot(), 'run', { imports: ['/somewhere/own.ts'] })
  await refused(createGaze([])(directory), /needs \/somewhere\/own\.ts; start the dashboard with --import/)
})

test('a run without a checkpoint says so', async () => {
  await refused(async () => createGaze([])(newRoot()), /no checkpoint yet/)
})

async function refused(act: Promise<unknown> | (() => Promise<unknown>), message: RegExp): Promise<void> {
  try {
    await (typeof act === 'function' ? act() : act)
  } catch (error) {
    assert.match((error as Error).message, message)
    return
  }
  assert.unreachable('nothing was refused')
}

test.run()
