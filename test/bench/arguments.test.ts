import { spawnSync } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseArguments } from '../../bench/arguments.ts'
import { relativeDistance } from '../../bench/numbers.ts'
import { complaintOf } from '../../bench/take.ts'

test('the bench understands its options', () => {
  const nothing = { help: false, quick: false, gpu: false, only: [] }
  assert.equal(parseArguments([]), nothing)
  assert.equal(parseArguments(['--quick']), { ...nothing, quick: true })
  assert.equal(parseArguments(['--gpu', '--only', 'onnx,onnx-cuda']), {
    ...nothing,
    gpu: true,
    only: ['onnx', 'onnx-cuda'],
  })
  assert.equal(parseArguments(['--only=onnx', '--gpu']).only, ['onnx'])
})

test('the bench refuses what it does not know', () => {
  for (const words of [['--gpus'], ['--gpu', '--only'], ['--gpu', '--only', 'onnx-rocm'], ['--only', 'onnx'], ['now']])
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
