import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runInChild } from '../../src/sweep/child.ts'
import { configOf, type Definition, defineSweep } from '../../src/sweep/definition.ts'
import { openSweep, readSweep } from '../../src/sweep/directory.ts'
import { type Entry, Journal, readJournal } from '../../src/sweep/journal.ts'
import { LocalPool } from '../../src/sweep/pool.ts'
import type { RunSegment } from '../../src/sweep/segment.ts'
import { Sweep } from '../../src/sweep/sweep.ts'
import { define, fakeTraining, refused, temporary } from './support.ts'

/** The real training of the smallest world, small enough for a test. */
const tiny = {
  environment: { id: 'probe/prediction' },
  agent: { whatUnits: 8, whereUnits: 8, featureUnits: 8, hiddenUnits: 8, locatorUnits: 8 },
  training: { epochs: 4, epochItems: 128, batchSize: 64, engine: 'cpu', evaluationRollouts: 1, evaluationItems: 64 },
  sweep: { trials: 2, scheduler: 'asha', minEpochs: 2, factor: 2, sampler: 'quasi-random', seed: 1 },
  space: { 'algorithm.std': { logUniform: [0.05, 0.5] }, 'training.learningRate': { logUniform: [0.001, 0.1] } },
}

type How = { readonly jobs?: number; readonly runSegment?: RunSegment; readonly warnings?: string[] }

/** Sweep in a directory, begun or not, with a made-up training. */
async function sweepIn(
  directory: string,
  definition: Definition,
  { jobs = 1, runSegment = fakeTraining(), warnings = [] }: How = {},
) {
  const opened = openSweep(directory, definition)
  const pool = new LocalPool({
    directory: opened.runs,
    jobs,
    retries: definition.options.retries,
    backoff: 1,
    runSegment,
    warn: (message) => warnings.push(message),
  })
  try {
    return await new Sweep(opened.definition, opened.journal, pool, definition.options.trials).run()
  } finally {
    opened.close()
  }
}

const journalOf = (directory: string): string => join(directory, 'journal.jsonl')
const endings = (directory: string) => readJournal(journalOf(directory)).filter((entry) => entry.event === 'end')

/** Whether every trial up to `count` has ended, and once. */
function assertEndedOnce(directory: string, count: number): void {
  const ended = endings(directory).map(({ trial }) => trial)
  assert.equal(
    [...ended].sort((a, b) => a - b),
    Array.from({ length: count }, (_, i) => i + 1),
  )
}

const asha = define({ scheduler: 'asha', factor: 3, trials: 9 })

test('every trial ends once: the best third of the best third is trained to the end', async () => {
  const directory = temporary()
  assert.is(await sweepIn(directory, asha), true)
  assertEndedOnce(directory, 9)
  const { trials } = readSweep(directory)
  const reached = (epoch: number) =>
    trials.all.filter(({ end }) => end!.epoch >= epoch).sort((a, b) => trials.cost(a, epoch) - trials.cost(b, epoch))
  // of 9 trials at least the best 3 came to the second rung, and the best there, and only it, to the end
  assert.ok(
    reached(1)
      .slice(0, 3)
      .every((trial) => reached(3).includes(trial)),
  )
  assert.equal(reached(9), reached(3).slice(0, 1))
  assert.is(reached(9)[0]!.end!.outcome, 'complete')
  assert.equal(
    readdirSync(join(directory, 'trials')),
    Array.from({ length: 9 }, (_, i) => `000${i + 1}`),
  )
})

test('cut off after any line, or in the middle of one, a sweep goes on to the same end', async () => {
  const whole = temporary()
  await sweepIn(whole, asha)
  const text = readFileSync(journalOf(whole), 'utf8')
  const lines = text.split('\n').slice(0, -1)
  // what was trained is there or not: both must do
  for (let kept = 1; kept <= lines.length; kept += 5) {
    const directory = temporary()
    const torn = kept % 2 === 0 ? lines[kept - 1]!.slice(0, 20) : ''
    writeFileSync(journalOf(directory), `${lines.slice(0, kept).join('\n')}\n${torn}`)
    await sweepIn(directory, asha)
    assert.equal(
      readFileSync(journalOf(directory), 'utf8').split('\n').sort(),
      text.split('\n').sort(),
      `cut after line ${kept}`,
    )
    rmSync(directory, { recursive: true })
  }
})

test('several at once, every trial still ends once, and slots are never exceeded', async () => {
  const directory = temporary()
  let [running, most] = [0, 0]
  const counted: RunSegment = async (...told) => {
    most = Math.max(most, ++running)
    const outcome = await fakeTraining(1)(...told)
    running--
    return outcome
  }
  await sweepIn(directory, define({ scheduler: 'asha', trials: 20, sampler: 'tpe', startup: 5 }), {
    jobs: 4,
    runSegment: counted,
  })
  assertEndedOnce(directory, 20)
  assert.is(most, 4)
})

