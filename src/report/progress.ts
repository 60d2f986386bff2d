// A training, told as it goes: a bar and a line per epoch on a terminal, lines where the output is piped, one JSON object
// per event for machines. The trainer itself prints nothing.

import { Presets, SingleBar } from 'cli-progress'
import type { EventEmitter } from 'eventemitter3'
import type { EpochRecord, Metrics, Summary } from '../runs/records.ts'
import type { TrainerEvents } from '../training/events.ts'

/** Where text goes: process.stdout, process.stderr, or a collector in a test. */
export type Output = { write(text: string): unknown; readonly isTTY?: boolean }

/** How to tell it. */
export type ProgressOptions = {
  readonly out: Output
  /** For warnings where they are not events: process.stderr. */
  readonly error: Output
  /** One JSON object per line: `{"event": "epoch", ...}`. */
  readonly json: boolean
}

/** Print what a trainer tells until it ends. */
export function reportProgress(trainer: EventEmitter<TrainerEvents>, options: ProgressOptions): void {
  if (options.json) reportJson(trainer, options.out)
  else reportWords(trainer, options)
}

function reportJson(trainer: EventEmitter<TrainerEvents>, out: Output): void {
  const tell = (event: string, payload: object = {}): void => {
    out.write(`${JSON.stringify({ event, ...payload })}\n`)
  }
  trainer.on('start', (payload) => tell('start', payload))
  trainer.on('iteration', (payload) => tell('iteration', payload))
  trainer.on('epoch', (record) => tell('epoch', record))
  trainer.on('checkpoint', (payload) => tell('checkpoint', payload))
  trainer.on('warning', (message) => tell('warning', { message }))
  trainer.on('end', (summary) => tell('end', { complete: summary !== undefined, ...summary }))
}

/** Without a bar, a long epoch says every so many milliseconds that it is alive. */
const quiet = 30_000

function reportWords(trainer: EventEmitter<TrainerEvents>, { out, error }: ProgressOptions): void {
  let directory: string | undefined
  let epochs = 0
  let bar: SingleBar | undefined
  let lastLine = performance.now()

  const line = (text: string): void => {
    bar?.stop()
    bar = undefined
    out.write(`${text}\n`)
    lastLine = performance.now()
  }

  trainer.on('start', (start) => {
    directory = start.directory
    epochs = start.config.training.epochs
    const { config, workers, parameters, itemsPerEpoch, iterationsPerEpoch, fromEpoch } = start
    line(`engine ${start.engine}: ${start.why}; ${plural(workers, 'worker')}`)
    line(
      `${config.algorithm.name} on ${config.environment.id}: ${number(parameters)} parameters, ${plural(itemsPerEpoch, 'image')} an epoch in ` +
        `${plural(iterationsPerEpoch, 'iteration')}, ${plural(epochs, 'epoch')}, seed ${config.training.seed}` +
        (fromEpoch > 0 ? `; going on after epoch ${fromEpoch}` : ''),
    )
    if (directory) line(`run directory ${directory}`)
  })

  trainer.on('iteration', ({ epoch, iteration, iterationsPerEpoch, metrics, imagesPerSecond, secondsLeft }) => {
    const payload = {
      epoch,
      epochs,
      metrics: inWords(metrics),
      speed: `${number(imagesPerSecond)} images/s`,
      left: `${duration(secondsLeft)} left`,
    }
    if (out.isTTY) {
      if (!bar) {
        bar = newBar()
        bar.start(iterationsPerEpoch, iteration, payload)
      }
      bar.update(iteration, payload)
    } else if (performance.now() - lastLine > quiet) {
      const share = `${Math.round((100 * iteration) / iterationsPerEpoch)} % of epoch ${epoch}/${epochs}`
      line(`${share}  ${payload.metrics}  ${payload.speed}  ${payload.left}`)
    }
  })

  trainer.on('epoch', (record) => line(epochLine(record)))
  trainer.on('warning', (message) => {
    bar?.stop()
    bar = undefined
    error.write(`warning: ${message}\n`)
  })
  trainer.on('end', (summary) => {
    bar?.stop()
    bar = undefined
    if (summary) for (const text of summaryLines(summary, directory)) line(text)
  })
}

/** cli-progress wants a stream of the system; the bar is only drawn where there is a terminal. */
const newBar = (): SingleBar =>
  new SingleBar(
    {
      format: 'epoch {epoch}/{epochs} {bar} {percentage} %  {metrics}  {speed}  {left}',
      stream: process.stdout,
      clearOnComplete: true,
      hideCursor: true,
      barsize: 24,
      stopOnComplete: false,
      gracefulExit: false,
    },
    Presets.shades_classic,
  )

function epochLine({ epoch, epochs, train, validation, best, imagesPerSecond, seconds }: EpochRecord): string {
  const parts = [`epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`, inWords(train)]
  if (validation?.error !== undefined)
    parts.push(`validation error ${percent(validation.error)}${best ? ' (best so far)' : ''}`)
  parts.push(`${number(imagesPerSecond)} images/s`, `${seconds.toFixed(1)} s`)
  return parts.join('  ')
}

function summaryLines(summary: Summary, directory: string | undefined): string[] {
  const { testError, validationError, bestEpoch, epochs, seconds, secondsPerEpoch, engine, workers } = summary
  const error = `test error: greedy ${percent(testError.greedy)}, sampled ${percent(testError.sampled)}, averaged ${percent(testError.averaged)}`
  return [
    `${error} (of epoch ${bestEpoch}, the best on validation: ${percent(validationError)})`,
    `${plural(epochs, 'epoch')} in ${duration(seconds)}, ${secondsPerEpoch.toFixed(1)} s an epoch, on ${engine} with ${plural(workers, 'worker')}`,
    ...(directory ? [`run directory ${directory}`] : []),
  ]
}

/** What people ask for of an iteration's or an epoch's metrics, in this order, where it is there. */
function inWords(metrics: Metrics): string {
  const { loss, accuracy, reward } = metrics
  return [
    loss === undefined ? [] : [`loss ${loss.toFixed(4)}`],
    accuracy === undefined ? [] : [`accuracy ${percent(100 * accuracy)}`],
    accuracy !== undefined || reward === undefined ? [] : [`reward ${reward.toFixed(3)}`],
  ]
    .flat()
    .join('  ')
}

const percent = (value: number): string => `${value.toFixed(2)} %`
const number = (value: number): string => Math.round(value).toLocaleString('en')
const plural = (count: number, noun: string): string => `${number(count)} ${noun}${count === 1 ? '' : 's'}`

/** `42 s`, `7 min 12 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?'
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
