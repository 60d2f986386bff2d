// What was reproduced: records outlive their runs, and the table is drawn from them alone.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Experiment } from '../../scripts/experiments.ts'
import { keepRecord, noteCommit, recordsOf, writeTables } from '../../scripts/results.ts'
import type { RunConfig } from '../../src/runs/config.ts'
import type { EpochRecord, Summary } from '../../src/runs/records.ts'
import { RunDirectory } from '../../src/runs/run-directory.ts'

const experiment: Experiment = {
  name: 'tiny-1',
  title: 'Tiny, 1 glimpse',
  flags: '--environment Tiny',
  seeds: [0, 1],
  paper: { nips: 3.5 },
  others: [{ error: 2.5, by: 'somebody', how: 'sampled', but: 'on fewer images' }],
  table: 'paper',
}
const other: Experiment = { ...experiment, name: 'tiny-2', title: 'Tiny, 2 glimpses' }

const summary = (greedy: number, seed: number): Summary => ({
  testError: { greedy, sampled: 2, averaged: 1 },
  measure: 'error',
  testItems: 10_000,
  validationError: 1.5,
  bestEpoch: 2,
  epochs: 2,
  secondsPerEpoch: 30,
  seconds: 90,
  engine: 'onnx',
  workers: 1,
  seed,
  parameters: 10,
  environment: 'Tiny',
  algorithm: 'reinforce',
})

const epoch = (number: number, error?: number): EpochRecord => ({
  ...{ epoch: number, epochs: 2, train: { loss: 1 }, best: true, learningRate: 0.1, seconds: 30, imagesPerSecond: 9 },
  ...{ measure: 'error' as const, steps: 54 },
  ...(error !== undefined && { validation: { error } }),
})

/** A run that is complete, of this seed. */
function completeRun(path: string, greedy: number, seed: number): RunDirectory {
  const config = { environment: { id: 'Tiny' }, agent: {}, algorithm: { name: 'reinforce' }, training: {}, imports: [] }
  noteCommit(path, 'abc12345')
  const run = RunDirectory.create(config as unknown as RunConfig, path)
  run.appendEpoch(epoch(1))
  run.appendEpoch(epoch(2, 1.5))
  run.writeSummary(summary(greedy, seed))
  run.close()
  return run
}

const temporary = (): string => mkdtempSync(join(tmpdir(), 'saccade-results-'))

test('a record says how to repeat a run, what it came to, and how it got there', () => {
  const folder = temporary()
  keepRecord(folder, experiment, 1, completeRun(join(folder, 'run'), 1.25, 1))
  assert.equal(recordsOf(folder, experiment), [
    {
      command: 'npm run train -- --environment Tiny --seed 1',
      commit: 'abc12345',
      summary: summary(1.25, 1),
      steps: 108,
      curve: [[2, 1.5]],
    },
  ])
  assert.equal(recordsOf(folder, other), [])
})

test('the table has every row; those of records keep their figures when the runs are gone', () => {
  const folder = temporary()
  const [results, out] = [join(folder, 'results'), join(folder, 'RESULTS.md')]
  keepRecord(results, experiment, 0, completeRun(join(folder, 'a'), 1, 0))
  keepRecord(results, experiment, 1, completeRun(join(folder, 'b'), 2, 1))
  for (const run of ['a', 'b']) rmSync(join(folder, run), { recursive: true })
  writeFileSync(out, 'before\n<!-- reproduce: begin -->\nold\n<!-- reproduce: end -->\nafter\n')
  writeTables(out, [experiment, other], results)
  const written = readFileSync(out, 'utf8')
  // greedy 1 and 2: mean 1.5, s 0.7071, t(1) = 12.706: 6.35 of seeds, 0.22 and 0.26 of images; never below 0
  assert.match(
    written,
    /Tiny, 1 glimpse \(`tiny-1`\) \| 1\.50 \[0\.00, 7\.86\] \(1\.00, 2\.00\) \| 2\.00 \[1\.74, 2\.29\]/,
  )
  // 90 s are 1.5 minutes
  assert.match(
    written,
    /\| 3\.5 \/ - \| 2\.5 sampled \(somebody; on fewer images\) \| 0, 1 \| 2 \| 1\.5 \| onnx, 1 \| abc12345 \|/,
  )
  assert.match(written, /Tiny, 2 glimpses \(`tiny-2`\) \| not yet run/)
  assert.ok(written.startsWith('before\n') && written.endsWith('after\n') && !written.includes('old'))
})

test('a row of the later worlds is read by environment steps', () => {
  const folder = temporary()
  const row: Experiment = { ...experiment, table: 'later' }
  const path = join(folder, 'tiny-1', 'seed-0.json')
  keepRecord(folder, row, 0, completeRun(join(folder, 'run'), 1, 0))
  const record = JSON.parse(readFileSync(path, 'utf8'))
  const curve = [0.2, 0.4, 0.6, 0.8, 1].map((_, i) => [i + 1, 50 - 10 * i])
  writeFileSync(path, JSON.stringify({ ...record, curve, steps: 1e6, summary: { ...record.summary, epochs: 5 } }))
  const out = join(folder, 'RESULTS.md')
  writeTables(out, [row], folder)
  // epochs of 200,000 steps: the first ends before 0.25 M, the second before 0.5 M, the last at 1 M
  assert.match(
    readFileSync(out, 'utf8'),
    /## Later worlds[\s\S]*\| 50\.00 \/ 40\.00 \/ 10\.00 \/ - \|[\s\S]*\| 1\.0 \|/,
  )
})

test('a run that is not complete leaves no record', () => {
  const folder = temporary()
  const config = { environment: { id: 'Tiny' }, agent: {}, algorithm: { name: 'r' }, training: {}, imports: [] }
  const run = RunDirectory.create(config as unknown as RunConfig, join(folder, 'run'))
  keepRecord(folder, experiment, 0, run)
  run.close()
  assert.equal(recordsOf(folder, experiment), [])
})

test('a broken record and missing marks are named, and nothing is overwritten', () => {
  const folder = temporary()
  keepRecord(folder, experiment, 0, completeRun(join(folder, 'run'), 1, 0))
  writeFileSync(join(folder, 'tiny-1', 'seed-0.json'), '{"half')
  assert.throws(() => recordsOf(folder, experiment), /seed-0\.json: not JSON/)
  const out = join(folder, 'RESULTS.md')
  writeFileSync(out, 'no marks\n')
  assert.throws(() => writeTables(out, [other], folder), /marks .* are missing; put them back/)
  assert.is(readFileSync(out, 'utf8'), 'no marks\n')
})

test.run()
