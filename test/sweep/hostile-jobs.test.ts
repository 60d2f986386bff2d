// Jobs that somebody else has put on the queue: none runs, and nothing is written, in the worker's directory or outside.

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { configOf } from '../../src/sweep/definition.ts'
import { checkJobConfig, codeVersion, parseJob, parseOutcome, parseResults } from '../../src/sweep/job.ts'
import { QueueExecutor } from '../../src/sweep/queue.ts'
import { SweepWorker } from '../../src/sweep/queue-worker.ts'
import { connect, loadLibraries, queueName, runKey } from '../../src/sweep/redis.ts'
import type { RunSegment, Segment } from '../../src/sweep/segment.ts'
import { packRun, positionOf, unpackRun } from '../../src/sweep/snapshot.ts'
import { startRedis, withRedis } from './redis-server.ts'
import { define, fakeTraining, refused, temporary } from './support.ts'

const outside = temporary()
const canary = join(outside, 'canary.txt')
const evilModule = join(outside, 'evil.mjs')
writeFileSync(evilModule, `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(canary)}, 'ran')`)
const evilUrl = `data:text/javascript,import{writeFileSync}from'node:fs';writeFileSync(${JSON.stringify(canary)},'ran')`

const definition = define()
const config = configOf(definition, { 'algorithm.std': 0.1, 'training.learningRate': 0.01 }, 0)
const segment = { trial: 1, seed: 0, name: '0001', config, toEpoch: 1 }
const job = { version: codeVersion, sweep: 'a-sweep', segment }
const withSegment = (change: object) => ({ ...job, segment: { ...segment, ...change } })
const withConfig = (change: object) => withSegment({ config: { ...config, ...change } })

