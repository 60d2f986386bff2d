// Every built-in world, as `make` makes it: it keeps the laws, is the same twice over and on every platform, and has
// the sizes that its description promises.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode } from 'fast-png'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import '../../../src/catalogue.ts'
import { UserError } from '../../../src/core/errors.ts'
import { Rng } from '../../../src/core/rng.ts'
import { cacheOf } from '../../../src/datasets/cache.ts'
import { checkEnvironment } from '../../../src/env/check-environment.ts'
import type { Environment } from '../../../src/env/environment.ts'
import { environments, make } from '../../../src/env/registry.ts'
import { categoriesOf } from '../../../src/env/spaces.ts'

const scratch = mkdtempSync(join(tmpdir(), 'saccade-worlds-'))
test.after(() => rmSync(scratch, { recursive: true }))

/** Fashion-MNIST in small, so that its worlds can be made where it is not installed: 50 and 20 random images. */
function smallFashion(): string {
  const folder = join(scratch, 'fashion')
  mkdirSync(folder)
  const rng = Rng.of(1)
  for (const [part, count] of [
    ['train', 50],
    ['t10k', 20],
  ] as const) {
    const pixels = Uint8Array.from({ length: count * 784 }, () => rng.integer(256))
    const labels = Uint8Array.from({ length: count }, () => rng.integer(10))
    const header = Buffer.of(0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 28, 0, 0, 0, 28)
    writeFileSync(join(folder, `${part}-images-idx3-ubyte`), Buffer.concat([header, pixels]))
    writeFileSync(
      join(folder, `${part}-labels-idx1-ubyte`),
      Buffer.concat([Buffer.of(0, 0, 8, 1, 0, 0, 0, count), labels]),
    )
  }
  return folder
}

/** A folder of two classes of ten images of 10x12 random colours each. */
function smallImages(): string {
  const folder = join(scratch, 'images')
  const rng = Rng.of(2)
  for (const name of ['stripes', 'dots']) {
    mkdirSync(join(folder, name), { recursive: true })
    for (let i = 0; i < 10; i++) {
      const data = Uint8Array.from({ length: 10 * 12 * 3 }, () => rng.integer(256))
      writeFileSync(join(folder, name, `${i}.png`), encode({ width: 12, height: 10, channels: 3, data }))
    }
  }
  return folder
}

const fashion = smallFashion()
const images = smallImages()

const given = (id: string): Record<string, unknown> => {
  if (id === 'Images') return { data: images, channels: 3 }
  return id.includes('Fashion') ? { data: fashion } : {}
}

/** Everything that is done and said at a step. */
const spacesOf = ({ actionSpace, predictionSpace }: Environment) => ({
  ...actionSpace,
  ...(predictionSpace && { prediction: predictionSpace }),
})

/** An episode of random actions, and what came of it. */
function play(world: Environment, seed: number): unknown[] {
  const rng = Rng.of(9)
  const frames: unknown[] = [world.reset({ seed })]
  for (let time = 0; time < world.horizon; time++)
    frames.push(
      world.step({
        ...Object.fromEntries(
          Object.entries(spacesOf(world)).map(([name, space]) => [name, space!.sample(rng, world.batchSize)]),
        ),
        ...(world.readsProbabilities && { probabilities: evenProbabilities(world) }),
      }),
    )
  return frames
}

/** Every category as likely as any other. */
const evenProbabilities = ({ predictionSpace, batchSize }: Environment): Float32Array => {
  const each = categoriesOf(predictionSpace!).flatMap((n) => new Array<number>(n).fill(1 / n))
  return Float32Array.from({ length: batchSize * each.length }, (_, i) => each[i % each.length]!)
}

const cifarIsFetched = existsSync(join(cacheOf('cifar10'), 'test_batch.bin'))
if (!cifarIsFetched) console.log('SKIP the worlds of CIFAR-10: its files are not in the cache')

for (const id of environments.names().filter((name) => cifarIsFetched || !name.startsWith('CIFAR10'))) {
  test(`${id} keeps the laws`, () => {
    for (const split of ['train', 'validation', 'test'] as const)
      checkEnvironment(make(id, { ...given(id), split, batchSize: 3 }))
  })

  test(`${id} is the same twice over, and another with another seed`, () => {
    const [one, twin] = [make(id, { ...given(id), batchSize: 16 }), make(id, { ...given(id), batchSize: 16 })]
    assert.equal(play(one, 5), play(twin, 5))
    assert.not.equal(play(one, 5), play(twin, 6))
  })
}

