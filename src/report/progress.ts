// A training, told as it goes: a status and a line per epoch on a terminal, lines where the output is piped, one JSON object
// per event for machines. The trainer itself prints nothing.

import type { EventEmitter } from 'eventemitter3'
import type { EpochRecord, Measure, Metrics, Summary } from '../runs/records.ts'
import type { TrainerEvents } from '../training/events.ts'
import { formatMetric, metricOf } from './metrics.ts'
import { bar, cut, duration, fitted, type Output, type Part, roomOf, StatusLine } from './terminal.ts'

export type { Output } from './terminal.ts'

/** How to tell it. */
export type ProgressOptions = {
  readonly out: Output
  /** For warnings where they are not events: process.stderr. */
  readonly error: Output
  /** One JSON object per line: `{"event": "epoch", ...}`. */
  readonly json: boolean
  /** Say everything about the engine. */
  readonly verbose?: boolean
}

/** What can be asked of whoever tells. */
export type Progress = {
  /** Take the status away before something else is printed. */
  clear(): void
}

/** Print what a trainer tells until it ends. */
export function reportProgress(trainer: EventEmitter<TrainerEvents>, options: ProgressOptions): Progress {
  if (options.json) reportJson(trainer, options.out)
  else return reportWords(trainer, options)
  return { clear: () => {} }
}

function reportJson(trainer: EventEmitter<TrainerEvents>, out: Output): void {
  const tell = (event: string, payload: object = {}): void => {
    out.write(`${JSON.stringify({ event, ...payload })}\n`)
  }
  trainer.on('start', (payload) => tell('start', payload))
  trainer.on('iteration', (payload) => tell('iteration', payload))
  trainer.on('evaluating', (payload) => tell('evaluating', payload))
  trainer.on('epoch', (record) => tell('epoch', record))
  trainer.on('checkpoint', (payload) => tell('checkpoint', payload))
  trainer.on('warning', (message) => tell('warning', { message }))
  trainer.on('end', (summary) => tell('end', { complete: summary !== undefined, ...summary }))
}

/** Without a terminal, a long epoch says every so many milliseconds that it is alive. */
const quiet = 30_000

type Start = TrainerEvents['start'][0]

function reportWords(trainer: EventEmitter<TrainerEvents>, { out, error, verbose = false }: ProgressOptions): Progress {
  let started: Start | undefined
  let epoch = 0
  let left = ''
  let lastLine = performance.now()
  const status = new StatusLine(out)
  const line = (text: string): void => {
    status.clear()
    status.print(text)
    lastLine = performance.now()
  }
  /** A status, or without a terminal now and then a line. */
  const tell = (parts: readonly Part[]): void => {
    status.show(parts)
    if (!out.isTTY && performance.now() - lastLine > quiet) line(fitted(parts, roomOf(out)))
  }
  const epochs = (): string => `epoch ${epoch}/${started?.config.training.epochs ?? '?'}`

  trainer.on('start', (start) => {
    started = start
    epoch = start.fromEpoch
    for (const text of startLines(start, verbose, Math.min(100, roomOf(out)))) line(text)
  })
  trainer.on('iteration', ({ iteration, iterationsPerEpoch, metrics, imagesPerSecond, secondsLeft, ...at }) => {
    epoch = at.epoch
    left = `${duration(secondsLeft)} left`
    const [first = '', second = ''] = inWords(metrics)
    tell([
      [epochs(), 0],
      [bar(iteration / iterationsPerEpoch), 0],
      [left, 0],
      [first, 2],
      [second, 1],
      [`${number(imagesPerSecond)} ${nounOf(started)}s/s`, 3],
    ])
  })
  trainer.on('evaluating', ({ split, greedy, done, total }) => {
    const what = split === 'validation' ? 'validating' : `testing, ${greedy ? 'greedy' : 'sampled'}`
    tell([
      [epochs(), 1],
      [what, 0],
      [bar(done / Math.max(1, total)), 0],
      // of the training; a test at its end is short
      [split === 'validation' ? left : '', 0],
      [`${number(done)} of ${number(total)} ${nounOf(started)}s`, 2],
    ])
  })
  trainer.on('epoch', (record) => line(fitted(epochParts(record, started), roomOf(out))))
  trainer.on('warning', (message) => {
    status.clear()
    error.write(`warning: ${message}\n`)
  })
  trainer.on('end', (summary) => {
    status.clear()
    if (summary) for (const text of summaryLines(summary, started?.directory)) line(text)
  })
  return { clear: () => status.clear() }
}