/** Twenty jobs, and why each is refused. */
const hostile: readonly (readonly [data: unknown, why: RegExp])[] = [
  [{}, /it is of version none, this worker of "\d/],
  [{ ...job, version: '99.0.0' }, /it is of version "99\.0\.0", this worker of "\d.*; run the same on both sides/],
  [{ ...job, version: { toString: null } }, /it is of version {"toString":null}/],
  [null, /it is of version none/],
  [{ ...job, extra: 1 }, /Unrecognized key: "extra"/],
  [{ ...job, sweep: '../../victim' }, /sweep: /],
  [{ ...job, sweep: '' }, /sweep: /],
  [{ ...job, segment: null }, /segment: /],
  [withSegment({ name: '../../../victim' }), /segment\.name: /],
  [withSegment({ name: '.' }), /segment\.name: /],
  [withSegment({ name: '0001\u0000' }), /segment\.name: /],
  [withSegment({ name: 5 }), /segment\.name: /],
  [withSegment({ toEpoch: -1 }), /segment\.toEpoch: /],
  [withSegment({ toEpoch: 1000 }), /toEpoch: 1000 given; it has 9 epochs/],
  [withSegment({ config: null }), /segment\.config: /],
  [withConfig({ imports: [evilUrl] }), /it names modules that this worker was not started with; add --import data:/],
  [
    withConfig({ imports: [evilModule] }),
    /it names modules that this worker was not started with; add --import \/.*evil\.mjs/,
  ],
  [
    withConfig({ environment: { id: 'Images', data: '/etc' } }),
    /it reads \/etc, which this worker was not started with/,
  ],
  [
    withConfig({ training: { ...config.training, workers: 256 } }),
    /training\.workers: 256 given; this machine takes at most/,
  ],
  [withConfig({ environment: { id: 'nope' } }), /unknown environment "nope"/],
  [withSegment({ config: { ...config, padding: 'x'.repeat(2 ** 21) } }), /it is larger than any/],
]

const allowed = { imports: ['/my/world.ts'], data: ['/my/images'] }

test('what a sweep orders is accepted, with the modules and the data that the worker was started for', () => {
  const mine = withConfig({ imports: ['/my/world.ts'] })
  assert.equal(parseJob(mine, allowed), mine)
  checkJobConfig(parseJob(job, allowed))
  const images = withConfig({ environment: { id: 'Images', data: '/my/images/digits' } })
  assert.equal(parseJob(images, allowed), images)
  const up = withConfig({ environment: { id: 'Images', data: '/my/images/../../etc' } })
  refused(() => parseJob(up, allowed), /it reads \/my\/images\/\.\.\/\.\.\/etc/)
})

test('twenty hostile jobs are refused, each in a line that says why', () => {
  assert.ok(hostile.length >= 20)
  for (const [data, why] of hostile)
    refused(() => checkJobConfig(parseJob(data, allowed)), new RegExp(`^this worker refuses the job: .*${why.source}`))
})

test('what a worker says is read with care too', () => {
  const reached = { status: 'reached', epoch: 2, finished: false, results: [{ epoch: 1, validation: { error: 3 } }] }
  assert.equal(parseOutcome(reached), reached)
  for (const wrong of [null, {}, { status: 'reached' }, { ...reached, epoch: 'x' }, { ...reached, results: [null] }])
    refused(() => parseOutcome(wrong), /a worker answered what no worker of this version does/)
  assert.equal(parseResults({ results: reached.results, worker: 'w' }), reached.results)
  for (const wrong of [null, 0, {}, { results: [{ epoch: 0, validation: {} }] }]) assert.equal(parseResults(wrong), [])
})

/** A run as bytes, with this table of contents. */
function packed(contents: unknown, data = ''): Buffer {
  const table = Buffer.from(typeof contents === 'string' ? contents : JSON.stringify(contents))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(table.length)
  return Buffer.concat([length, table, Buffer.from(data)])
}

/** Ten of them that no worker sends. */
const hostileRuns: readonly (readonly [bytes: Buffer, why: RegExp])[] = [
  [Buffer.from('x'), /1 bytes/],
  [Buffer.from([255, 255, 255, 255, 1]), /its table of contents is cut off/],
  [packed('{'), /its table of contents is not JSON/],
  [packed(null), /its table of contents is none/],
  [packed([null]), /it has the file undefined/],
  [packed([{ path: '../../x', size: 1 }], 'x'), /it has the file "\.\.\/\.\.\/x"/],
  [packed([{ path: join(outside, 'x'), size: 1 }], 'x'), /it has the file "\//],
  [packed([{ path: 'checkpoints/last/../../../x', size: 1 }], 'x'), /it has the file "checkpoints/],
  [packed([{ path: 'config.json', size: 1e15 }], 'x'), /config\.json is cut off/],
  [packed([{ path: 'config.json', size: 1 }], 'xxx'), /2 bytes too many/],
  [packed(Array.from({ length: 9 }, () => ({ path: 'config.json', size: 0 }))), /its table of contents is none/],
]

test('ten hostile run directories are refused before anything is written', () => {
  assert.ok(hostileRuns.length >= 10)
  const directory = join(temporary(), 'run')
  for (const [bytes, why] of hostileRuns) {
    refused(() => unpackRun(bytes, directory), new RegExp(`^what Redis holds is not a run: .*${why.source}`))
    assert.not(existsSync(directory))
    assert.not(existsSync(`${directory}.arriving`))
  }
  assert.equal(readdirSync(outside), ['evil.mjs'])
})

test('a checkpoint that names files outside is not followed, and one that is damaged counts as none', () => {
  const directory = temporary()
  const last = join(directory, 'checkpoints', 'last')
  mkdirSync(last, { recursive: true })
  writeFileSync(join(directory, 'config.json'), '{}')
  for (const state of [
    '{"tensorFile":"../../../../etc/passwd","epoch":1,"iteration":0}',
    'null',
    '[]',
    '{',
    '{"epoch":"x"}',
  ]) {
    writeFileSync(join(last, 'state.json'), state)
    const bytes = packRun(directory)!
    assert.not.match(bytes.toString('latin1'), /root:/)
    assert.ok(positionOf(directory) <= 1)
  }
})

withRedis('a worker refuses them all, runs none, writes nothing, and trains what is in order beside them', async () => {
  const redis = await startRedis()
  const libraries = await loadLibraries()
  const connection = await connect(libraries, redis.address(), () => {})
  const queue = new libraries.bullmq.Queue(queueName, { connection })
  const directory = temporary()
  const ran: Segment[] = []
  const spy: RunSegment = (taken, ...rest) => {
    ran.push(taken)
    return fakeTraining()(taken, ...rest)
  }
  const worker = new SweepWorker({ address: redis.address(), directory, jobs: 2, runSegment: spy })
  try {
    for (const [index, [bytes]] of hostileRuns.entries())
      await connection.set(runKey('a-sweep', `${index + 100}`), bytes)
    for (const [data] of hostile) await queue.add('segment', data, { attempts: 1 })
    for (const index of hostileRuns.keys())
      await queue.add('segment', withSegment({ name: `${index + 100}` }), { attempts: 1 })
    const good = await queue.add('segment', job, { attempts: 1 })
    await worker.start()
    for (;;) {
      const { waiting, active, delayed } = await queue.getJobCounts()
      if (!waiting && !active && !delayed) break
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    assert.is(await good.getState(), 'completed')
    assert.equal(
      ran.map(({ name }) => name),
      ['0001'],
    )
    const failed = await queue.getFailed()
    assert.is(failed.length, hostile.length + hostileRuns.length)
    for (const { failedReason } of failed)
      assert.match(failedReason!, /^(this worker refuses the job|what Redis holds is not a run): /)
    assert.equal(readdirSync(directory), ['a-sweep'])
    assert.equal(readdirSync(join(directory, 'a-sweep')), ['0001'])
    assert.equal(readdirSync(outside), ['evil.mjs'])
  } finally {
    await worker.close()
    await queue.close()
    connection.disconnect()
    await redis.down()
  }
})

withRedis('a sweep whose workers are of another version ends in one line, and loses no trial', async () => {
  const redis = await startRedis()
  const worker = new SweepWorker({
    address: redis.address(),
    directory: temporary(),
    jobs: 1,
    runSegment: fakeTraining(),
  })
  await worker.start()
  const executor = new QueueExecutor({
    ...{ address: redis.address(), sweep: 'b-sweep', directory: temporary(), retries: 3 },
    ...{ warn: () => {}, every: 20 },
  })
  await executor.start(() => {})
  const imports = { ...segment, config: { ...config, imports: ['/not/here.ts'] } } as Segment
  const outcome = await executor.run(imports, () => {})
  assert.is(outcome.status, 'halted')
  assert.match(outcome.status === 'halted' ? outcome.error : '', /add --import \/not\/here\.ts/)
  await executor.stop()
  await worker.close()
  await redis.down()
})

test.run()
