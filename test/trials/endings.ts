// Is anything ever lost? Ends trainings and sweeps at random moments, by kill -9, SIGTERM, SIGHUP, Ctrl-C under `tee` and by
// closing their terminal, and looks at what is left: a checkpoint that loads and is no older than the last epoch that was told, a lock that is free, no process;
// and that the same run goes on. `node --import tsx test/trials/endings.ts [trials of each] [train|sweep|all] [seed]
// [signal]`. Not part of
// the tests: it takes minutes.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import '../../src/catalogue.ts'
import { Rng } from '../../src/core/rng.ts'
import { hasCheckpoint, loadCheckpoint } from '../../src/runs/checkpoint.ts'
import { isHeld } from '../../src/runs/lock.ts'
import { RunDirectory } from '../../src/runs/run-directory.ts'
import { readSweep } from '../../src/sweep/directory.ts'
import { printed, type Started, start, toGroup } from '../scripts/processes.ts'

const [count = '100', which = 'all', seed = '0', only] = process.argv.slice(2)
const rng = Rng.of(Number(seed), 'endings')
const scratch = mkdtempSync(join(tmpdir(), 'saccade-endings-'))
const ways = ['SIGKILL', 'SIGTERM', 'SIGHUP', 'SIGINT', 'terminal'] as const
type Way = (typeof ways)[number]

const world = ['--environment', 'probe/prediction', '--engine', 'cpu', '--workers', '1', '--epochs', '1000000']
const small = [
  ...['--epoch-items', '64', '--evaluation-items', '20', '--evaluation-rollouts', '1', '--no-tensorboard'],
  ...['--hidden-units', '8', '--what-units', '8', '--where-units', '8', '--feature-units', '8'],
]
const sweep = {
  environment: { id: 'probe/prediction' },
  agent: { whatUnits: 8, whereUnits: 8, featureUnits: 8, hiddenUnits: 8 },
  training: { epochs: 100_000, epochItems: 64, engine: 'cpu', evaluationRollouts: 1, evaluationItems: 20 },
  sweep: { trials: 2, sampler: 'random', retries: 0 },
  space: { 'algorithm.std': { uniform: [0.1, 0.5] } },
}

/** Every process whose command line names a path. */
const processesNaming = (path: string): number =>
  execFileSync('ps', ['-eo', 'stat,args'], { encoding: 'utf8', maxBuffer: 2 ** 26 })
    .split('\n')
    .filter((line) => line.includes(path) && !line.startsWith('Z')).length

/** End a command as a person or the system would: every third time at any moment of its beginning, else some time after an epoch. */
async function endSomewhen(started: Started, way: Way): Promise<void> {
  if (rng.uniform() > 1 / 3) await printed(started, /"event":"epoch"/).catch(() => {})
  await Promise.race([wait(rng.uniform(0, 3000)), started.done])
  if (started.child.exitCode === null) {
    // kill -9 hits the process alone, Ctrl-C all of the terminal's
    if (way === 'SIGINT') toGroup(started, way)
    else started.child.kill(way === 'terminal' ? 'SIGKILL' : way)
  }
  await started.done
}

/** The command line that ends in a way of its own: Ctrl-C reaches `tee` too, and `script` is a terminal that can be killed. */
const shellOf = (way: Way, log: string): string =>
  way === 'SIGINT' ? `{} 2>&1 | tee -a ${log}` : way === 'terminal' ? 'exec script -qec "{}" /dev/null' : 'exec {}'

const named = (way: Way): string => ({ SIGINT: 'Ctrl-C under tee', terminal: 'terminal closed' })[way as string] ?? way

/** Until nothing names the path any more, or half a minute is over. */
async function settled(path: string): Promise<number> {
  for (let i = 0; i < 300 && processesNaming(path) > 0; i++) await wait(100)
  return processesNaming(path)
}

