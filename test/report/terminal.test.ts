// What a training prints on a terminal of 80 columns: nothing wraps, and the time left is always there.

import { EventEmitter } from 'eventemitter3'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { reportProgress } from '../../src/report/progress.ts'
import { bar, duration, fitted, folded, Overall, StatusLine } from '../../src/report/terminal.ts'
import type { Summary } from '../../src/runs/records.ts'
import type { TrainerEvents } from '../../src/training/events.ts'

const control = String.fromCharCode(27)
const clear = `\r${control}[2K`

/** A terminal that remembers; `screen` is what one sees at the end. */
function terminal(columns = 80) {
  const written: string[] = []
  return {
    ...{ isTTY: true, columns, written },
    write: (text: string): void => void written.push(text),
    /** Every state of every line. */
    get lines(): string[] {
      return written.join('').split(new RegExp(`\\n|\\r${control}\\[2K`))
    },
    get screen(): string[] {
      return written
        .join('')
        .split('\n')
        .map((line) => line.split(clear).at(-1)!)
    },
  }
}

const start = (more: object = {}): TrainerEvents['start'][0] =>
  ({
    config: {
      environment: { id: 'TranslatedFashionMNIST' },
      algorithm: { name: 'reinforce' },
      training: { epochs: 1000, seed: 123456 },
    },
    directory: 'runs/TranslatedFashionMNIST-reinforce-001',
    engine: 'wasm',
    why: 'TensorFlow.js WebAssembly, one thread; the best found here; no onnx (a long reason; to get it: npm install)',
    ...{
      workers: 2,
      parameters: 12_345_678,
      iterationsPerEpoch: 422,
      itemsPerEpoch: 54_000,
      fromEpoch: 0,
      games: false,
    },
    ...more,
  }) as unknown as TrainerEvents['start'][0]

const iteration = {
  ...{
    epoch: 999,
    iteration: 100,
    iterationsPerEpoch: 422,
    imagesPerSecond: 123_456,
    secondsLeft: 360_000,
  },
  metrics: { loss: 1234.5678, accuracy: 0.98765 },
}
const epoch = {
  ...{ epoch: 999, epochs: 1000, train: iteration.metrics, validation: { error: 12.345 }, best: true },
  ...{ learningRate: 1, seconds: 1234.56, imagesPerSecond: 123_456, steps: 6000, measure: 'error' as const },
}
const summary = {
  ...{ testError: { greedy: 12.34, sampled: 12.34, averaged: 12.34 }, validationError: 12.34, bestEpoch: 999 },
  ...{ epochs: 1000, seconds: 400_000, secondsPerEpoch: 400, engine: 'wasm', workers: 2 },
} as Summary

for (const columns of [60, 80, 120])
  test(`on ${columns} columns no line wraps, and the time left is in every status of a training`, () => {
    const out = terminal(columns)
    const trainer = new EventEmitter<TrainerEvents>()
    reportProgress(trainer, { out, error: out, json: false, verbose: true })
    trainer.emit('start', start())
    trainer.emit('iteration', iteration)
    trainer.emit('evaluating', { split: 'validation', greedy: true, done: 500, total: 6000 })
    trainer.emit('epoch', epoch)
    trainer.emit('evaluating', { split: 'test', greedy: false, done: 500, total: 10_000 })
    trainer.emit('end', summary)
    for (const line of out.lines) assert.ok(line.length < columns, `${line.length}: ${line}`)
    const statuses = out.lines.filter((line) => /░/.test(line))
    assert.is(statuses.length, 3)
    assert.match(statuses[0]!, /epoch 999\/1000 {2}█+░+ 23 % {2}100 h 0 min left/)
    const counted = columns === 120 ? ' {2}500 of [\\d,]+ images' : ''
    assert.match(statuses[1]!, new RegExp(`validating {2}█+░+ {2}8 % {2}100 h 0 min left${counted}$`))
    assert.match(statuses[2]!, /testing, sampled {2}█+░+ {2}5 %/)
    // nothing of a status is left on the screen
    assert.not.match(out.screen.join('\n'), /░/)
    assert.match(
      out.screen.join(' ').replace(/\s+/g, ' '),
      /test error: greedy 12\.34 %, sampled 12\.34 %, averaged 12\.34 %/,
    )
  })

test('the engine is told in one line of at most 100 characters, the rest is for --verbose', () => {
  const said = (verbose: boolean, why?: string): string[] => {
    const written: string[] = []
    const out = { write: (text: string) => void written.push(text) }
    const trainer = new EventEmitter<TrainerEvents>()
    reportProgress(trainer, { out, error: out, json: false, verbose })
    trainer.emit('start', start(why === undefined ? {} : { why }))
    return written.join('').split('\n')
  }
  assert.is(said(false)[0], 'engine wasm, 2 workers: TensorFlow.js WebAssembly, one thread; no onnx (--verbose: why)')
  assert.match(said(false)[1]!, /^reinforce on/)
  assert.equal(said(true).slice(1, 4), [
    '  the best found here',
    '  no onnx (a long reason',
    '  to get it: npm install)',
  ])
  assert.ok(said(false, `${'x'.repeat(300)}; no onnx (y)`)[0]!.length <= 100)
})

test('the epochs of a game count games', () => {
  const out = terminal(200)
  const trainer = new EventEmitter<TrainerEvents>()
  reportProgress(trainer, { out, error: out, json: false })
  trainer.emit('start', start({ games: true, itemsPerEpoch: 10_000 }))
  trainer.emit('iteration', { ...iteration, metrics: { loss: 1, return: 0.5 } })
  trainer.emit('epoch', { ...epoch, train: { loss: 1, return: 0.5 } })
  const all = out.lines.join('\n')
  assert.match(all, /10,000 games an epoch/)
  assert.match(all, /return 0\.500 {2}123,456 games\/s/)
  assert.not.match(all, /image/)
})

test('what is printed in between stands above the status, in the order in which it came', () => {
  const out = terminal()
  const status = new StatusLine(out)
  status.show([['half way', 0]])
  status.print('a line')
  assert.equal(out.screen, ['a line', 'half way'])
  status.clear()
  out.write('stopping\n')
  status.show([['on', 0]])
  status.clear()
  assert.equal(out.screen, ['a line', 'stopping', ''])
})

test('without a terminal there is no status', () => {
  const written: string[] = []
  const status = new StatusLine({ write: (text) => void written.push(text) })
  status.show([['half way', 0]])
  status.print('a line')
  assert.equal(written, ['a line\n'])
})

test('what has no room is left out, the least important first', () => {
  const parts = [
    ['must', 0],
    ['second', 2],
    ['first', 1],
  ] as const
  assert.equal(
    [20, 12, 5, 3].map((room) => fitted(parts, room)),
    ['must  second  first', 'must  first', 'must', 'mu…'],
  )
  assert.equal(folded('one two three', 7), ['one two', '  three'])
})

test('bars and durations', () => {
  assert.equal([bar(0, 4), bar(0.5, 4), bar(1, 4), bar(7, 4)], ['░░░░  0 %', '██░░ 50 %', '████ 100 %', '████ 100 %'])
  assert.equal([42, 432, 7500, Number.NaN].map(duration), ['42 s', '7 min 12 s', '2 h 5 min', '?'])
})

test('several trainings have one bar', () => {
  const out = terminal()
  const overall = new Overall(new StatusLine(out), 'trial', 20)
  overall.show(2, 0.1)
  overall.show(5, 0.25)
  assert.match(out.screen[0]!, /^5 of 20 trials {2}███░+ 25 % {2}.* left$/)
})

test.run()
