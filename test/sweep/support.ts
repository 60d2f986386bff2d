// What the tests of sweeps share: a cheap world of known curves, a fake training, and places to keep them.

import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import * as assert from 'uvu/assert'
import '../../src/catalogue.ts'
import { type Definition, defineSweep } from '../../src/sweep/definition.ts'
import type { RunSegment } from '../../src/sweep/segment.ts'

export const temporary = (): string => mkdtempSync(join(tmpdir(), 'saccade-sweep-'))

/** Asserts that something is refused for a reason that a person can read: one line, a UserError. */
export function refused(act: () => unknown, message: RegExp): void {
  assert.throws(act, (error: Error) => {
    assert.is(error.name, 'UserError', error.stack)
    assert.match(error.message, message)
    assert.not.match(error.message, /\n/)
    return true
  })
}

/** A sweep over the standard deviation and the learning rate of the smallest world. */
export const define = (sweep: object = {}, more: object = {}): Definition =>
  defineSweep({
    environment: { id: 'probe/prediction' },
    training: { epochs: 9, workers: 1 },
    sweep: { trials: 9, sampler: 'random', ...sweep },
    space: { 'algorithm.std': { logUniform: [0.01, 1] }, 'training.learningRate': { logUniform: [1e-4, 1e-1] } },
    ...more,
  })

/** The error of a made-up training after an epoch: best at std 0.1 and learning rate 0.01, falling with the epochs. */
export function madeUpError({ algorithm, training }: Parameters<RunSegment>[0]['config'], epoch: number): number {
  const off = Math.log10((algorithm.std as number) / 0.1) ** 2 + Math.log10(training.learningRate / 0.01) ** 2
  return 10 * off + 20 / epoch + training.seed / 1000
}

/** Takes no time: "trains" an epoch per turn of the event loop, and keeps in the run's directory how far it has come. */
export const fakeTraining =
  (pause = 0): RunSegment =>
  async ({ config, toEpoch }, directory, tell, signal) => {
    const state = join(directory, 'checkpoints', 'last', 'state.json')
    mkdirSync(dirname(state), { recursive: true })
    writeFileSync(join(directory, 'config.json'), '{}')
    let epoch = 0
    try {
      epoch = JSON.parse(readFileSync(state, 'utf8')).epoch
    } catch {
      // it begins
    }
    const result = (at: number) => ({ epoch: at, validation: { error: madeUpError(config, at) } })
    while (epoch < toEpoch) {
      await new Promise((resolve) => setTimeout(resolve, pause))
      if (signal.aborted) return { status: 'stopped' }
      epoch++
      writeFileSync(join(dirname(state), 'tensors.bin'), 'x')
      writeFileSync(state, JSON.stringify({ epoch, iteration: 0, tensorFile: 'tensors.bin' }))
      tell(result(epoch))
    }
    const finished = toEpoch >= config.training.epochs
    return { status: 'reached', epoch, finished, results: Array.from({ length: epoch }, (_, i) => result(i + 1)) }
  }