test('several seeds a point are runs of their own, judged together', async () => {
  const directory = temporary()
  await sweepIn(directory, define({ trials: 2, seeds: 3 }, { training: { epochs: 2, seed: 5 } }), { jobs: 2 })
  assert.equal(
    readdirSync(join(directory, 'trials')),
    [1, 2].flatMap((trial) => [5, 6, 7].map((seed) => `000${trial}-seed-${seed}`)),
  )
  const { trials } = readSweep(directory)
  const [first] = trials.all
  // the made-up error has a thousandth of the seed in it: the mean of 5, 6 and 7 is 6
  const [values, mean] = [trials.values(first!), trials.cost(first!)]
  assert.is(values.length, 3)
  assert.ok(Math.abs(mean - values[1]!) < 1e-9)
  assert.is(first!.end!.value, mean)
})

test('a run that dies is taken up again, a bounded number of times; the sweep goes on without its trial', async () => {
  const directory = temporary()
  const [tries, warnings] = [new Map<string, number>(), [] as string[]]
  const flaky: RunSegment = async (segment, ...told) => {
    const before = tries.get(segment.name) ?? 0
    tries.set(segment.name, before + 1)
    // trial 2 dies once, trial 3 whenever it is tried
    if ((segment.name === '0002' && before === 0) || segment.name === '0003')
      return { status: 'failed', error: 'out of memory' }
    return fakeTraining()(segment, ...told)
  }
  assert.is(await sweepIn(directory, define({ trials: 4, retries: 2 }), { runSegment: flaky, warnings }), true)
  assertEndedOnce(directory, 4)
  assert.is(tries.get('0003'), 3)
  assert.equal(
    endings(directory).map((entry) => entry.outcome),
    ['complete', 'complete', 'failed', 'complete'],
  )
  assert.is(endings(directory)[2]!.error, 'out of memory')
  assert.is(warnings.length, 3)
  assert.match(warnings[0]!, /^trial 0002: out of memory; trying again \(1 of 2\)$/)
})

test('a disk that fills up ends the sweep in one line, and with room again it goes on', async () => {
  const directory = temporary()
  const opened = openSweep(directory, asha)
  const path = journalOf(directory)
  let entries = 0
  const pool = new LocalPool({ directory: opened.runs, jobs: 2, retries: 0, runSegment: fakeTraining(1) })
  const sweep = new Sweep(opened.definition, opened.journal, pool)
  let kept = ''
  sweep.on('entry', () => {
    if (++entries !== 12) return
    // from here on, whatever is appended meets a full disk
    kept = readFileSync(path, 'utf8')
    rmSync(path)
    symlinkSync('/dev/full', path)
  })
  try {
    await sweep.run()
    assert.unreachable('the sweep noticed nothing')
  } catch (error) {
    assert.is((error as Error).name, 'UserError')
    assert.match((error as Error).message, /^cannot write .*journal\.jsonl: the disk is full \(ENOSPC\)$/)
  }
  opened.close()
  rmSync(path)
  writeFileSync(path, kept)
  await sweepIn(directory, asha)
  assertEndedOnce(directory, 9)
})

test('a disk that fills up under the trials ends the sweep in one line and fails none of them', async () => {
  const directory = temporary()
  const full: RunSegment = async (segment, ...told) =>
    segment.name === '0002'
      ? { status: 'halted', error: 'cannot write x: the disk is full (ENOSPC)' }
      : fakeTraining(1)(segment, ...told)
  const definition = define({ trials: 4, retries: 2 })
  try {
    await sweepIn(directory, definition, { jobs: 2, runSegment: full })
    assert.unreachable('the sweep noticed nothing')
  } catch (error) {
    assert.is((error as Error).name, 'UserError')
    assert.is((error as Error).message, 'trial 2: cannot write x: the disk is full (ENOSPC); the same command goes on')
  }
  assert.equal(
    endings(directory).filter(({ outcome }) => outcome === 'failed'),
    [],
  )
  assert.is(await sweepIn(directory, definition), true)
  assertEndedOnce(directory, 4)
  assert.ok(endings(directory).every(({ outcome }) => outcome === 'complete'))
})

test("a child process tells a full disk from a fault of its run's", async () => {
  const directory = join(temporary(), '0001')
  const last = join(directory, 'checkpoints', 'last')
  mkdirSync(last, { recursive: true })
  symlinkSync('/dev/full', join(last, 'state.json.tmp'))
  const config = configOf(defineSweep(tiny), { 'algorithm.std': 0.1, 'training.learningRate': 0.01 }, 0)
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config))
  const segment = { trial: 1, seed: 0, name: '0001', config, toEpoch: 2 }
  const outcome = await runInChild(segment, directory, () => {}, new AbortController().signal)
  assert.is(outcome.status, 'halted')
  assert.match(outcome.status === 'halted' ? outcome.error : '', /state\.json: the disk is full \(ENOSPC\)$/)
})

