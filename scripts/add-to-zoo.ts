// A finished run into the zoo: tested anew on the whole test split as it will be stored, and told of.

import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UserError } from '../src/core/errors.ts'
import { encodeAgentFile } from '../src/inference/agent-file.ts'
import { type EvaluationResult, evaluateTrained } from '../src/inference/evaluate-trained.ts'
import { agentFileName } from '../src/inference/find-agent.ts'
import { openTrained, readAgent } from '../src/inference/load.ts'
import { openRun } from '../src/inference/open-run.ts'
import { formatMetric } from '../src/report/metrics.ts'
import { reelOfItems } from '../src/report/pictures.ts'
import { drawStrip } from '../src/report/strip.ts'
import type { RunConfig } from '../src/runs/config.ts'
import { writeWhole } from '../src/runs/files.ts'
import type { Errors } from '../src/runs/records.ts'
import { RunDirectory } from '../src/runs/run-directory.ts'
import { commitOf } from './results.ts'
import { readZooAgent, sampleOf, type ZooAgent, type ZooEntry } from './zoo.ts'
import { writeCards } from './zoo-cards.ts'

/** How to add one. */
export type AddOptions = {
  /** Store in float16 where that changes no error by more than this, in the unit of the world's measure. */
  readonly float16?: number | undefined
  /** Where a run does not say at which commit it was trained, or the tree differed from it. */
  readonly commit?: string | undefined
  /** Whether an entry of this name may go. */
  readonly replace?: boolean | undefined
  readonly engine: string
  readonly workers: number
}

/** Of which test items the card has a strip. */
const shownItems = [0, 1, 2]
/** What an entry keeps of its run. */
const keptFiles = ['config.json', 'metrics.jsonl', 'summary.json']

/**
 * Add the best of some runs that differ in the seed alone, by its validation error, tested anew on the whole test split.
 * @param tell is told what was decided, a line each
 * @throws UserError where a run is not complete, not of a known commit, or not one that others can repeat.
 */
export async function addToZoo(
  zoo: string,
  name: string,
  paths: readonly string[],
  options: AddOptions,
  tell: (line: string) => void,
): Promise<ZooAgent> {
  const folder = join(zoo, name)
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))
    throw new UserError(`"${name}": a name in the zoo has small letters, digits and single dashes, such as mnist-6`)
  if (existsSync(folder) && !options.replace)
    throw new UserError(`${folder} is there already; add --replace to put another in its place`)
  const { path, seeds, commit } = chooseRun(paths, options)
  if (seeds.length > 1) tell(`${path} has the lowest validation error of the seeds ${seeds.join(', ')}`)
  const scratch = mkdtempSync(join(tmpdir(), 'saccade-'))
  const made = join(scratch, name)
  try {
    for (const file of keptFiles) cpSync(join(path, file), join(made, file))
    const { dtype, epoch, evaluation } = await storeAgent(path, made, options, tell)
    const opened = await openRun(made, options)
    try {
      const sample = await sampleOf(opened)
      writeWhole(join(made, 'gaze.svg'), drawStrip(await reelOfItems(opened, { items: shownItems, greedy: true })))
      const entry: ZooEntry = { commit, seeds, dtype, epoch, evaluation, sample }
      writeWhole(join(made, 'entry.json'), `${JSON.stringify(entry)}\n`)
    } finally {
      opened.dispose()
    }
    rmSync(folder, { recursive: true, force: true })
    cpSync(made, folder, { recursive: true })
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  writeCards(zoo)
  return readZooAgent(zoo, name)
}

/** The run of the lowest validation error. @throws UserError where one is not complete, or not for others to repeat. */
function chooseRun(
  paths: readonly string[],
  { commit }: AddOptions,
): { readonly path: string; readonly seeds: readonly number[]; readonly commit: string } {
  const runs = paths.map((path) => {
    const run = RunDirectory.open(path)
    const summary = run.summary()
    if (!summary) throw new UserError(`${path}: this run is not complete; train it to its end`)
    refusePrivate(run)
    return { path, config: run.config, summary, commit: commit ?? commitOf(path) }
  })
  const [first] = runs as [(typeof runs)[number]]
  const other = runs.find(({ config }) => tellingOf(config) !== tellingOf(first.config))
  if (other) throw new UserError(`${other.path} differs from ${first.path} in more than the seed; add one of them`)
  const best = runs.reduce((a, b) => (b.summary.validationError < a.summary.validationError ? b : a))
  if (best.commit === 'unknown' || best.commit.endsWith('+'))
    throw new UserError(
      `${best.path}: ${best.commit === 'unknown' ? 'it is not known at which commit it was trained' : `the tree differed from its commit ${best.commit}`}; train it by \`reproduce\` from a clean checkout, or say it with --commit`,
    )
  const seeds = runs.map(({ summary }) => summary.seed).sort((a, b) => a - b)
  return { path: best.path, seeds, commit: best.commit }
}

/** What of a run only its owner has, others cannot repeat. */
function refusePrivate({ path, config: { imports, environment, from } }: RunDirectory): void {
  const own =
    imports.length > 0
      ? `modules (${imports.join(', ')})`
      : environment.data
        ? `data (${environment.data})`
        : from && !from.agent.startsWith('zoo:')
          ? `an agent to start from (${from.agent})`
          : undefined
  if (own)
    throw new UserError(`${path}: it needs ${own} that others do not have; the zoo takes what anybody can repeat`)
}

/** A configuration without what may differ between the runs that one is chosen of. */
function tellingOf({ training, ...rest }: RunConfig): string {
  const { seed: _, engine: __, workers: ___, shards: ____, ...telling } = training
  return JSON.stringify({ ...rest, training: telling })
}

/** Write a run's agent file into a folder and test it as it lies there. */
async function storeAgent(
  run: string,
  folder: string,
  { float16: most, ...options }: AddOptions,
  tell: (line: string) => void,
): Promise<Pick<ZooEntry, 'dtype' | 'epoch' | 'evaluation'>> {
  const file = await readAgent(run)
  const path = join(folder, agentFileName)
  const test = async (float16: boolean): Promise<EvaluationResult> => {
    writeWhole(path, encodeAgentFile(file, { float16 }))
    return evaluateTrained(await openTrained(path), { split: 'test', ...options })
  }
  const whole = await test(false)
  const { epoch } = file.card
  if (most === undefined) return { dtype: 'float32', epoch, evaluation: whole }
  const half = await test(true)
  const kinds = Object.keys(whole.errors) as (keyof Errors)[]
  const changes = kinds.map((kind) => `${kind} ${shown(whole, kind)} to ${shown(half, kind)}`).join(', ')
  if (kinds.every((kind) => Math.abs(half.errors[kind] - whole.errors[kind]) <= most)) {
    tell(`stored in float16: ${changes}`)
    return { dtype: 'float16', epoch, evaluation: half }
  }
  tell(`stored in float32, for float16 changes an error by more than ${most}: ${changes}`)
  return { dtype: 'float32', epoch, evaluation: await test(false) }
}

const shown = ({ errors, measure }: EvaluationResult, kind: keyof Errors): string =>
  formatMetric(`testError.${kind}`, errors[kind], measure)
