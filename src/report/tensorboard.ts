// TensorBoard event files without TensorFlow: scalars, images and hyper-parameters, as records of protocol buffers.
// Only what this project writes is in the schema; numbers and names are those of the official .proto files.

import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EventEmitter } from 'eventemitter3'
import protobuf from 'protobufjs'
import type { RunConfig } from '../runs/config.ts'
import { inWords } from '../runs/files.ts'
import type { Metrics } from '../runs/records.ts'
import type { TrainerEvents } from '../training/events.ts'
import { maskedCrc32c } from './crc32c.ts'
import { GazePictures } from './gaze-pictures.ts'
import { shownValue, tagOf, titleOf } from './metrics.ts'

// tensorflow/core/util/event.proto, framework/summary.proto, tensorboard/plugins/hparams/plugin_data.proto
const schema = protobuf.parse(
  `syntax = "proto3";
  message Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; SessionLog session_log = 7; }
  message SessionLog { int32 status = 1; }
  message Summary { repeated SummaryValue value = 1; }
  message SummaryValue { string tag = 1; float simple_value = 2; Image image = 4; SummaryMetadata metadata = 9; }
  message Image { int32 height = 1; int32 width = 2; int32 colorspace = 3; bytes encoded_image_string = 4; }
  message SummaryMetadata { PluginData plugin_data = 1; string display_name = 2; }
  message PluginData { string plugin_name = 1; bytes content = 2; }
  message HParamsPluginData { int32 version = 1; SessionStartInfo session_start_info = 3; SessionEndInfo session_end_info = 4; }
  message SessionStartInfo { map<string, HParam> hparams = 1; double start_time_secs = 5; }
  message SessionEndInfo { int32 status = 1; double end_time_secs = 2; }
  message HParam { oneof kind { double number_value = 2; string string_value = 3; bool bool_value = 4; } }`,
  { keepCase: true },
).root
const [Event, HParamsPluginData] = [schema.lookupType('Event'), schema.lookupType('HParamsPluginData')]

/** TensorBoard drops what an earlier file of the run says of this step and later ones. */
const sessionStart = 1
const success = 1

/** Writes one event file of a run; every call appends, so that TensorBoard may read while it grows. */
export class EventFile {
  readonly path: string

  /**
   * Begin a file in a directory; files that are there stay.
   * @param firstStep what earlier files say of this step and later ones no longer counts
   */
  constructor(directory: string, firstStep = 0) {
    this.path = newPath(directory)
    try {
      writeFileSync(this.path, '')
    } catch (error) {
      throw inWords(error, `cannot write ${this.path}`)
    }
    this.append({ file_version: 'brain.Event:2' })
    if (firstStep > 0) this.append({ step: firstStep, session_log: { status: sessionStart } })
  }

  /** Scalars of a step, by name in the table of metrics; those that are not finite are left out. */
  scalars(step: number, values: Metrics): void {
    const finite = Object.entries(values).filter(([, value]) => Number.isFinite(value))
    if (finite.length === 0) return
    this.append({ step, summary: { value: finite.map(scalarOf) } })
  }

  /** A PNG of a step. */
  image(step: number, tag: string, png: Uint8Array): void {
    const header = new DataView(png.buffer, png.byteOffset, 24) // the size stands in the first chunk
    const [width, height] = [header.getUint32(16), header.getUint32(20)]
    const rgba = 4
    this.append({
      step,
      summary: { value: [{ tag, image: { height, width, colorspace: rgba, encoded_image_string: png } }] },
    })
  }

  /** The options that the run goes by, for the HParams page. */
  hyperParameters(values: Readonly<Record<string, number | string | boolean>>): void {
    const hparams = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        typeof value === 'boolean' ? { bool_value: value } : { [`${typeof value}_value`]: value },
      ]),
    )
    this.plugin('_hparams_/session_start_info', { session_start_info: { hparams, start_time_secs: Date.now() / 1000 } })
  }

  /** The run has come to its end. */
  end(): void {
    this.plugin('_hparams_/session_end_info', {
      session_end_info: { status: success, end_time_secs: Date.now() / 1000 },
    })
  }

  private plugin(tag: string, data: object): void {
    const content = HParamsPluginData.encode(HParamsPluginData.create(data)).finish()
    this.append({ summary: { value: [{ tag, metadata: { plugin_data: { plugin_name: 'hparams', content } } }] } })
  }

  private append(event: object): void {
    const payload = Event.encode(Event.create({ wall_time: Date.now() / 1000, ...event })).finish()
    try {
      appendFileSync(this.path, framed(payload))
    } catch (error) {
      throw inWords(error, `cannot write ${this.path}`)
    }
  }
}

