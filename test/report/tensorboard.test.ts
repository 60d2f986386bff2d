import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventEmitter } from 'eventemitter3'
import { encode } from 'fast-png'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { crc32c, maskedCrc32c } from '../../src/report/crc32c.ts'
import { EventFile, reportTensorBoard } from '../../src/report/tensorboard.ts'
import type { RunConfig } from '../../src/runs/config.ts'
import type { Summary } from '../../src/runs/records.ts'
import type { TrainerEvents } from '../../src/training/events.ts'

// A reader that shares no line with the writer: bit-by-bit checksum, protocol buffers by their wire format.

const newDirectory = (): string => mkdtempSync(join(tmpdir(), 'saccade-'))

function bitwiseMaskedCrc(bytes: Uint8Array): number {
  let remainder = 0xffffffffn
  for (const byte of bytes)
    for (let bit = 0; bit < 8; bit++) {
      const odd = (remainder ^ (BigInt(byte) >> BigInt(bit))) & 1n
      remainder = (remainder >> 1n) ^ (odd ? 0x82f63b78n : 0n)
    }
  const crc = remainder ^ 0xffffffffn
  return Number((((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn)
}

type Field = { readonly number: number; readonly value: bigint | Uint8Array }

/** The fields of a message: varints as bigint, everything else as bytes. */
function fieldsOf(bytes: Uint8Array): Field[] {
  const fields: Field[] = []
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const key = Number(varint())
    const wire = key & 7
    if (wire === 0) fields.push({ number: key >> 3, value: varint() })
    else {
      const length = wire === 1 ? 8 : wire === 5 ? 4 : Number(varint())
      fields.push({ number: key >> 3, value: bytes.subarray(at, at + length) })
      at += length
    }
  }
  return fields
}

const field = (bytes: Uint8Array, number: number): Uint8Array | undefined =>
  fieldsOf(bytes).find((each) => each.number === number)?.value as Uint8Array | undefined
const word = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)
const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

/** The events of a file, both checksums of every record verified. */
function eventsOf(path: string): Uint8Array[] {
  const file = new Uint8Array(readFileSync(path))
  const events: Uint8Array[] = []
  for (let at = 0; at < file.length; ) {
    const length = Number(view(file).getBigUint64(at, true))
    assert.is(view(file).getUint32(at + 8, true), bitwiseMaskedCrc(file.subarray(at, at + 8)), 'checksum of a length')
    const payload = file.subarray(at + 12, at + 12 + length)
    assert.is(view(file).getUint32(at + 12 + length, true), bitwiseMaskedCrc(payload), 'checksum of a payload')
    events.push(payload)
    at += 16 + length
  }
  return events
}

/** `tag` -> [step, value] of every scalar. */
function scalarsOf(events: readonly Uint8Array[]): Map<string, [number, number][]> {
  const scalars = new Map<string, [number, number][]>()
  for (const event of events) {
    const step = Number(fieldsOf(event).find(({ number }) => number === 2)?.value ?? 0n)
    const summary = field(event, 5)
    for (const { number, value } of summary ? fieldsOf(summary) : []) {
      const simple = number === 1 ? field(value as Uint8Array, 2) : undefined
      if (!simple) continue
      const tag = word(field(value as Uint8Array, 1))
      scalars.set(tag, [...(scalars.get(tag) ?? []), [step, view(simple).getFloat32(0, true)]])
    }
  }
  return scalars
}

/** The one event file of a directory. */
const fileOf = (directory: string): string =>
  join(
    directory,
    readdirSync(directory)
      .filter((name) => name.startsWith('events.out.tfevents.'))
      .sort()
      .at(-1)!,
  )

test('the checksum is CRC-32C: that of the standard check string is E3069283', () => {
  const check = new TextEncoder().encode('123456789')
  assert.is(crc32c(check), 0xe3069283)
  assert.is(maskedCrc32c(check), bitwiseMaskedCrc(check))
})

test('an independent reader finds the version, then every scalar with its step, as single precision', () => {
  const directory = newDirectory()
  const file = new EventFile(directory)
  file.scalars(1, { 'train.loss': 2.5, 'train.accuracy': 0.5 })
  file.scalars(300, { 'train.loss': 0.1, 'train.broken': Number.NaN })
  const events = eventsOf(fileOf(directory))
  assert.is(word(field(events[0]!, 3)), 'brain.Event:2')
  assert.equal(
    [...scalarsOf(events)],
    [
      [
        'train/loss',
        [
          [1, 2.5],
          [300, Math.fround(0.1)],
        ],
      ],
      // in percent, as its title says
      ['train/accuracy', [[1, 50]]],
    ],
  )
})

test('a scalar has its title beside its tag', () => {
  const directory = newDirectory()
  new EventFile(directory).scalars(1, { 'validation.error': 5 })
  const value = field(field(eventsOf(fileOf(directory))[1]!, 5)!, 1)!
  assert.equal([word(field(value, 1)), word(field(field(value, 9)!, 2))], ['validation/error', 'Validation error, %'])
})

test('the time of an event is now, in seconds', () => {
  const directory = newDirectory()
  new EventFile(directory).scalars(1, { loss: 1 })
  const time = view(field(eventsOf(fileOf(directory))[1]!, 1)!).getFloat64(0, true)
  assert.ok(Math.abs(time - Date.now() / 1000) < 60)
})

test('an image says its size and carries its PNG unchanged', () => {
  const directory = newDirectory()
  const png = encode({ data: new Uint8Array(5 * 3 * 4), width: 5, height: 3, channels: 4 })
  new EventFile(directory).image(7, 'gaze', png)
  const value = field(field(eventsOf(fileOf(directory))[1]!, 5)!, 1)!
  const image = field(value, 4)!
  const number = (n: number): number => Number(fieldsOf(image).find((each) => each.number === n)!.value)
  assert.is(word(field(value, 1)), 'gaze')
  assert.equal([number(1), number(2), number(3)], [3, 5, 4], 'height, width, RGBA')
  assert.equal([...field(image, 4)!], [...png])
})

test('a second file of the same second does not overwrite the first', () => {
  const directory = newDirectory()
  const paths = [new EventFile(directory), new EventFile(directory), new EventFile(directory)].map(({ path }) => path)
  assert.is(new Set(paths).size, 3)
  assert.equal([...paths].sort(), paths, 'in the order in which TensorBoard reads them')
})

const config = {
  environment: { id: 'MNIST', glimpses: 6 },
  agent: { core: 'rnn', tanhMean: true },
  algorithm: { name: 'reinforce' },
  training: { batchSize: 128 },
  imports: [],
} as unknown as RunConfig

/** What a trainer says of itself at its start. */
const startOf = (fromEpoch: number): TrainerEvents['start'][0] => ({
  ...{ config, directory: undefined, engine: 'wasm', why: '', workers: 1, parameters: 1 },
  ...{ iterationsPerEpoch: 1, itemsPerEpoch: 1, fromEpoch, games: false, measure: 'error' },
})

function report(directory: string, fromEpoch: number): EventEmitter<TrainerEvents> {
  const trainer = new EventEmitter<TrainerEvents>()
  reportTensorBoard(trainer, directory)
  trainer.emit('start', startOf(fromEpoch))
  return trainer
}

test('what a trainer tells becomes scalars by group, at the epoch', () => {
  const directory = newDirectory()
  const trainer = report(directory, 0)
  const epoch = {
    epochs: 2,
    best: false,
    learningRate: 0.25,
    seconds: 1,
    imagesPerSecond: 512,
    steps: 6000,
    measure: 'error' as const,
  }
  trainer.emit('epoch', { ...epoch, epoch: 1, train: { loss: 2 }, validation: { error: 50 } })
  trainer.emit('epoch', { ...epoch, epoch: 2, train: { loss: 1 } })
  trainer.emit('end', { epochs: 2, testError: { greedy: 10, sampled: 11, averaged: 9 } } as Summary)
  assert.equal(Object.fromEntries(scalarsOf(eventsOf(fileOf(directory)))), {
    'train/loss': [
      [1, 2],
      [2, 1],
    ],
    'validation/error': [[1, 50]],
    'training/learningRate': [
      [1, 0.25],
      [2, 0.25],
    ],
    'training/imagesPerSecond': [
      [1, 512],
      [2, 512],
    ],
    'training/seconds': [
      [1, 1],
      [2, 1],
    ],
    'test/greedy': [[2, 10]],
    'test/sampled': [[2, 11]],
    'test/averaged': [[2, 9]],
  })
})

test('the options are hyper-parameters: numbers, words and switches each as what they are', () => {
  const directory = newDirectory()
  report(directory, 0)
  const value = field(field(eventsOf(fileOf(directory))[1]!, 5)!, 1)!
  assert.is(word(field(value, 1)), '_hparams_/session_start_info')
  const plugin = field(field(value, 9)!, 1)!
  assert.is(word(field(plugin, 1)), 'hparams')
  const start = field(field(plugin, 2)!, 3)!
  const entries = fieldsOf(start).filter(({ number }) => number === 1)
  const options = new Map(
    entries.map(({ value }) => [word(field(value as Uint8Array, 1)), fieldsOf(field(value as Uint8Array, 2)!)[0]!]),
  )
  assert.equal([...options.keys()].sort(), [
    'agent.core',
    'agent.tanhMean',
    'algorithm.name',
    'environment.glimpses',
    'environment.id',
    'training.batchSize',
  ])
  assert.is(view(options.get('training.batchSize')!.value as Uint8Array).getFloat64(0, true), 128)
  assert.is(word(options.get('agent.core')!.value as Uint8Array), 'rnn')
  assert.equal(options.get('agent.tanhMean'), { number: 4, value: 1n })
})

test('a resumed training tells TensorBoard to forget what came after its checkpoint', () => {
  const directory = newDirectory()
  report(directory, 0)
  report(directory, 5)
  const restart = eventsOf(fileOf(directory))[1]!
  assert.equal(fieldsOf(restart).find(({ number }) => number === 2)?.value, 6n, 'from step 6 on')
  assert.equal(fieldsOf(field(restart, 7)!), [{ number: 1, value: 1n }], 'a session starts')
})

test.run()
