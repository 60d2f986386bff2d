// Our CircleSquare beside ap_gym's: the same episodes in both, steps a second in turn, and, given a run, its agent in theirs.
//   node --conditions=saccade-source --import tsx bench/peers/ap_gym/run.ts [RUN]
// Needs a Python with ap_gym: see the README here.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import '../../../src/catalogue.ts'
import { Rng } from '../../../src/core/rng.ts'
import { make } from '../../../src/env/registry.ts'

const here = 'bench/peers/ap_gym'
const candidates = [process.env.SACCADE_PYTHON, join(homedir(), '.cache/saccade/ap_gym/bin/python'), 'python3']
const python = candidates.find((path) => path && spawnSync(path, ['-c', 'import ap_gym']).status === 0)
const [run] = process.argv.slice(2)

/** Every kind of world that follows ap_gym's rules, with how many episodes are compared. */
const worlds: readonly (readonly [id: string, options: object, episodes: number])[] = [
  ['CircleSquare', {}, 1000],
  ['CircleSquare', { reward: 'sparse' }, 1000],
  ['CircleSquare', { invertLabels: true }, 1000],
  ['CircleSquare', { gradient: false, side: 15 }, 1000],
  ['MNIST-moves', {}, 1000],
  ['MNISTLocate', {}, 200],
]

/** Run a program to its end, its output going where ours goes. @throws Error where it fails. */
function call(program: string, args: readonly string[], quiet = false): string {
  const { status, stdout, error } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', quiet ? 'pipe' : 'inherit', 'inherit'],
  })
  if (error || status !== 0) throw new Error(`${program} ${args.join(' ')}: failed`)
  return stdout ?? ''
}

const source = ['--conditions=saccade-source', '--import', 'tsx']

/** Steps a processor second of our environment, random moves, 128 episodes at once. */
function ourSpeed(seconds: number): number {
  const [batch, rng] = [128, Rng.of(0)]
  const world = make('CircleSquare', { batchSize: batch })
  const began = process.cpuUsage()
  const spent = (): number => {
    const { user, system } = process.cpuUsage(began)
    return (user + system) / 1e6
  }
  let steps = 0
  while (spent() < seconds) {
    world.reset({ seed: steps })
    for (let t = 0; t < world.horizon; t++, steps += batch)
      world.step({
        location: world.actionSpace.location!.sample(rng, batch),
        prediction: new Int32Array(batch),
        probabilities: new Float32Array(2 * batch).fill(0.5),
      })
  }
  return Math.round(steps / spent())
}

function compareEpisodes(folder: string): void {
  const files = worlds.map(([id, options, episodes], i) => {
    const file = join(folder, `${i}.safetensors`)
    call(process.execPath, [...source, `${here}/episodes.ts`, file, id, JSON.stringify(options), String(episodes)])
    return file
  })
  call(python!, [`${here}/compare.py`, ...files])
}

function compareSpeed(): void {
  const rates = [0, 1, 2].map(() => [ourSpeed(3), Number(call(python!, [`${here}/speed.py`, '3'], true))] as const)
  const best = (which: 0 | 1): number => Math.max(...rates.map((pair) => pair[which]))
  console.log(
    `environment steps a processor second, 128 episodes at once, best of 3 in turn: saccade ${best(0).toLocaleString('en')}, ap_gym ${best(1).toLocaleString('en')}: ${Math.round(best(0) / best(1))} times as many`,
  )
}

function playThere(folder: string, directory: string): void {
  const file = join(folder, 'policy.onnx')
  call(process.execPath, [...source, 'scripts/saccade.ts', 'export', directory, '--batch', '98', '--out', file])
  console.log(
    `${directory} in ap_gym's own environment: ${call(python!, [`${here}/play.py`, file, '7840'], true).trim()}`,
  )
}

if (!python) {
  console.log(`SKIP: no Python with ap_gym; see ${here}/README.md, and set SACCADE_PYTHON to it`)
} else {
  const folder = mkdtempSync(join(tmpdir(), 'saccade-ap_gym-'))
  try {
    compareEpisodes(folder)
    compareSpeed()
    if (run) playThere(folder, run)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