/** A scalar under its tag, with its title, in the unit that it is shown in. */
const scalarOf = ([name, value]: [string, number]): object => ({
  tag: tagOf(name),
  simple_value: shownValue(name, value),
  metadata: { display_name: titleOf(name) },
})

/** A TFRecord: length, its checksum, the payload, its checksum. */
function framed(payload: Uint8Array): Uint8Array {
  const record = new Uint8Array(payload.length + 16)
  const view = new DataView(record.buffer)
  view.setBigUint64(0, BigInt(payload.length), true)
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true)
  record.set(payload, 12)
  view.setUint32(12 + payload.length, maskedCrc32c(payload), true)
  return record
}

/** TensorBoard reads a run's files in the order of their names. */
function newPath(directory: string): string {
  const seconds = Math.floor(Date.now() / 1000)
  for (let number = 0; ; number++) {
    const name = `events.out.tfevents.${seconds}.saccade.${String(number).padStart(3, '0')}`
    if (!existsSync(join(directory, name))) return join(directory, name)
  }
}

/** What is told to close when the training has ended. */
export type Board = {
  /** Wait for pictures that are being drawn. */
  close(): Promise<void>
}

/**
 * Write what a trainer tells into event files in its run's directory: scalars after every epoch, by tag `train/loss`,
 * `validation/error` ...; the configuration as hyper-parameters; the gaze on the first validation images after every
 * best epoch, unless `pictures` is false; test errors at the end. `tensorboard --logdir` of the directory, or of the one above it, shows them.
 */
export function reportTensorBoard(
  trainer: EventEmitter<TrainerEvents>,
  directory: string,
  { pictures = true }: { readonly pictures?: boolean } = {},
): Board {
  let file: EventFile | undefined
  let gaze: GazePictures | undefined
  trainer.on('start', ({ config, fromEpoch, engine }) => {
    file = new EventFile(directory, fromEpoch === 0 ? 0 : fromEpoch + 1)
    file.hyperParameters(hyperParametersOf(config))
    if (pictures) gaze = new GazePictures(directory, config, engine)
  })
  trainer.on('epoch', ({ epoch, train, validation, learningRate, imagesPerSecond, seconds }) => {
    file?.scalars(epoch, {
      ...named('train', train),
      ...named('validation', validation ?? {}),
      ...{ learningRate, imagesPerSecond, seconds },
    })
  })
  trainer.on('checkpoint', ({ kind }) => {
    if (kind !== 'best') return
    gaze?.draw(
      (epoch, png) => file?.image(epoch, 'gaze', png),
      (why) => trainer.emit('warning', `no more pictures of the gaze for TensorBoard: ${why}`),
    )
  })
  trainer.on('end', (summary) => {
    if (!summary) return
    file?.scalars(summary.epochs, named('testError', { ...summary.testError }))
    file?.end()
  })
  return { close: async () => gaze?.close() }
}

const named = (group: string, values: Metrics): Metrics =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${group}.${name}`, value]))

/** `environment.id`, `training.batchSize`, ...: everything that is a number, a word or a switch. */
function hyperParametersOf(config: RunConfig): Record<string, number | string | boolean> {
  const groups = Object.entries(config).filter(([name]) => name !== 'imports')
  return Object.fromEntries(
    groups.flatMap(([group, options]) =>
      Object.entries(options as object).flatMap(([name, value]): [string, number | string | boolean][] =>
        ['number', 'string', 'boolean'].includes(typeof value) ? [[`${group}.${name}`, value]] : [],
      ),
    ),
  )
}