/** Whether a lock is free within half a minute: a trial's process, whose command line does not name it, ends with its parent. */
async function isFreed(path: string): Promise<boolean> {
  for (let i = 0; i < 300 && isHeld(path); i++) await wait(100)
  return !isHeld(path)
}

/** The faults of a run that was ended, in words. */
async function faultsOf(run: string, told: number): Promise<string[]> {
  if (!existsSync(join(run, 'config.json'))) return told > 0 ? ['the run is gone'] : []
  const faults: string[] = []
  if (!(await isFreed(join(run, 'lock')))) faults.push('the lock is held')
  const epochs = RunDirectory.open(run).epochs()
  const saved = hasCheckpoint(run, 'last') ? loadCheckpoint(run, 'last').epoch : 0
  if (saved < told) faults.push(`epoch ${told} was told, ${saved} is saved`)
  if (epochs.some(({ epoch }, i) => epoch !== i + 1)) faults.push('an epoch is missing or doubled')
  if (epochs.length < saved) faults.push(`${epochs.length} epochs for a checkpoint of ${saved}`)
  return faults
}

/** How many of the endings hit a training that had saved an epoch. */
let midway = 0

async function trainOnce(way: Way, run: string): Promise<string[]> {
  const begun = existsSync(join(run, 'config.json'))
  const args = begun ? ['--resume', run, '--no-tensorboard'] : [...world, ...small, '--out', run]
  const started = start(['train', ...args, '--json'], shellOf(way, `${run}.log`))
  await endSomewhen(started, way)
  const left = await settled(run)
  const told = Math.max(
    0,
    ...[...started.out.matchAll(/"event":"epoch","epoch":(\d+)/g)].map(([, epoch]) => Number(epoch)),
  )
  if (hasCheckpoint(run, 'last')) midway++
  return [...(left > 0 ? [`${left} processes are left`] : []), ...(await faultsOf(run, told))]
}

async function sweepOnce(way: Way, directory: string): Promise<string[]> {
  const file = `${directory}.json`
  writeFileSync(file, JSON.stringify(sweep))
  const command = ['sweep', file, '--out', directory, '--jobs', '2', '--json']
  const started = start(command, shellOf(way, `${directory}.log`))
  await endSomewhen(started, way)
  const left = await settled(directory)
  const faults = left > 0 ? [`${left} processes are left`] : []
  if (!existsSync(join(directory, 'journal.jsonl'))) return faults
  if (!(await isFreed(join(directory, 'lock')))) faults.push('the lock is held')
  const { trials, runs } = readSweep(directory)
  if (trials.all.some((trial) => trial.runs.some(({ validation }) => validation.size > 0))) midway++
  for (const { trial, end, runs: parts } of trials.all) {
    if (end) faults.push(`trial ${trial} ended: ${end.outcome} ${end.error ?? ''}`)
    const told = Math.max(0, ...parts.flatMap(({ validation }) => [...validation.keys()]))
    const found = await faultsOf(join(runs, String(trial).padStart(4, '0')), told)
    faults.push(...found.map((fault) => `trial ${trial}: ${fault}`))
  }
  return faults
}

let faulty = 0
for (const [what, once] of Object.entries({ train: trainOnce, sweep: sweepOnce })) {
  if (which !== 'all' && which !== what) continue
  for (const way of ways) {
    if (only !== undefined && only !== way) continue
    let clean = 0
    midway = 0
    let path = ''
    for (let i = 0; i < Number(count); i++) {
      // five endings of one run, one after the other, then a fresh one
      if (i % 5 === 0) path = join(scratch, `${what}-${way}-${i}`)
      const faults = await once(way, path)
      if (faults.length === 0) clean++
      else console.log(`${what} ${way} ${i}: ${faults.join('; ')}`)
    }
    faulty += Number(count) - clean
    console.log(`${what}, ${named(way)}: ${clean} of ${count} without loss, ${midway} of them midway`)
  }
}
rmSync(scratch, { recursive: true, force: true })
process.exitCode = faulty > 0 ? 1 : 0
