import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import '../../src/catalogue.ts'
import { learningCurves } from '../../src/report/curves.ts'
import { differingOptions, groupBy, groupRuns } from '../../src/report/groups.ts'
import { titleOf } from '../../src/report/metrics.ts'
import { type RunOnDisk, readRun } from '../../src/runs/read-run.ts'

type Options = Readonly<Record<string, unknown>>

/** A run's directory by hand; `lines` as they stand in metrics.jsonl. */
function write(lines: string, { training, algorithm = {} }: { training: Options; algorithm?: Options }): RunOnDisk {
  const path = mkdtempSync(join(tmpdir(), 'saccade-'))
  const config = {
    environment: { id: 'MNIST', glimpses: 6 },
    agent: { name: 'ram' },
    algorithm: { name: 'reinforce', ...algorithm },
    training,
    imports: [],
  }
  writeFileSync(join(path, 'config.json'), JSON.stringify(config))
  writeFileSync(join(path, 'metrics.jsonl'), lines)
  return readRun(path)
}

const line = (epoch: number, loss: number, error?: number): string =>
  `${JSON.stringify({ epoch, epochs: 2, train: { loss, accuracy: 0.25 }, ...(error !== undefined && { validation: { error } }) })}\n`

const panel = (runs: readonly RunOnDisk[], title: string) =>
  learningCurves(groupRuns(runs)).find(({ metric }) => titleOf(metric) === title)?.points

test('runs that differ in the seed alone are one curve: mean, smallest and largest by epoch', () => {
  const runs = [
    write(line(1, 4, 50) + line(2, 1, 20), { training: { seed: 0 } }),
    write(line(1, 6, 70) + line(2, 3, 10), { training: { seed: 1, engine: 'wasm', workers: 2 } }),
  ]
  const group = runs[0]!.name
  // (4 + 6) / 2 = 5; (1 + 3) / 2 = 2
  assert.equal(panel(runs, 'Training loss'), [
    { group, epoch: 1, mean: 5, low: 4, high: 6 },
    { group, epoch: 2, mean: 2, low: 1, high: 3 },
  ])
  assert.equal(panel(runs, 'Validation error, %'), [
    { group, epoch: 1, mean: 60, low: 50, high: 70 },
    { group, epoch: 2, mean: 15, low: 10, high: 20 },
  ])
  assert.is(panel(runs, 'Training accuracy, %')?.[0]?.mean, 25)
})

test('a mean is taken only where every run of the group has the epoch', () => {
  const runs = [
    write(line(1, 4) + line(2, 1), { training: { seed: 0 } }),
    write(line(1, 6), { training: { seed: 1 } }),
    write('', { training: { seed: 2 } }),
  ]
  assert.equal(
    panel(runs, 'Training loss')?.map(({ epoch, mean }) => [epoch, mean]),
    [[1, 5]],
  )
})

test('runs of other options are other curves, labelled by what differs', () => {
  const groups = groupRuns([
    write(line(1, 1), { training: { seed: 0, batchSize: 64 } }),
    write(line(1, 1), { training: { seed: 1, batchSize: 64 } }),
    write(line(1, 1), { training: { seed: 0, batchSize: 128 }, algorithm: { name: 'ppo' } }),
  ])
  assert.equal(
    groups.map(({ label, runs }) => [label, runs.length]),
    [
      ['reinforce, batchSize 64', 2],
      ['ppo, batchSize 128', 1],
    ],
  )
})

test("the entropy of a location's draw is that of a Gaussian with the algorithm's standard deviation", () => {
  const runs = [write(line(1, 1), { training: {}, algorithm: { std: 0.2, finalStd: 0.2 } })]
  // two axes: 2 x (1/2) ln(2 pi e sigma^2) = 1 + ln(2 pi 0.04) = 1 + ln 0.251327 = -0.381...
  const [point] = panel(runs, "Entropy of a location's draw, nats") ?? []
  assert.ok(Math.abs(point!.mean - (1 + Math.log(0.251327412))) < 1e-6, String(point?.mean))
})

test('whatever else an algorithm reports has a panel of its own, in words', () => {
  const record = { epoch: 1, epochs: 1, train: { loss: 1, policy: 2, klDivergence: 3 } }
  const titles = learningCurves(groupRuns([write(`${JSON.stringify(record)}\n`, { training: {} })])).map(({ metric }) =>
    titleOf(metric),
  )
  assert.ok(titles.includes('Policy loss') && titles.includes('Training: kl divergence'), titles.join('; '))
})

test('of two lines for one epoch the later counts', () => {
  assert.equal(
    panel([write(line(1, 4) + line(1, 3), { training: {} })], 'Training loss')?.map(({ mean }) => mean),
    [3],
  )
})

test('a run without a configuration still has its curves', () => {
  const path = mkdtempSync(join(tmpdir(), 'saccade-'))
  writeFileSync(join(path, 'metrics.jsonl'), line(1, 4))
  const run = readRun(path)
  assert.equal(
    panel([run], 'Training loss')?.map(({ mean, group }) => [mean, group]),
    [[4, run.name]],
  )
})

test('runs are grouped by the value of one option, in the order of its values', () => {
  const rates = [0.1, 0.02, 0.1].map((learningRate, seed) => write(line(1, 1), { training: { seed, learningRate } }))
  assert.equal(differingOptions(rates), ['training.seed', 'training.learningRate'])
  assert.equal(
    groupBy(rates, 'training.learningRate').map(({ label, runs }) => [label, runs.length]),
    [
      ['learningRate 0.02', 1],
      ['learningRate 0.1', 2],
    ],
  )
})

test.run()