test('more trials may be asked for later; any other change makes another sweep, which is refused', async () => {
  const directory = temporary()
  await sweepIn(directory, define({ trials: 2 }))
  await sweepIn(directory, define({ trials: 4 }))
  assertEndedOnce(directory, 4)
  assert.is(readSweep(directory).count, 4)
  refused(
    () => openSweep(directory, define({ trials: 4, sampler: 'tpe' })),
    /holds another sweep: the group sweep differs .* --out$/,
  )
  refused(() => openSweep(directory, define({}, { training: { epochs: 8 } })), /the trials' configuration differs/)
  refused(
    () => openSweep(directory, define({}, { space: { 'algorithm.std': { uniform: [0.1, 1] } } })),
    /the space differs/,
  )
})

test('two processes do not sweep in one directory', () => {
  const directory = temporary()
  const opened = openSweep(directory, asha)
  refused(() => openSweep(directory, asha), /stop it first, or choose another directory/)
  opened.close()
  openSweep(directory, asha).close()
})

test('a trial that ends twice, or was never proposed, is a contradiction that is not passed over', () => {
  const directory = temporary()
  const journal = Journal.create(journalOf(directory), 'id', asha)
  const end: Entry = { event: 'end', trial: 1, outcome: 'stopped', epoch: 1 }
  journal.append({ event: 'propose', trial: 1, point: {} })
  journal.append(end)
  journal.append(end)
  refused(() => readSweep(directory), /journal\.jsonl: line 4: trial 1 ended, and then: end$/)
})

test('a journal that is none is refused; one that was never begun is begun', () => {
  const directory = temporary()
  const path = journalOf(directory)
  refused(() => readSweep(directory), /holds no sweep: there is no journal\.jsonl/)
  writeFileSync(path, '{"event":"swe')
  openSweep(directory, asha).close()
  assert.is(readJournal(path).length, 1)
  appendFileSync(path, 'garbage\n{"event":"trials","trials":3}\n')
  refused(() => readSweep(directory), /journal\.jsonl: line 2 is not JSON: "garbage"/)
  const [first] = readFileSync(path, 'utf8').split('\n')
  for (const [line, message] of [
    ['null', /journal\.jsonl: line 2 is no entry \(it: .*\): "null"; remove it or sweep anew/],
    ['"../../x"', /line 2 is no entry/],
    ['{"event":"__proto__","trial":6}', /line 2 is no entry \(event: /],
    ['{"event":"advance","trial":9007199254740993}', /line 2 is no entry \(trial: /],
    ['{"event":"end","trial":[[]],"outcome":"complete","epoch":2}', /line 2 is no entry \(trial: /],
    ['{"event":"advance","trial":1,"epoch":2}', /line 2: trial 1 was never proposed$/],
  ] as const) {
    writeFileSync(path, `${first}\n${line}\n{"event":"trials","trials":3}\n`)
    refused(() => readSweep(directory), message)
  }
  writeFileSync(path, '{"event":"trials","trials":3}\n')
  refused(() => readSweep(directory), /not the journal of a sweep/)
  writeFileSync(path, '{"event":"sweep","format":7,"definition":{"options":{}}}\n')
  refused(() => readSweep(directory), /format 7; this version reads format 1/)
})

const command = fileURLToPath(new URL('../../scripts/saccade.ts', import.meta.url))

test('a real sweep that is killed in the middle goes on with the same command; a paused run is the one that was never paused', async () => {
  const directory = join(temporary(), 'sweep')
  const file = `${directory}.json`
  writeFileSync(file, JSON.stringify(tiny))
  const start = () =>
    spawn(process.execPath, ['--import', 'tsx', command, 'sweep', file, '--out', directory, '--jobs', '2'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const first = start()
  await new Promise<void>((resolve) => {
    first.stdout.on('data', (chunk) => {
      if (/trial 1/.test(String(chunk))) resolve()
    })
    first.on('exit', () => resolve())
  })
  assert.is(first.exitCode, null, 'it was killed in the middle')
  first.kill('SIGKILL')
  await once(first, 'exit')
  const second = start()
  let printed = ''
  for (const stream of [second.stdout, second.stderr]) stream.on('data', (chunk) => (printed += chunk))
  const [code] = await once(second, 'exit')
  assert.is(code, 0, printed.slice(0, 2000))
  assertEndedOnce(directory, 2)
  const { trials, definition } = readSweep(directory)
  const complete = trials.all.find(({ end }) => end!.outcome === 'complete')!
  const path = join(directory, 'trials', `000${complete.trial}`)
  assert.ok(existsSync(join(path, 'summary.json')))

  const { Trainer } = await import('../../src/training/trainer.ts')
  const { configOf } = await import('../../src/sweep/definition.ts')
  const trainer = await Trainer.create(configOf(definition, complete.point, 0))
  const losses: number[] = []
  trainer.on('epoch', ({ train }) => losses.push(train.loss!))
  await trainer.train()
  await trainer.dispose()
  const lines = readFileSync(join(path, 'metrics.jsonl'), 'utf8').trim().split('\n')
  assert.equal(
    lines.map((line) => JSON.parse(line).train.loss),
    losses,
  )
})

test.run()
