// Agents from disk: a run's best (or last) parameters, or an agent file.

import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../core/errors.ts'
import { selectEngine } from '../engine/select.ts'
import { type CheckpointKind, loadCheckpoint } from '../runs/checkpoint.ts'
import { completeConfig, type RunConfig } from '../runs/config.ts'
import { inWords, readRegular } from '../runs/files.ts'
import { importNamed } from '../runs/imports.ts'
import { RunDirectory } from '../runs/run-directory.ts'
import { createPlan, worldOf } from '../training/plan.ts'
import type { Plan } from '../training/programs.ts'
import { type AgentCard, type AgentFile, decodeAgentFile, encodeAgentFile } from './agent-file.ts'
import { refuseOwnLocations } from './policy.ts'
import { TrainedAgent } from './trained-agent.ts'

/** What to load, and where to compute. */
export type LoadAgentOptions = {
  /** Of a run: its best parameters (the default), or its last. */
  readonly checkpoint?: CheckpointKind
  /** The name of an engine; `auto` by default. */
  readonly engine?: string
}

/**
 * Load a trained agent: `loadAgent('runs/mine')`, or an agent file that `export --agent` or a page has saved.
 * `await agent.dispose()` when done.
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

/** The agent of a run directory or of a file. @throws UserError as `loadAgent`. */
export async function readAgent(path: string, checkpoint: CheckpointKind = 'best'): Promise<AgentFile> {
  if (!existsSync(path))
    throw new UserError(`${path}: there is no such run or file; give a run directory or an agent file`)
  if (statSync(path).isDirectory()) return agentOfRun(path, checkpoint)
  try {
    return decodeAgentFile(readRegular(path, 2 ** 30), path)
  } catch (error) {
    throw inWords(error, `cannot read ${path}`)
  }
}

async function agentOfRun(path: string, checkpoint: CheckpointKind): Promise<AgentFile> {
  // an exported agent lies beside its card
  if (!existsSync(join(path, 'config.json')) && existsSync(join(path, 'agent.safetensors')))
    return readAgent(join(path, 'agent.safetensors'))
  const run = RunDirectory.open(path)
  await importNamed(run.config.imports, path)
  const config = completeConfig(run.config)
  const plan = createPlan(config)
  const { tensors, epoch } = loadCheckpoint(path, checkpoint, plan.agent.layout)
  const summary = run.summary()
  const progress = scheduleProgress(run, epoch)
  const test = summary && { measure: summary.measure ?? 'error', greedy: summary.testError.greedy }
  const card = cardOf(config, plan, { epoch, progress, test })
  const parameters = tensors.average ?? tensors.parameters!
  // as its file would be read: one way, whichever it comes by
  return decodeAgentFile(encodeAgentFile({ card, layout: plan.agent.layout, parameters }), path)
}

/** How much of a run's schedules was done when it was tested: where it ended, or stands now; in [0, 1]. `epoch` is its checkpoint's. */
export function scheduleProgress(run: RunDirectory, epoch: number): number {
  return Math.min(1, Math.max(epoch, run.epochs().at(-1)?.epoch ?? 0) / run.config.training.epochs)
}

/** What an agent file says of the agent of a configuration. @throws UserError where its algorithm chose locations by itself. */
export function cardOf(
  { agent, environment: given, algorithm: by, training }: RunConfig,
  { environment, algorithm }: Plan,
  { epoch, progress, test }: { epoch: number; progress: number; test?: AgentCard['test'] },
): AgentCard {
  refuseOwnLocations({ environment, algorithm })
  const { scaleFactor = 2, background = 0 } = given as { scaleFactor?: number; background?: number }
  const { observation, heads, horizon } = worldOf(environment, algorithm)
  return {
    format: 1,
    agent,
    environment: given,
    algorithm: by,
    world: JSON.parse(JSON.stringify({ observation, heads, horizon })) as AgentCard['world'],
    eye: { scaleFactor, background, locationAction: environment.locationAction ?? 'place' },
    names: JSON.parse(JSON.stringify(environment.names ?? {})) as AgentCard['names'],
    epoch,
    training: { progress, rollouts: training.evaluationRollouts },
    ...(test && { test }),
  }
}

/** The bytes of an agent file of a run. @throws UserError as `loadAgent`. */
export async function agentFileOf(path: string, checkpoint?: CheckpointKind): Promise<Uint8Array> {
  return encodeAgentFile(await readAgent(path, checkpoint))
}
