import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readAddress } from '../../src/sweep/address.ts'
import type { Definition } from '../../src/sweep/definition.ts'
import { openSweep, readSweep } from '../../src/sweep/directory.ts'
import { type Entry, readJournal } from '../../src/sweep/journal.ts'
import { QueueExecutor } from '../../src/sweep/queue.ts'
import { SweepWorker } from '../../src/sweep/queue-worker.ts'
import type { RunSegment } from '../../src/sweep/segment.ts'
import { Sweep } from '../../src/sweep/sweep.ts'
import { environment, password, Redis, said, withRedis } from './redis-server.ts'
import { define, fakeTraining, madeUpError, temporary } from './support.ts'

/** What a test leaves behind where it fails: to be ended, so that the process ends. */
const open: (() => unknown)[] = []
test.after.each(async () => {
  await Promise.allSettled(open.splice(0).map((end) => end()))
})
setTimeout(() => {
  console.error('queue.test.ts: still not done after two minutes')
  process.exit(1)
}, 120_000).unref()

const workerModule = fileURLToPath(new URL('./worker-process.ts', import.meta.url))

async function startWorker(
  redis: Redis,
  directory: string,
  pause: number,
): Promise<ChildProcess & { taken: string[] }> {
  const child = spawn(process.execPath, ['--import', 'tsx', workerModule, redis.url, directory, String(pause)], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  open.push(() => child.kill('SIGKILL'))
  const taken: string[] = []
  child.stdout.on('data', (chunk) =>
    taken.push(
      ...String(chunk)
        .split('\n')
        .filter((line) => line.startsWith('take')),
    ),
  )
  await said(child, /ready/)
  return Object.assign(child, { taken })
}

/** Sweep over a queue. `on` hears every entry. */
async function sweepOver(
  redis: Redis,
  directory: string,
  definition: Definition,
  on: (entry: Entry, sweep: Sweep) => void = () => {},
) {
  const opened = openSweep(directory, definition)
  const warnings: string[] = []
  const executor = new QueueExecutor({
    address: redis.address(),
    sweep: opened.journal.id,
    directory: opened.runs,
    retries: definition.options.retries,
    warn: (message) => warnings.push(message),
    every: 50,
  })
  const sweep = new Sweep(opened.definition, opened.journal, executor, definition.options.trials)
  sweep.on('entry', (entry) => on(entry, sweep))
  try {
    return { whole: await sweep.run(), warnings }
  } finally {
    await executor.stop()
    opened.close()
  }
}

function assertEndedOnce(directory: string, count: number): void {
  const ended = readJournal(join(directory, 'journal.jsonl')).flatMap((entry) =>
    entry.event === 'end' ? [entry.trial] : [],
  )
  assert.equal(
    [...ended].sort((a, b) => a - b),
    Array.from({ length: count }, (_, i) => i + 1),
  )
}

withRedis(
  'three workers without a shared file system, one killed with -9 in mid-trial, Redis restarted: every trial ends exactly once',
  async () => {
    const redis = await Redis.start()
    const directories = [1, 2, 3].map(() => temporary())
    const workers = await Promise.all(directories.map((directory) => startWorker(redis, directory, 30)))
    const directory = temporary()
    let [epochs, restarted] = [0, Promise.resolve()]
    const definition = define({ scheduler: 'asha', factor: 2, trials: 10, sampler: 'quasi-random' })
    const { whole, warnings } = await sweepOver(redis, directory, definition, (entry) => {
      if (entry.event !== 'epoch') return
      epochs++
      // an epoch has just been told, so that whoever has a trial is in the middle of it
      if (epochs === 6) workers[0]!.kill('SIGKILL')
      if (epochs === 16) restarted = redis.down().then(() => redis.up())
    })
    await restarted
    assert.is(whole, true)
    assertEndedOnce(directory, 10)
    assert.is(workers[0]!.signalCode, 'SIGKILL')
    assert.ok(
      warnings.some((warning) => /is away; waiting for it$/.test(warning)),
      String(warnings),
    )
    assert.ok(warnings.every((warning) => !warning.includes(password)))

    // nobody failed, and every value is what its training makes
    const { trials, definition: kept } = readSweep(directory)
    const { configOf } = await import('../../src/sweep/definition.ts')
    for (const { end, point } of trials.all) {
      assert.ok(['complete', 'stopped'].includes(end!.outcome), end!.error)
      assert.is(end!.value, madeUpError(configOf(kept, point, 0), end!.epoch))
    }
    // a trial that rested went on elsewhere from where it was, and came home
    const all = workers.flatMap(({ taken }) => taken)
    assert.ok(
      all.some((line) => / [1-9]\d* \d+$/.test(line)),
      String(all),
    )
    assert.is(readdirSync(join(directory, 'trials')).filter((name) => /^\d+$/.test(name)).length, 10)
    assert.ok(directories.some((each) => readdirSync(each).length > 0))

    for (const worker of workers.slice(1)) {
      worker.kill('SIGTERM')
      const [code] = await once(worker, 'exit')
      assert.is(code, 0)
    }
    await redis.down()
  },
)

withRedis(
  'a sweep that is stopped leaves its jobs to the workers and collects them later; a trial that fails is tried again, and then given up',
  async () => {
    const redis = await Redis.start()
    let tries = 0
    const flaky: RunSegment = async (segment, ...told) => {
      if (segment.name !== '0002') return fakeTraining(5)(segment, ...told)
      tries++
      return { status: 'failed', error: 'out of memory' }
    }
    const worker = new SweepWorker({ address: redis.address(), directory: temporary(), jobs: 2, runSegment: flaky })
    open.push(() => worker.close())
    await worker.start()
    const directory = temporary()
    const definition = define({ trials: 4, retries: 1 })
    const first = await sweepOver(redis, directory, definition, (entry, sweep) => {
      if (entry.event === 'epoch') void sweep.stop()
    })
    assert.is(first.whole, false)
    const second = await sweepOver(redis, directory, definition)
    assert.is(second.whole, true)
    assertEndedOnce(directory, 4)
    const { trials } = readSweep(directory)
    assert.equal(
      trials.all.map(({ end }) => end!.outcome),
      ['complete', 'failed', 'complete', 'complete'],
    )
    assert.is(trials.all[1]!.end!.error, 'out of memory')
    assert.is(tries, 2)
    await worker.close()
    await redis.down()
  },
)

withRedis('a worker that is told to go hands its trial back, and the next goes on from the checkpoint', async () => {
  const redis = await Redis.start()
  const from: number[] = []
  const start = async (): Promise<SweepWorker> => {
    const worker = new SweepWorker({
      ...{ address: redis.address(), directory: temporary(), jobs: 1 },
      runSegment: fakeTraining(30),
    })
    open.push(() => worker.close())
    worker.on('take', ({ fromEpoch }) => from.push(fromEpoch))
    await worker.start()
    return worker
  }
  const first = await start()
  let second: Promise<SweepWorker> | undefined
  const definition = define({ trials: 1 }, { training: { epochs: 30 } })
  const { whole } = await sweepOver(redis, temporary(), definition, (entry) => {
    if (entry.event === 'epoch' && entry.epoch >= 5) second ??= first.close().then(start)
  })
  assert.is(whole, true)
  assert.is(from.length, 2)
  assert.is(from[0], 0)
  assert.ok(from[1]! >= 5, String(from))
  await (await second!).close()
  await redis.down()
})

withRedis('a wrong password is one line that does not repeat it', async () => {
  const redis = await Redis.start()
  const wrong = readAddress(redis.url, undefined, { SACCADE_REDIS_PASSWORD: 'a-wrong-one' })
  const worker = new SweepWorker({ address: wrong, directory: temporary(), jobs: 1 })
  const error = await worker.start().then(
    () => undefined,
    (reason: Error) => reason,
  )
  assert.is(error?.name, 'UserError')
  assert.match(error!.message, /^Redis at 127\.0\.0\.1:\d+ refuses the login: set SACCADE_REDIS_USERNAME/)
  assert.not.match(`${error!.message}${error!.stack}`, /a-wrong-one/)
  await redis.down()
})

test('a Redis that is not there is one line', async () => {
  const address = readAddress('redis://127.0.0.1:1', undefined, {})
  const executor = new QueueExecutor({ address, sweep: 'x', directory: temporary(), retries: 0, warn: () => {} })
  const error = await executor
    .start(() => {})
    .then(
      () => undefined,
      (reason: Error) => reason,
    )
  assert.is(error?.name, 'UserError')
  assert.match(
    error!.message,
    /^cannot reach Redis at 127\.0\.0\.1:1 \(ECONNREFUSED\); is it running, and is --queue right\?$/,
  )
})

test('a worker that cannot write says so before it takes anything', async () => {
  const worker = new SweepWorker({
    address: readAddress('redis://127.0.0.1:1', undefined, {}),
    directory: '/dev/null/x',
    jobs: 1,
  })
  const error = await worker.start().then(
    () => undefined,
    (reason: Error) => reason,
  )
  assert.match(String(error?.message), /^cannot write \/dev\/null\/x/)
  assert.not(existsSync('/dev/null/x'))
})

test.run()
