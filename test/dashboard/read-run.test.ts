import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fingerprint, listRuns, readRun } from '../../src/dashboard/read-run.ts'
import { addEpoch, epochLine, newRoot, put, putRun } from './help.ts'

test('runs are found up to three directories deep, and links are not followed', () => {
  const root = newRoot()
  const elsewhere = newRoot()
  putRun(root, 'plain')
  putRun(root, 'sweep/rate-1/seed-1')
  putRun(root, 'a/b/c/too-deep')
  putRun(elsewhere, 'linked')
  mkdirSync(join(root, 'empty'))
  symlinkSync(join(elsewhere, 'linked'), join(root, 'linked'))
  assert.equal(listRuns(root).sort(), ['plain', 'sweep/rate-1/seed-1'])
  assert.equal(listRuns(join(root, 'nowhere')), [])
})

test('a whole run is shown whole, with the lowest validation error', () => {
  const root = newRoot()
  putRun(root, 'run')
  const { points, complaints, ...run } = readRun(root, 'run')
  assert.equal(complaints, [])
  assert.is(points.length, 3)
  assert.equal(points[1]!.values['train.loss'], 0.5)
  assert.equal(points[1]!.values['validation.error'], 10)
  assert.is(run.state, 'stopped')
  assert.is(run.epoch, 3)
  assert.is(run.epochs, 9)
  assert.is(run.environment, 'MNIST')
  assert.ok(Math.abs(run.validationError! - 20 / 3) < 1e-9)
})

test('a half-written last line is left out until it is whole', () => {
  const root = newRoot()
  putRun(root, 'run')
  put(root, 'run/metrics.jsonl', `${epochLine(1)}{"epoch":2,"tra`)
  const run = readRun(root, 'run')
  assert.is(run.epoch, 1)
  assert.equal(run.complaints, ['metrics.jsonl: line 2 is half written; left out until it is whole'])
})

test('lines that are no epochs are left out and named, and the others shown', () => {
  const root = newRoot()
  putRun(root, 'run')
  put(root, 'run/metrics.jsonl', `${epochLine(1)}rubbish\n{"step":7}\n[]\n\n${epochLine(2)}`)
  const run = readRun(root, 'run')
  assert.equal(
    run.points.map(({ epoch }) => epoch),
    [1, 2],
  )
  assert.equal(run.complaints, ['metrics.jsonl: lines 2, 3, 4 and 1 more are no epoch of this format; left out'])
})

test('an epoch that was trained again counts once, as it was the last time', () => {
  const root = newRoot()
  putRun(root, 'run')
  put(root, 'run/metrics.jsonl', epochLine(1, 50) + epochLine(2, 40) + epochLine(2, 30))
  const { points } = readRun(root, 'run')
  assert.equal(
    points.map(({ values }) => values['validation.error']),
    [50, 30],
  )
})

test('missing and damaged files are complaints, never exceptions', () => {
  const root = newRoot()
  put(root, 'run/metrics.jsonl', epochLine(1))
  put(root, 'run/summary.json', '{"testError":')
  mkdirSync(join(root, 'other/config.json'), { recursive: true })
  assert.equal(readRun(root, 'run').complaints, [
    'config.json is missing: how this run was made is not known',
    'summary.json is no JSON object: damaged, or half copied',
  ])
  assert.equal(readRun(root, 'other').complaints, ['config.json cannot be read: it is a directory (EISDIR)'])
  assert.is(readRun(root, 'gone').state, 'empty')
})

test('a run of another version shows what it has: unknown groups, unknown metrics, wrong types', () => {
  const root = newRoot()
  put(root, 'run/config.json', { world: { kind: 'X' }, environment: 'MNIST', training: { epochs: 'many' } })
  put(root, 'run/metrics.jsonl', '{"epoch":1,"valid":{"top5":3,"note":"x"},"train":null,"loss":2}\n')
  const run = readRun(root, 'run')
  assert.equal(run.points, [{ epoch: 1, values: { 'valid.top5': 3, loss: 2 } }])
  assert.equal(run.config, { world: { kind: 'X' }, environment: 'MNIST', training: { epochs: 'many' } })
  assert.is(run.epochs, undefined)
  assert.equal(run.complaints, [])
})

test('the fingerprint changes with every epoch, and with nothing else', () => {
  const root = newRoot()
  putRun(root, 'run')
  const before = fingerprint(root, 'run')
  assert.is(fingerprint(root, 'run'), before)
  addEpoch(root, 'run', 4)
  assert.is.not(fingerprint(root, 'run'), before)
})

test('a run is training while a living process holds its lock, and stopped when that is dead', () => {
  const root = newRoot()
  putRun(root, 'run')
  put(root, 'run/lock', { pid: 2 ** 30, host: 'elsewhere' })
  assert.is(readRun(root, 'run').state, 'training')
  put(root, 'run/lock', 'half wri')
  assert.is(readRun(root, 'run').state, 'stopped')
})

test.run()
