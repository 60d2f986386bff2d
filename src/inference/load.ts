// Agents from disk: a run's best (or last) parameters, an agent file, or one of the zoo.

import { UserError } from '../core/errors.ts'
import { selectEngine } from '../engine/select.ts'
import { type CheckpointKind, loadCheckpoint } from '../runs/checkpoint.ts'
import { completeConfig, type RunConfig } from '../runs/config.ts'
import { inWords, readRegular } from '../runs/files.ts'
import { importGiven, importNamed, resolveModule } from '../runs/imports.ts'
import { RunDirectory } from '../runs/run-directory.ts'
import { createPlan } from '../training/plan.ts'
import type { Plan } from '../training/programs.ts'
import { cardOf } from './agent-card.ts'
import { type AgentCard, type AgentFile, decodeAgentFile, encodeAgentFile } from './agent-file.ts'
import { findAgent } from './find-agent.ts'
import { TrainedAgent } from './trained-agent.ts'

/** What to load, and where to compute. */
export type LoadAgentOptions = {
  /** Of a run: its best parameters (the default), or its last. */
  readonly checkpoint?: CheckpointKind
  /** The name of an engine; `auto` by default. */
  readonly engine?: string
}

/**
 * Load a trained agent: `loadAgent('runs/mine')`, an agent file that `export --agent` or a page has saved, or one that
 * comes along, `loadAgent('zoo:mnist-6')`. `await agent.dispose()` when done.
 * @throws UserError where there is no agent, it is broken or of another version, or its algorithm chose locations by itself.
 */
export async function loadAgent(
  path: string,
  { checkpoint, engine = 'auto' }: LoadAgentOptions = {},
): Promise<TrainedAgent> {
  const file = await readAgent(path, checkpoint)
  const selected = await selectEngine(engine)
  const agent = new TrainedAgent(file, selected.engine)
  const dispose = agent.dispose.bind(agent)
  return Object.assign(agent, {
    async dispose(): Promise<void> {
      await dispose()
      selected.engine.dispose()
    },
  })
}

/** A trained agent in the world that it was trained in, ready to be played. */
export type Trained = {
  readonly config: RunConfig
  readonly plan: Plan
  /** float32 [lengthOf(plan.agent.layout)]; their moving average, where there is one. */
  readonly parameters: Float32Array
  /** Completed epochs. */
  readonly epoch: number
  /** How much of the training's schedules was done when it was tested, in [0, 1]. */
  readonly progress: number
  /** How many rollouts of an item its training averaged over. */
  readonly rollouts: number
  /** Of a run that is complete: the greedy test figure. */
  readonly test?: AgentCard['test']
}

type OpenOptions = {
  readonly checkpoint?: CheckpointKind
  readonly imports?: readonly string[]
  readonly data?: string | undefined
}

/**
 * Open a run, an agent file or one of the zoo in its world.
 * @param options `checkpoint`: of a run, which parameters; of a file, `imports`: modules that register its world, and
 * `data`: a directory of images in place of its own
 * @throws UserError where there is none, it is broken, or its world is not known here.
 */
export async function openTrained(
  given: string,
  { checkpoint = 'best', ...options }: OpenOptions = {},
): Promise<Trained> {
  const { kind, path } = findAgent(given)
  if (kind === 'file') return openFile(path, options)
  if (options.data !== undefined)
    throw new UserError(`data ${options.data}: for an agent file; a run is played on the data that it was trained on`)
  return openRunDirectory(path, checkpoint)
}

async function openRunDirectory(path: string, kind: CheckpointKind): Promise<Trained> {
  const run = RunDirectory.open(path)
  await importNamed(run.config.imports, path)
  const config = completeConfig(run.config)
  const plan = createPlan(config)
  const { tensors, epoch } = loadCheckpoint(path, kind, plan.agent.layout)
  const summary = run.summary()
  return {
    ...{ config, plan, epoch },
    parameters: tensors.average ?? tensors.parameters!,
    progress: scheduleProgress(run, epoch),
    rollouts: config.training.evaluationRollouts,
    test: summary && { measure: summary.measure ?? 'error', greedy: summary.testError.greedy },
  }
}

async function openFile(path: string, { imports: given = [], data }: OpenOptions): Promise<Trained> {
  const imports = given.map((module) => resolveModule(module))
  await importGiven(imports)
  const { card, layout, parameters } = readAgentFile(path)
  const { environment, agent, algorithm, epoch, training = { progress: 1, rollouts: 10 } } = card
  const world = { ...environment, ...(data !== undefined && { data }) }
  const config = { ...completeConfig({ environment: world, agent, algorithm }), imports }
  const plan = createPlan(config)
  if (JSON.stringify(plan.agent.layout) !== JSON.stringify(layout))
    throw new UserError(`${path}: its tensors are not those of the agent and world that it names; export it again`)
  return { config, plan, parameters, epoch, ...training, test: card.test }
}

function readAgentFile(path: string): AgentFile {
  try {
    return decodeAgentFile(readRegular(path, 2 ** 30), path)
  } catch (error) {
    throw inWords(error, `cannot read ${path}`)
  }
}

/** The agent of a run, of a file or of the zoo. @throws UserError as `loadAgent`. */
export async function readAgent(given: string, checkpoint: CheckpointKind = 'best'): Promise<AgentFile> {
  const { kind, path } = findAgent(given)
  // a file says by itself what a look needs: its world need not be known here
  if (kind === 'file') return readAgentFile(path)
  const { config, plan, parameters, ...rest } = await openRunDirectory(path, checkpoint)
  const card = cardOf(config, plan, rest)
  // as its file would be read: one way, whichever it comes by
  return decodeAgentFile(encodeAgentFile({ card, layout: plan.agent.layout, parameters }), path)
}

/** How much of a run's schedules was done when it was tested: where it ended, or stands now; in [0, 1]. `epoch` is its checkpoint's. */
function scheduleProgress(run: RunDirectory, epoch: number): number {
  return Math.min(1, Math.max(epoch, run.epochs().at(-1)?.epoch ?? 0) / run.config.training.epochs)
}

/** The bytes of an agent file of a run. @throws UserError as `loadAgent`. */
export async function agentFileOf(path: string, checkpoint?: CheckpointKind): Promise<Uint8Array> {
  return encodeAgentFile(await readAgent(path, checkpoint))
}