test('the worlds have the sizes of the paper', () => {
  const sizes = (id: string, options = {}) => {
    const { horizon, observationSpace, actionSpace, predictionSpace } = make(id, { ...given(id), ...options })
    return [horizon, ...observationSpace.glimpse.shape, ...categoriesOf(predictionSpace ?? actionSpace.move!)]
  }
  assert.equal(sizes('MNIST'), [6, 1, 8, 8, 1, 10])
  assert.equal(sizes('TranslatedMNIST'), [8, 3, 12, 12, 1, 10])
  assert.equal(sizes('ClutteredMNIST'), [8, 3, 12, 12, 1, 10])
  assert.equal(sizes('ClutteredMNIST', { canvasSide: 100, clutter: 8, scales: 4 }), [8, 4, 12, 12, 1, 10])
  assert.equal(sizes('FashionMNIST'), [6, 1, 8, 8, 1, 10])
  assert.equal(sizes('Images'), [6, 3, 8, 8, 3, 2])
  assert.equal(sizes('Catch'), [23, 3, 6, 6, 1, 3])
})

test('the parts of MNIST have 54,000, 6,000 and 10,000 items', () => {
  const counts = (['train', 'validation', 'test'] as const).map((split) => make('MNIST', { split }).itemCount)
  assert.equal(counts, [54_000, 6_000, 10_000])
})

/** SHA-256 of the pictures (of the glimpses, where a world has no picture) and first looks of the first ten items. */
function fingerprint(id: string, options: Record<string, unknown>): string {
  const world = make(id, options)
  const items = Array.from({ length: 10 }, (_, item) => item)
  const { glimpse, location } = world.reset({ seed: 42, items }).observation
  const hash = createHash('sha256').update(new Uint8Array(location.buffer))
  if (world.render) for (const b of items) hash.update(world.render(b).pixels)
  else hash.update(new Uint8Array(glimpse.buffer))
  return hash.digest('hex').slice(0, 16)
}

// Taken once; a change here means that every published number has to be measured again.
const golden: readonly [string, Record<string, unknown>, string][] = [
  ['MNIST', { split: 'train' }, '36067ccb485101c0'],
  ['MNIST', { split: 'test' }, '3265f825b2159a0c'],
  ['TranslatedMNIST', { split: 'train' }, '8b4e29212ffb328e'],
  ['TranslatedMNIST', { split: 'validation' }, '4f82fb34fd3c36ea'],
  ['ClutteredMNIST', { split: 'train' }, 'c19e348f1d7a0d99'],
  ['ClutteredMNIST', { split: 'test' }, '50af6dc35813f7a0'],
  ['ClutteredMNIST', { split: 'test', canvasSide: 100, clutter: 8, scales: 4 }, 'fde0971317cd645e'],
  ['ClutteredFashionMNIST', { split: 'train', data: fashion }, '246f930db364c8ef'],
  ['Images', { split: 'train', data: images, channels: 3 }, '5be6c46dcddcac83'],
  ['CircleSquare', {}, 'f8463569cfeaaa80'],
  ['MNISTPairs', { split: 'test' }, 'db93de27544fa180'],
  ['MNISTSequence', { split: 'train' }, 'fb8edea550484f28'],
  ['Hunt', { split: 'test' }, '028546c25c5f6b2c'],
  ['Catch', {}, 'ad190b7023e025b3'],
  ['probe/prediction', {}, '4d0da6aa0c4a977d'],
]

for (const [id, options, expected] of golden)
  test(`${id} ${Object.entries(options)
    .filter(([name]) => name !== 'data')
    .flat()
    .join(' ')} is the same on every platform`, () => assert.is(fingerprint(id, options), expected))

test('Images without a directory says what to do', () => {
  assert.throws(
    () => make('Images'),
    (error: Error) => error instanceof UserError && /set the option data/.test(error.message),
  )
})

test('a misspelt world or option is told the right one', () => {
  assert.throws(() => make('MNITS'), /unknown environment "MNITS"; did you mean "MNIST"\?/)
  assert.throws(
    () => make('MNIST', { glimpseSid: 9 }),
    /environment MNIST: unknown option "glimpseSid"; did you mean "glimpseSide"\?/,
  )
  assert.throws(
    () => make('TranslatedMNIST', { canvasSide: 20 }),
    /canvasSide: 20 given; images of MNIST are 28x28, so at least 28 is needed/,
  )
})

const installed = existsSync('/usr/share/datasets/fashion-mnist')

if (!installed) console.log('SKIP the real Fashion-MNIST: dataset-fashion-mnist is not installed')
else
  test('the installed Fashion-MNIST passes its checksums', () => {
    const world = make('FashionMNIST', { split: 'test', batchSize: 5 })
    assert.is(world.itemCount, 10_000)
    // the first test images: ankle boot, pullover, trouser, trouser, shirt
    assert.equal([...world.reset({ items: [0, 1, 2, 3, 4] }).info.target!], [9, 2, 1, 1, 6])
  })

test.run()