/** What an item of an epoch is. */
const nounOf = (start: Start | undefined): string => (start?.games ? 'game' : 'image')

/** The engine in one line of at most `most` characters, and what is trained. */
function startLines(start: Start, verbose: boolean, most: number): string[] {
  const { config, engine, why, workers, parameters, itemsPerEpoch, iterationsPerEpoch, fromEpoch, directory } = start
  const { epochs, seed } = config.training
  const [what = '', ...reasons] = why.split('; ')
  // an engine that would have been preferred: `no onnx (why not ...`
  const missed = reasons.flatMap((reason) => /^no ([\w-]+) /.exec(reason)?.[1] ?? [])
  const note = missed.length === 0 ? '' : `; no ${missed.join(', ')}${verbose ? '' : ' (--verbose: why)'}`
  return [
    `${cut(`engine ${engine}, ${plural(workers, 'worker')}: ${what}`, most - note.length)}${note}`,
    ...(verbose ? reasons.map((reason) => `  ${reason}`) : []),
    `${config.algorithm.name} on ${config.environment.id}: ${number(parameters)} parameters, ${plural(itemsPerEpoch, nounOf(start))} an epoch in ` +
      `${plural(iterationsPerEpoch, 'iteration')}, ${plural(epochs, 'epoch')}, seed ${seed}` +
      (fromEpoch > 0 ? `; going on after epoch ${fromEpoch}` : config.from ? `; from ${config.from.agent}` : ''),
    ...(directory ? [`run directory ${directory}`] : []),
  ]
}

function epochParts(
  { epoch, epochs, train, validation, best, imagesPerSecond, seconds }: EpochRecord,
  start: Start | undefined,
): Part[] {
  const [first = '', second = ''] = inWords(train)
  const error =
    validation?.error === undefined
      ? ''
      : `${say('validation.error', validation.error, start?.measure)}${best ? ', best' : ''}`
  return [
    [`epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`, 0],
    [first, 2],
    [second, 1],
    [error, 0],
    [`${number(imagesPerSecond)} ${nounOf(start)}s/s`, 3],
    [`${seconds.toFixed(1)} s`, 0],
  ]
}

function summaryLines(summary: Summary, directory: string | undefined): string[] {
  const { testError, measure, validationError, bestEpoch, epochs, seconds, secondsPerEpoch, engine, workers } = summary
  const errors = Object.entries(testError).map(([name, value]) => say(`testError.${name}`, value, measure))
  const at = `of epoch ${bestEpoch}, the best on validation: ${formatMetric('validation.error', validationError, measure)}`
  return [
    `${metricOf('testError.greedy', measure).title.replace(', greedy', '').toLowerCase()}: ${errors.join(', ')} (${at})`,
    `${plural(epochs, 'epoch')} in ${duration(seconds)}, ${secondsPerEpoch.toFixed(1)} s an epoch, on ${engine} with ${plural(workers, 'worker')}`,
    ...(directory ? [`run directory ${directory}`] : []),
  ]
}

/** What people ask for of an iteration's or an epoch's metrics, in this order: the loss, and the accuracy or else the distance or the return. */
function inWords(metrics: Metrics): string[] {
  const { loss, accuracy, distance, return: returned } = metrics
  return [
    loss === undefined ? '' : say('train.loss', loss),
    accuracy !== undefined
      ? say('train.accuracy', accuracy)
      : distance !== undefined
        ? say('train.distance', distance)
        : returned !== undefined
          ? say('train.return', returned)
          : '',
  ]
}

/** `loss 0.1234`. */
const say = (name: string, value: number, measure?: Measure): string => {
  const { short, title } = metricOf(name, measure)
  return `${short ?? title} ${formatMetric(name, value, measure)}`
}

const number = (value: number): string => Math.round(value).toLocaleString('en')
const plural = (count: number, noun: string): string => `${number(count)} ${noun}${count === 1 ? '' : 's'}`
