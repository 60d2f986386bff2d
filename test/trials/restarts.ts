// Can a supervisor begin again at once? Ends trainings and sweeps by kill -9 at random moments and starts each again in the
// same moment, many times in a row: the new one must go on, not find the dead one's lock, and no trial may fail.
// `node --import tsx test/trials/restarts.ts [restarts of each] [train|sweep|all] [seed]`. Not part of the tests: it takes minutes.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import '../../src/catalogue.ts'
import { Rng } from '../../src/core/rng.ts'
import { holdLock } from '../../src/runs/lock.ts'
import { readSweep } from '../../src/sweep/directory.ts'
import { printed, type Started, start } from '../scripts/processes.ts'

const [count = '20', which = 'all', seed = '0'] = process.argv.slice(2)
const rng = Rng.of(Number(seed), 'restarts')
const scratch = mkdtempSync(join(tmpdir(), 'saccade-restarts-'))

const [run, directory] = [join(scratch, 'run'), join(scratch, 'sweep')]
const sizes = { epochItems: 512, evaluationItems: 20, evaluationRollouts: 1, engine: 'cpu', epochs: 1_000_000 }
const definition = {
  environment: { id: 'probe/prediction' },
  training: sizes,
  sweep: { trials: 2, sampler: 'random', retries: 0 },
  space: { 'algorithm.std': { uniform: [0.1, 0.5] } },
}
writeFileSync(`${directory}.json`, JSON.stringify(definition))
writeFileSync(`${run}.json`, JSON.stringify({ environment: definition.environment, training: sizes }))

const commands = {
  train: () =>
    existsSync(join(run, 'checkpoints', 'last'))
      ? ['train', '--resume', run, '--json']
      : ['train', '--config', `${run}.json`, '--workers', '2', '--out', run, '--json'],
  sweep: () => ['sweep', `${directory}.json`, '--out', directory, '--jobs', '2', '--json'],
}

/** The faults of a sweep so far, in words. */
function failedTrials(): string[] {
  if (!existsSync(join(directory, 'journal.jsonl'))) return []
  return readSweep(directory).trials.all.flatMap(({ trial, end }) =>
    end ? [`trial ${trial} ended: ${end.error ?? end.outcome}`] : [],
  )
}

/** A lock taken by this process in the very moment of the kill, as no process that is yet to start could. */
function takeAtOnce(path: string): string[] {
  if (!existsSync(dirname(path))) return [] // the sweep had not come as far
  try {
    holdLock(path)()
    return []
  } catch (error) {
    return [(error as Error).message]
  }
}

/** @returns whoever runs now, and what went wrong */
async function restart(what: 'train' | 'sweep', running: Started): Promise<{ next: Started; faults: string[] }> {
  await wait(rng.uniform(0, 2000))
  running.child.kill('SIGKILL')
  const lock = join(what === 'train' ? run : join(directory, 'trials', '0000'), 'lock')
  const faults = rng.uniform() < 0.5 ? takeAtOnce(lock) : []
  const next = start(commands[what]())
  await printed(next, /"event":"epoch"/).catch((error) => faults.push(error.message))
  return { next, faults: [...faults, ...(what === 'sweep' ? failedTrials() : [])] }
}

let faulty = 0
for (const what of ['train', 'sweep'] as const) {
  if (which !== 'all' && which !== what) continue
  let running = start(commands[what]())
  await printed(running, /"event":"epoch"/)
  let clean = 0
  for (let i = 0; i < Number(count); i++) {
    const { next, faults } = await restart(what, running)
    running = next
    if (faults.length === 0) clean++
    else console.log(`${what} ${i}: ${faults.join('; ')}`)
  }
  running.child.kill('SIGTERM')
  await running.done
  faulty += Number(count) - clean
  console.log(`${what}: ${clean} of ${count} restarts went on`)
}
rmSync(scratch, { recursive: true, force: true })
process.exitCode = faulty > 0 ? 1 : 0
