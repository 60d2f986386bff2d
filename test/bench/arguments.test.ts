import { spawnSync } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseArguments } from '../../bench/arguments.ts'
import { flopsOf } from '../../bench/flops.ts'
import { medianOf, relativeDistance } from '../../bench/numbers.ts'
import { complaintOf } from '../../bench/take.ts'
import '../../src/index.ts'
import { completeConfig } from '../../src/runs/config.ts'
import { createPlan } from '../../src/training/plan.ts'
import { actDefinition } from '../../src/training/programs.ts'

test('the bench understands its options', () => {
  const nothing = { help: false, quick: false, gpu: false, recipes: false, canvases: false, only: [] }
  assert.equal(parseArguments([]), nothing)
  assert.equal(parseArguments(['--quick']), { ...nothing, quick: true })
  assert.equal(parseArguments(['--gpu', '--only', 'onnx,onnx-cuda']), {
    ...nothing,
    gpu: true,
    only: ['onnx', 'onnx-cuda'],
  })
  assert.equal(parseArguments(['--only=onnx', '--gpu']).only, ['onnx'])
  assert.equal(parseArguments(['--recipes', '--only', 'catch']), { ...nothing, recipes: true, only: ['catch'] })
})

test('the bench refuses what it does not know', () => {
  for (const words of [
    ...[['--gpus'], ['--gpu', '--only'], ['--gpu', '--only', 'onnx-rocm'], ['--only', 'onnx'], ['now']],
    ...[
      ['--recipes', '--gpu'],
      ['--canvases', '--recipes'],
      ['--recipes', '--only', 'onnx'],
    ],
  ])
    assert.ok(parseArguments(words).error, words.join(' '))
})

test('--help lists --gpu and starts no work', () => {
  for (const words of [['--help'], ['--gpu', '--help']]) {
    const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', 'bench/run.ts', ...words], {
      encoding: 'utf8',
    })
    assert.is(status, 0)
    assert.match(stdout, '--gpu')
    assert.not.match(stdout, '# ')
  }
})

test('a median is the middle, or between the two there', () => {
  assert.equal([[3], [3, 1, 2], [4, 1, 2, 9]].map(medianOf), [3, 2, 3])
  assert.ok(Number.isNaN(medianOf([])))
})

test('operations are counted in the graph: the default model by hand', () => {
  const plan = createPlan(completeConfig({ environment: { id: 'MNIST', glimpses: 1 } }))
  // of one glimpse no location is asked for: what 64x128, where 2x128, both to 256, the core 256x256 twice, prediction 256x10
  assert.is(flopsOf(actDefinition(plan, 1)), 2 * (64 * 128 + 2 * 128 + 2 * 128 * 256 + 2 * 256 * 256 + 256 * 10))
})

test('a relative distance is that of the norms', () => {
  assert.is(relativeDistance([3, 4], [3, 4]), 0)
  assert.is(relativeDistance([0, 0], [0, 0]), 0)
  assert.is(relativeDistance([3, 4.5], [3, 4]), 0.1)
  for (const [a, b] of [
    [[1], [1, 2]],
    [[Number.NaN], [1]],
    [[1], [0]],
  ] as const)
    assert.is(relativeDistance(a, b), Number.POSITIVE_INFINITY)
})

test('a complaint is the line that names an error, else the last', () => {
  assert.is(
    complaintOf('file.ts:1\n  throw x\n\nEngineError: no GPU\n    at there\n\nNode.js v20'),
    'EngineError: no GPU',
  )
  assert.is(complaintOf('one\nKilled\n'), 'Killed')
  assert.is(complaintOf(''), '')
})

test.run()
