// The comparison of algorithms: its numbers by hand, and the command from end to end on a probe.

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compareCommand } from '../../scripts/commands/compare.ts'
import { compare, comparisonTable } from '../../src/report/comparison.ts'
import type { EpochRecord, Summary } from '../../src/runs/records.ts'
import { outcomeOf } from './help.ts'

const record = (epoch: number, seconds: number, error: number): EpochRecord => ({
  ...{ epoch, epochs: 2, train: {}, validation: { error }, best: true, learningRate: 1, seconds },
  imagesPerSecond: 100 / seconds,
  steps: 6000,
  measure: 'error' as const,
})

const run = (seed: number, errors: [number, number], greedy: number) => ({
  epochs: [record(1, 2 + seed, errors[0]), record(2, 2 + seed, errors[1])],
  summary: { seed, testError: { greedy, sampled: greedy + 1, averaged: greedy - 1 } } as Summary,
})

test('results are means and ranges over the seeds; rollouts and seconds add up over the epochs', () => {
  const [result] = compare([{ label: 'a2c', runs: [run(0, [9, 5], 4), run(1, [7, 6], 7)], rollouts: 4 }])
  assert.equal(result!.greedy, { mean: 5.5, low: 4, high: 7, values: [4, 7] })
  // 100 items an epoch, 4 rollouts each; 2 and 3 seconds an epoch
  assert.equal(
    result!.course.map(({ rollouts, seconds, error }) => [rollouts, seconds, error.mean, error.low, error.high]),
    [
      [400, 2.5, 8, 7, 9],
      [800, 5, 5.5, 5, 6],
    ],
  )
  assert.is(result!.rollouts, 800)
  const row = '| a2c | 5.50 (4.00-7.00) | 6.50 (5.00-8.00) | 4.50 (3.00-6.00) | 5 (4-6) | 800 | 0, 1 |'
  assert.is(comparisonTable([result!]).split('\n')[2], row)
})

const out = join(mkdtempSync(join(tmpdir(), 'saccade-')), 'compared')
const args = [
  ...['--environment', 'probe/prediction', '--algorithms', 'reinforce,rloo', '--seeds', '0,1', '--out', out],
  ...['--epochs', '2', '--epoch-items', '64', '--batch-size', '32', '--evaluation-items', '20', '--workers', '1'],
  ...[
    '--evaluation-rollouts',
    '1',
    '--what-units',
    '8',
    '--feature-units',
    '8',
    '--hidden-units',
    '8',
    '--against',
    'group',
  ],
]

test('the command trains every algorithm under every seed with as many rollouts, and writes numbers, table and picture', async () => {
  const { code, error } = await outcomeOf(compareCommand, ...args)
  assert.is(code, 0, error)
  const { results } = JSON.parse(readFileSync(join(out, 'comparison.json'), 'utf8'))
  assert.equal(
    results.map(({ label, seeds, rollouts }: Record<string, unknown>) => [label, seeds, rollouts]),
    // 2 epochs of 64 items, 4 rollouts each, for rloo needs several
    [
      ['reinforce', [0, 1], 512],
      ['rloo', [0, 1], 512],
    ],
  )
  assert.match(readFileSync(join(out, 'comparison.md'), 'utf8'), /^\| rloo \|/m)
  assert.match(readFileSync(join(out, 'comparison.svg'), 'utf8'), /^<svg /)
  // an option goes to the algorithm that knows it
  assert.is(JSON.parse(readFileSync(join(out, 'rloo-seed-1', 'config.json'), 'utf8')).algorithm.against, 'group')
})

test('what is done is not done again, and other options are not mixed in', async () => {
  const summary = join(out, 'rloo-seed-1', 'summary.json')
  const before = statSync(summary).mtimeMs
  assert.is((await outcomeOf(compareCommand, ...args)).code, 0)
  assert.is(statSync(summary).mtimeMs, before)
  const { code, error } = await outcomeOf(compareCommand, ...args, '--learning-rate', '0.1')
  assert.is(code, 1)
  assert.match(error, /reinforce-seed-0 holds a run with other options; choose another --out/)
})

test('a comparison in a world with data goes on, but not on other data', async () => {
  const digits = join(out, 'digits')
  const some = args.map((arg) =>
    arg === out
      ? digits
      : arg === 'probe/prediction'
        ? 'MNIST'
        : arg === 'reinforce,rloo'
          ? 'rloo'
          : arg === '0,1'
            ? '0'
            : arg,
  )
  assert.is((await outcomeOf(compareCommand, ...some)).code, 0)
  const again = await outcomeOf(compareCommand, ...some)
  assert.is(again.code, 0, again.error)
  const config = join(digits, 'rloo-seed-0', 'config.json')
  writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), data: '0-0' }))
  rmSync(join(digits, 'rloo-seed-0', 'summary.json'))
  assert.match((await outcomeOf(compareCommand, ...some)).error, /its data are not those of this run/)
})

test('one more option can vary, and is looked for where it belongs', async () => {
  const varied = join(out, 'varied')
  const some = args.map((arg) => (arg === out ? varied : arg === 'reinforce,rloo' ? 'rloo' : arg === '0,1' ? '0' : arg))
  const { code, error } = await outcomeOf(compareCommand, ...some, '--vary', 'discount=0.5,1')
  assert.is(code, 0, error)
  assert.ok(existsSync(join(varied, 'rloo-discount-0.5-seed-0')))
  const wrong = await outcomeOf(compareCommand, ...some, '--vary', 'disconut=1')
  assert.match(wrong.error, /--vary: nothing here has the option "disconut"/)
})

test('unknown algorithms, and flags that have no place here, are refused', async () => {
  assert.match((await outcomeOf(compareCommand, '--algorithms', 'a2c,dqn')).error, /unknown algorithm "dqn"/)
  assert.match((await outcomeOf(compareCommand, '--seed', '1')).error, /--seed has no place here/)
})

test.run()
