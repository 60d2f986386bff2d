import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { detailOf } from '../../src/dashboard/read-run.ts'
import { asRunConfig, fingerprint, listRuns, readRun } from '../../src/runs/read-run.ts'
import { addEpoch, epochLine, newRoot, put, putRun } from '../dashboard/help.ts'

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

test('a whole run is read whole, and its line in the list has the lowest validation error', () => {
  const root = newRoot()
  putRun(root, 'run')
  const { points, problems, state } = readRun(join(root, 'run'))
  assert.equal(problems, [])
  assert.equal([points.length, state], [3, 'stopped'])
  assert.equal(points[1]!.values['train.loss'], 0.5)
  assert.equal(points[1]!.values['validation.error'], 10)
  const { environment, epoch, epochs, validationError, sweep } = detailOf(root, 'run')
  assert.equal([environment, epoch, epochs, sweep], ['MNIST', 3, 9, undefined])
  assert.ok(Math.abs(validationError! - 20 / 3) < 1e-9)
})

test('a trial says which sweep it belongs to', () => {
  const root = newRoot()
  putRun(root, 'search/trials/0001')
  putRun(root, 'other/trials/0001')
  put(root, 'search/journal.jsonl', '')
  assert.equal(
    [detailOf(root, 'search/trials/0001').sweep, detailOf(root, 'other/trials/0001').sweep],
    ['search', undefined],
  )
})

test('a half-written last line is left out until it is whole', () => {
  const root = newRoot()
  putRun(root, 'run')
  put(root, 'run/metrics.jsonl', `${epochLine(1)}{"epoch":2,"tra`)
  const run = readRun(join(root, 'run'))
  assert.is(run.points.at(-1)?.epoch, 1)
  assert.equal(run.problems, ['metrics.jsonl: line 2 is half written; left out until it is whole'])
})

test('lines that are no epochs are left out and named, and the others shown', () => {
  const root = newRoot()
  putRun(root, 'run')
  put(root, 'run/metrics.jsonl', `${epochLine(1)}rubbish\n{"step":7}\n[]\n\n${epochLine(2)}`)
  const run = readRun(join(root, 'run'))
  assert.equal(
    run.points.map(({ epoch }) => epoch),
    [1, 2],
  )
  assert.equal(run.problems, ['metrics.jsonl: lines 2, 3, 4 and 1 more are no epoch of this format; left out'])
})

test('an epoch that was trained again counts once, as it was the last time', () => {
  const root = newRoot()
  putRun(root, 'run')
  put(root, 'run/metrics.jsonl', epochLine(1, 50) + epochLine(2, 40) + epochLine(2, 30))
  const { points } = readRun(join(root, 'run'))
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
  assert.equal(readRun(join(root, 'run')).problems, [
    'config.json is missing: how this run was made is not known',
    'summary.json is no JSON object: damaged, or half copied',
  ])
  assert.equal(readRun(join(root, 'other')).problems, ['config.json: a directory, not a file'])
  // nothing waits for a FIFO, and a file of 50 MB is not read
  mkdirSync(join(root, 'odd'))
  assert.is(spawnSync('mkfifo', [join(root, 'odd', 'config.json'), join(root, 'odd', 'lock')]).status, 0)
  writeFileSync(join(root, 'odd', 'metrics.jsonl'), '')
  truncateSync(join(root, 'odd', 'metrics.jsonl'), 6e7)
  assert.equal(readRun(join(root, 'odd')).problems, [
    'config.json: a special file, not a file',
    'metrics.jsonl: 60 MB; at most 50.3 MB are read',
  ])
  assert.is(readRun(join(root, 'gone')).state, 'empty')
})

test('a run of another version shows what it has: unknown groups, unknown metrics, wrong types', () => {
  const root = newRoot()
  put(root, 'run/config.json', { world: { kind: 'X' }, environment: 'MNIST', training: { epochs: 'many' } })
  put(root, 'run/metrics.jsonl', '{"epoch":1,"valid":{"top5":3,"note":"x"},"train":null,"loss":2}\n')
  const run = readRun(join(root, 'run'))
  assert.equal(run.points, [{ epoch: 1, values: { 'valid.top5': 3, loss: 2 } }])
  assert.is(asRunConfig(run.config), undefined)
  assert.equal(run.config, { world: { kind: 'X' }, environment: 'MNIST', training: { epochs: 'many' } })
  assert.is(detailOf(root, 'run').epochs, undefined)
  assert.equal(run.problems, [])
})

test('the fingerprint changes with every epoch, and with nothing else', () => {
  const root = newRoot()
  putRun(root, 'run')
  const before = fingerprint(join(root, 'run'))
  assert.is(fingerprint(join(root, 'run')), before)
  addEpoch(root, 'run', 4)
  assert.is.not(fingerprint(join(root, 'run')), before)
})

test('a run is training while a living process holds its lock, and stopped when that is dead', () => {
  const root = newRoot()
  putRun(root, 'run')
  put(root, 'run/lock', { pid: 2 ** 30, host: 'elsewhere' })
  assert.is(readRun(join(root, 'run')).state, 'training')
  put(root, 'run/lock', 'half wri')
  assert.is(readRun(join(root, 'run')).state, 'stopped')
})

test.run()
