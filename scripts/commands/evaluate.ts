// `evaluate`: the errors of a trained run, or of an agent file, greedy, sampled and averaged, always apart. Writes nothing unless told to.

import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import '../../src/catalogue.ts'
import { UserError } from '../../src/core/errors.ts'
import type { Split } from '../../src/env/registry.ts'
import { evaluateRun } from '../../src/inference/evaluate-run.ts'
import { readAgent, scheduleProgress } from '../../src/inference/load.ts'
import { formatMetric } from '../../src/report/metrics.ts'
import { type Checkpoint, type CheckpointKind, loadCheckpoint } from '../../src/runs/checkpoint.ts'
import { completeConfig, type RunConfig } from '../../src/runs/config.ts'
import { writeWhole } from '../../src/runs/files.ts'
import { importGiven, importNamed, resolveModule } from '../../src/runs/imports.ts'
import { RunDirectory } from '../../src/runs/run-directory.ts'
import { createPlan, firstVectors } from '../../src/training/plan.ts'
import { atLeast, collect, oneOf, text } from './flags.ts'
import type { Io } from './run.ts'

type Flags = {
  readonly checkpoint: CheckpointKind
  readonly split: Split
  readonly rollouts?: number
  readonly import?: string[]
  readonly engine: string
  readonly workers: number
  readonly out?: string
  readonly json?: boolean
}

export function evaluateCommand(_args: readonly string[], io: Io): Command {
  return new Command('evaluate')
    .description('Print the errors of a trained run: greedy, sampled, and averaged over several rollouts of an image.')
    .argument('<path>', 'the run directory, or an agent file', text)
    .option('--checkpoint <kind>', 'which parameters of a run: best or last', oneOf(['best', 'last']), 'best')
    .option('--import <module>', 'with an agent file: a module that registers its world; repeatable', collect)
    .option('--split <name>', 'which images: test, validation or train', oneOf(['test', 'validation', 'train']), 'test')
    .option('--rollouts <count>', 'rollouts whose probabilities are averaged (default: as in training)', atLeast(1))
    .option('--engine <name>', 'what computes: auto, onnx, tensorflow, wasm, cpu ...', text, 'auto')
    .option('--workers <count>', 'threads; 0 for as many as there are cores', atLeast(0), 0)
    .option('--out <file>', 'write the result to this file, as JSON', text)
    .option('--json', 'print one JSON object')
    .option('--debug', 'show stack traces')
    .action((path: string, flags: Flags) => evaluate(path, flags, io))
}

/** What is evaluated, and how the training evaluated it. */
type Subject = {
  readonly config: RunConfig
  readonly checkpoint: Pick<Checkpoint, 'tensors' | 'steps' | 'epoch'>
  /** How much of the schedules was done, in [0, 1]. */
  readonly progress: number
  readonly rollouts: number
  readonly name: string
}

/** A run's checkpoint. */
async function subjectOfRun(path: string, kind: CheckpointKind): Promise<Subject> {
  const run = RunDirectory.open(path)
  await importNamed(run.config.imports, path)
  const config = completeConfig(run.config)
  const checkpoint = loadCheckpoint(path, kind, createPlan(config).agent.layout)
  const progress = scheduleProgress(run, checkpoint.epoch)
  const { evaluationRollouts: rollouts } = config.training
  return { config, checkpoint, progress, rollouts, name: join(path, 'checkpoints', kind) }
}

/** An agent file: in the world that its card names, which is built in or was imported. */
async function subjectOfFile(path: string, given: readonly string[]): Promise<Subject> {
  const imports = given.map((module) => resolveModule(module))
  await importGiven(imports)
  const { card, layout, parameters } = await readAgent(path)
  const { environment, agent, algorithm, epoch, training = { progress: 1, rollouts: 10 } } = card
  const config = { ...completeConfig({ environment, agent, algorithm }), imports }
  const plan = createPlan(config)
  if (JSON.stringify(plan.agent.layout) !== JSON.stringify(layout))
    throw new UserError(`${path}: its tensors are not those of the agent and world that it names; export it again`)
  const checkpoint = { tensors: { ...firstVectors(config, plan), parameters }, steps: 0, epoch }
  return { config, checkpoint, ...training, name: path }
}

/** Whether this is an agent file, or the folder of one. */
function isAgentFile(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return true
  return existsSync(join(path, 'agent.safetensors')) && !existsSync(join(path, 'config.json'))
}

async function evaluate(path: string, flags: Flags, io: Io): Promise<void> {
  const { checkpoint, split, engine, workers } = flags
  const isFile = isAgentFile(path)
  const subject = isFile ? await subjectOfFile(path, flags.import ?? []) : await subjectOfRun(path, checkpoint)
  const { config, progress, name } = subject
  const { rollouts = subject.rollouts } = flags
  const outcome = await evaluateRun(config, subject.checkpoint, { split, rollouts, progress, engine, workers })
  const { epoch } = subject.checkpoint
  const { errors } = outcome
  const result = { ...(isFile ? { file: path } : { directory: path, checkpoint }), epoch, split, rollouts, ...outcome }
  if (flags.out !== undefined) writeWhole(flags.out, `${JSON.stringify(result, undefined, 2)}\n`)
  if (flags.json) io.out.write(`${JSON.stringify(result)}\n`)
  else {
    const { measure } = outcome
    const shown = (kind: keyof typeof errors): string => formatMetric(`testError.${kind}`, errors[kind], measure)
    io.out.write(
      `${name}, after epoch ${epoch}, on the ${outcome.items.toLocaleString('en')} images of ${split}; engine ${outcome.engine}, ${outcome.seconds.toFixed(1)} s\n`,
    )
    io.out.write(
      `${measure === 'failure' ? 'error' : measure}: greedy ${shown('greedy')}, sampled ${shown('sampled')}, averaged over ${rollouts} ${shown('averaged')}\n`,
    )
    if (outcome.glimpses !== undefined) io.out.write(`glimpses: ${outcome.glimpses.toFixed(2)} an image, greedy\n`)
  }
}
