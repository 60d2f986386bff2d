import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { RunDetail, RunRow } from '../../src/dashboard/protocol.ts'
import {
  chanceOf,
  csvOfLines,
  csvOfRuns,
  groupsOf,
  linesOf,
  measureOf,
  shortNames,
  smoothed,
} from '../../web/dashboard/lines.ts'
import { foldersOf } from '../../web/dashboard/list.ts'
import { readAddress, writeAddress } from '../../web/dashboard/settings.ts'

const usual = { x: 'epochs', smoothing: 0, log: false, group: '' } as const

/** A run with an error a epoch; 10 images a second for 60 seconds. */
const run = (name: string, errors: readonly number[], training: object = {}): RunDetail => ({
  ...{ name, state: 'stopped', epoch: errors.length, updated: 0, problems: 0, complaints: [], checkpoint: '' },
  config: { training },
  points: errors.map((error, i) => ({
    epoch: i + 1,
    values: { 'validation.error': error, 'train.accuracy': 0.5, seconds: 60, imagesPerSecond: 10, steps: 3600 },
  })),
})

test('lines lie across by epochs, images, steps or minutes, in the unit of the metric', () => {
  const groups = groupsOf([run('a', [8, 4])], usual)
  const places = (x: 'epochs' | 'images' | 'steps' | 'minutes') =>
    linesOf('train.accuracy', groups, { ...usual, x })[0]!.points.map((point) => [point.x, point.y])
  assert.equal(places('epochs'), [
    [1, 50],
    [2, 50],
  ])
  assert.equal(places('images'), [
    [600, 50],
    [1200, 50],
  ])
  assert.equal(places('steps'), [
    [3600, 50],
    [7200, 50],
  ])
  assert.equal(places('minutes'), [
    [1, 50],
    [2, 50],
  ])
})

test('the title of an error says what it is, where all runs agree', () => {
  const far = { ...run('a', [0.5]), measure: 'distance' }
  const head = (runs: RunDetail[]) => csvOfLines('validation.error', [], 'steps', measureOf(runs)).trim()
  assert.is(head([far, far]), 'line,environment steps,Validation distance')
  assert.is(head([far, run('b', [8])]), 'line,environment steps,"Validation error, %"')
})

test('chance is drawn where all runs have the same', () => {
  const with90 = run('a', [8])
  const of = (chance: number): RunDetail => ({ ...with90, points: [{ epoch: 1, values: { chance } }] })
  assert.is(chanceOf([of(90), of(90)]), 90)
  assert.is(chanceOf([of(90), of(50)]), undefined)
  assert.is(chanceOf([with90]), undefined)
})

test('an epoch that is missing still took its time', () => {
  const whole = run('a', [8, 4, 2])
  const torn = { ...whole, points: whole.points.filter(({ epoch }) => epoch !== 2) }
  const [line] = linesOf('validation.error', groupsOf([torn], usual), { ...usual, x: 'minutes' })
  assert.equal(
    line!.points.map(({ x }) => x),
    [1, 3],
  )
})

test('a group by an option is a mean with the band over its runs', () => {
  const runs = [
    run('a', [8, 4], { rate: 1, seed: 0 }),
    run('b', [6, 2], { rate: 1, seed: 1 }),
    run('c', [9], { rate: 2 }),
  ]
  const settings = { ...usual, group: 'training.rate' }
  assert.equal(linesOf('validation.error', groupsOf(runs, settings), settings), [
    {
      label: 'rate 1',
      points: [
        { x: 1, y: 7, low: 6, high: 8 },
        { x: 2, y: 3, low: 2, high: 4 },
      ],
    },
    { label: 'rate 2', points: [{ x: 1, y: 9 }] },
  ])
  assert.equal(
    groupsOf(runs, { group: 'seeds' }).map(({ runs }) => runs.length),
    [2, 1],
  )
})

test('smoothing is the exponential moving average corrected for its start', () => {
  const points = [4, 8, 8].map((y, x) => ({ x, y }))
  // weight 1/2: 4; (4/4 + 8/2) / (3/4) = 20/3; ((4/4 + 8/2) / 2 + 8/2) / (7/8) = 52/7
  const values = smoothed(points, 0.5, false).map(({ y }) => y)
  for (const [i, value] of [4, 20 / 3, 52 / 7].entries())
    assert.ok(Math.abs(values[i]! - value) < 1e-12, `${values[i]}`)
  // of logarithms: 2^2, then 2^((2/4 + 3/2) / (3/4)) = 2^(8/3)
  assert.ok(Math.abs(smoothed(points, 0.5, true)[1]!.y - 2 ** (8 / 3)) < 1e-12)
})

test('names are shown without what all of them begin with', () => {
  assert.equal(shortNames(['x/trials/0001', 'x/trials/0002']), ['0001', '0002'])
  assert.equal(shortNames(['MNIST-ppo-001', 'MNIST-rloo-001']), ['ppo-001', 'rloo-001'])
  assert.equal(shortNames(['mnist-6/seed-0', 'mnist-6/seed-1']), ['seed-0', 'seed-1'])
  assert.equal(shortNames(['alone/here']), ['alone/here'])
})

test('a table of numbers is quoted where it must be, and a name is never a formula', () => {
  const csv = csvOfRuns([run('=SUM(1),"x"', [1])])
  assert.is(csv.split('\r\n')[1], `"'=SUM(1),""x""",1,10,60,3600,0.5,1`)
})

const row = (name: string, more: Partial<RunRow> = {}): RunRow => ({
  ...{ name, state: 'stopped', epoch: 1, updated: 0, problems: 0 },
  ...more,
})

test('folders stand where their first run would, and a sweep is one', () => {
  const runs = [
    row('z', { validationError: 3 }),
    row('s/trials/0001', { sweep: 's', validationError: 5 }),
    row('s/trials/0002', { sweep: 's', testError: 1 }),
    row('folder/a'),
  ]
  const folders = foldersOf(runs, { search: '', state: '', sort: 'error' })
  assert.equal(
    folders.map(({ name, sweep, runs }) => [name, sweep, runs.map((run) => run.name)]),
    [
      ['s', true, ['s/trials/0002', 's/trials/0001']],
      ['', false, ['z']],
      ['folder', false, ['folder/a']],
    ],
  )
})

test('the address says what is shown, and whatever is wrong in it is as usual', () => {
  const address = {
    runs: ['a/b', 'c&d'],
    settings: { x: 'minutes', smoothing: 0.6, log: true, group: 'seeds' },
  } as const
  assert.equal(readAddress(`#${writeAddress(address)}`), address)
  assert.is(writeAddress({ runs: ['a'], settings: usual }), 'run=a')
  assert.equal(readAddress('#x=feet&smoothing=7&log=yes&run=a&run=a'), { runs: ['a'], settings: usual })
})

test.run()
