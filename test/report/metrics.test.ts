import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { chanceError } from '../../src/env/spaces.ts'
import { arrange, formatMetric, metricOf, shownValue, tagOf, titleOf } from '../../src/report/metrics.ts'

test('a metric has a title with its unit, a tag, and numbers written in its unit', () => {
  assert.equal(
    ['validation.error', 'train.accuracy', 'learningRate'].map((name) => [titleOf(name), tagOf(name)]),
    [
      ['Validation error, %', 'validation/error'],
      ['Training accuracy, %', 'train/accuracy'],
      ['Learning rate', 'training/learningRate'],
    ],
  )
  assert.is(shownValue('train.accuracy', 0.25), 25)
  assert.equal(
    [
      formatMetric('train.accuracy', 0.9876),
      formatMetric('validation.error', 1.005),
      formatMetric('learningRate', 0.00025),
      formatMetric('learningRate', 0.001),
      formatMetric('imagesPerSecond', 12345.6),
      formatMetric('validation.error', Number.NaN),
      formatMetric('train.baseline', undefined),
    ],
    ['98.76 %', '1.00 %', '2.5e-4', '0.001', '12,346', '–', '–'],
  )
  assert.equal([metricOf('validation.error').better, metricOf('train.accuracy').better], ['lower', 'higher'])
})

test('errors are titled by what they measure', () => {
  const [distance, returned] = ['distance', 'return'].map((measure) => [
    titleOf('validation.error', measure),
    titleOf('testError.greedy', measure),
    formatMetric('testError.greedy', 0.5, measure),
  ])
  assert.equal(distance, ['Validation distance', 'Test distance, greedy', '0.500'])
  assert.equal(returned, ['Validation minus return', 'Test return, greedy', '0.500'])
  assert.is(metricOf('testError.greedy', 'return').better, 'higher')
})

test('what is not in the table is titled by its name', () => {
  assert.equal(
    ['train.klShare', 'topFive'].map((name) => titleOf(name)),
    ['Training: kl share', 'Top five'],
  )
})

test('metrics come in the order of the table, the main ones apart, unknown ones last', () => {
  assert.equal(arrange(['zebra', 'seconds', 'train.loss', 'validation.error', 'train.loss', 'ant']), {
    main: ['validation.error', 'train.loss'],
    rest: ['seconds', 'ant', 'zebra'],
  })
})

test('guessing one of ten classes is wrong nine times in ten', () => {
  assert.is(chanceError(10), 90)
  assert.is(chanceError(10, 10), 99)
})

test.run()
