import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import '../../src/catalogue.ts'
import { wholeTicks } from '../../src/report/charts.ts'
import { groupRuns, learningCurves } from '../../src/report/curves.ts'
import { type RunFiles, readRunFiles } from '../../src/report/run-files.ts'

type Options = Readonly<Record<string, unknown>>

/** A run's directory by hand; `lines` as they stand in metrics.jsonl. */
function write(lines: string, { training, algorithm = {} }: { training: Options; algorithm?: Options }): RunFiles {
  const path = mkdtempSync(join(tmpdir(), 'saccade-'))
  const config = {
    environment: { id: 'MNIST', glimpses: 6 },
    agent: {},
    algorithm: { name: 'reinforce', ...algorithm },
    training,
    imports: [],
  }
  writeFileSync(join(path, 'config.json'), JSON.stringify(config))
  writeFileSync(join(path, 'metrics.jsonl'), lines)
  return readRunFiles(path)
}

const line = (epoch: number, loss: number, error?: number): string =>
  `${JSON.stringify({ epoch, epochs: 2, train: { loss, accuracy: 0.25 }, ...(error !== undefined && { validation: { error } }) })}\n`

const panel = (runs: readonly RunFiles[], title: string) =>
  learningCurves(groupRuns(runs)).find((each) => each.title === title)?.points

test('runs that differ in the seed alone are one curve: mean, smallest and largest by epoch', () => {
  const runs = [
    write(line(1, 4, 50) + line(2, 1, 20), { training: { seed: 0 } }),
    write(line(1, 6, 70) + line(2, 3, 10), { training: { seed: 1, engine: 'wasm', workers: 2 } }),
  ]
  const group = runs[0]!.name
  // (4 + 6) / 2 = 5; (1 + 3) / 2 = 2
  assert.equal(panel(runs, 'Loss'), [
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
    panel(runs, 'Loss')?.map(({ epoch, mean }) => [epoch, mean]),
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
  const titles = learningCurves(groupRuns([write(`${JSON.stringify(record)}\n`, { training: {} })])).map((p) => p.title)
  assert.ok(titles.includes('Policy loss') && titles.includes('Kl divergence'), titles.join('; '))
})

test('a half-written or foreign line is left out and said, and the rest is shown', () => {
  const run = write(`${line(1, 4)}{"version":7}\n${line(2, 3)}{"epoch":3,"tra`, { training: {} })
  assert.equal(
    run.epochs.map(({ epoch }) => epoch),
    [1, 2],
  )
  assert.is(run.problems.length, 1)
  assert.match(run.problems[0]!, /metrics\.jsonl: left out lines 2, 4: half-written, or of another version$/)
})

test('of two lines for one epoch the later counts', () => {
  assert.equal(
    panel([write(line(1, 4) + line(1, 3), { training: {} })], 'Loss')?.map(({ mean }) => mean),
    [3],
  )
})

test('a run without a configuration still has its curves, and says what is missing', () => {
  const path = mkdtempSync(join(tmpdir(), 'saccade-'))
  writeFileSync(join(path, 'metrics.jsonl'), line(1, 4))
  const run = readRunFiles(path)
  assert.is(run.config, undefined)
  assert.match(run.problems.join(), /config\.json is missing or unreadable/)
  assert.equal(
    panel([run], 'Loss')?.map(({ mean, group }) => [mean, group]),
    [[4, run.name]],
  )
})

test('a directory without a run is refused in one line', () => {
  const path = mkdtempSync(join(tmpdir(), 'saccade-'))
  assert.throws(
    () => readRunFiles(path),
    (error: Error) => error.name === 'UserError' && error.message === `${path} holds no run`,
  )
})

test('epochs are marked at whole numbers, at most eight of them', () => {
  assert.equal(wholeTicks(1, 1), [1])
  assert.equal(wholeTicks(1, 3), [1, 2, 3])
  assert.equal(wholeTicks(1, 12), [1, 2, 4, 6, 8, 10, 12])
  assert.equal(wholeTicks(1, 100), [1, 20, 40, 60, 80, 100])
})

test.run()
