// One measurement in a process of its own, so that its memory is its own: train or infer with one configuration, after a
// warm-up, and print one JSON line. Called by bench/run.ts.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import '../src/index.ts'
import { lengthOf } from '../src/core/tensors.ts'
import { createEagerEngine } from '../src/engine/eager.ts'
import type { Definition, Engine, Program } from '../src/engine/engine.ts'
import { selectEngine } from '../src/engine/select.ts'
import { reportTensorBoard } from '../src/report/tensorboard.ts'
import { completeConfig, type PartialConfig, type RunConfig } from '../src/runs/config.ts'
import { RunDirectory } from '../src/runs/run-directory.ts'
import { AllReduce, allocateShared } from '../src/training/all-reduce.ts'
import { evaluateBatches, mergeCounts } from '../src/training/evaluation.ts'
import { Learner } from '../src/training/learner.ts'
import { createPlan, firstVectors } from '../src/training/plan.ts'
import { Trainer } from '../src/training/trainer.ts'
import { relativeDistance } from './numbers.ts'

/** What to measure. */
export type Measure = {
  readonly config: PartialConfig
  readonly engine: string
  readonly workers: number
  /** `train` through the trainer, `stages` of it in this thread, greedy `infer`ence, or whether it `agree`s with `onnx`. */
  readonly what: 'train' | 'stages' | 'infer' | 'agree'
  /** While training, draw the gaze and write TensorBoard events after every epoch. */
  readonly report?: boolean
  /** Seconds of measured work at least, after the warm-up. */
  readonly seconds: number
  /** Items an epoch; its last, measured epochs are repeated. */
  readonly items: number
}

/** What was measured. */
export type Measured = {
  /** Items a second: the best epoch. */
  readonly imagesPerSecond: number
  /** Largest resident memory, MB. */
  readonly megabytes: number
  readonly description: string
  /** Milliseconds an iteration, by stage. */
  readonly stages?: Readonly<Record<string, number>>
  readonly agreement?: Agreement
  /** Seconds from nothing to the first trained batch, compiling included. */
  readonly started?: number
}

/** How far an engine is from `onnx`, from the same parameters on the same items. */
export type Agreement = {
  /** Of the first step: the difference of the losses; of the gradients, the norm of it as a part of the gradient's norm. */
  readonly loss: number
  readonly gradient: number
  /** The difference of the losses of the step after that many others. */
  readonly later: number
  readonly steps: number
}

const measure = JSON.parse(process.argv[2]!) as Measure
const config: RunConfig = completeConfig({
  ...measure.config,
  training: {
    ...{ epochItems: measure.items, epochs: 1000, schedule: 'constant', evaluationItems: 1, evaluationRollouts: 1 },
    ...{ evaluateEvery: measure.report === undefined ? 1000 : 1, engine: measure.engine, workers: measure.workers },
    ...measure.config.training,
  },
})

const { what } = measure
const result = await { train, stages, infer, agree }[what]()
const megabytes = Math.round(process.resourceUsage().maxRSS / 1024)
console.log(JSON.stringify({ ...result, megabytes } satisfies Measured))

/** Whole epochs through the trainer, with its workers; the first one warms up. */
async function train(): Promise<Omit<Measured, 'megabytes'>> {
  const path = mkdtempSync(join(tmpdir(), 'saccade-bench-'))
  const directory = measure.report ? RunDirectory.create(config, join(path, 'run')) : undefined
  const trainer = await Trainer.create(config, directory && { directory })
  const board = directory && reportTensorBoard(trainer, directory.path)
  const rates: number[] = []
  let description = ''
  let spent = 0
  let started = 0
  trainer.on('start', ({ engine, why, workers }) => {
    description = `${engine}, ${workers} workers: ${why}`
  })
  trainer.on('epoch', ({ epoch, imagesPerSecond, seconds }) => {
    if (epoch === 1) started = performance.now() / 1000
    if (epoch === 1) return
    rates.push(imagesPerSecond)
    spent += seconds
    if (spent >= measure.seconds) trainer.stop()
  })
  await trainer.train()
  await board?.close()
  await trainer.dispose()
  directory?.close()
  rmSync(path, { recursive: true })
  return { imagesPerSecond: Math.max(...rates), description, started }
}

/** An engine by name; `stock-wasm` is the backend as tfjs ships it. */
async function engineOf(name: string): Promise<Engine> {
  if (name !== 'stock-wasm') return (await selectEngine(name)).engine
  await import('@tensorflow/tfjs-backend-wasm')
  return createEagerEngine(name, 'wasm', 'TensorFlow.js WebAssembly as it comes')
}

/** A learner alone in this thread. */
async function learnerOn(engine: Engine): Promise<Learner> {
  const plan = createPlan(config)
  const learner = new Learner(config, engine, new AllReduce(allocateShared(1, lengthOf(plan.agent.layout)), 0))
  learner.write(firstVectors(config, plan), 0)
  return learner
}

/** Iterations in this thread, with the time of each program's stages and of the host between them. */
async function stages(): Promise<Omit<Measured, 'megabytes'>> {
  const times: Record<string, number> = {}
  const engine = timed(await engineOf(measure.engine), times)
  const learner = await learnerOn(engine)
  await learner.train(0, 0, 2)
  for (const name of Object.keys(times)) times[name] = 0
  const perEpoch = Math.floor(measure.items / config.training.batchSize)
  const began = performance.now()
  let iterations = 0
  while (performance.now() - began < measure.seconds * 1000) {
    await learner.train(0, iterations % perEpoch, (iterations % perEpoch) + 1)
    iterations++
  }
  const elapsed = performance.now() - began
  const inside = Object.values(times).reduce((sum, value) => sum + value, 0)
  const all = { ...times, 'everything else': elapsed - inside }
  return {
    imagesPerSecond: (iterations * config.training.batchSize * 1000) / elapsed,
    description: engine.description,
    stages: Object.fromEntries(Object.entries(all).map(([name, value]) => [name, value / iterations])),
  }
}

/** Greedy evaluation of the test items in this thread. */
async function infer(): Promise<Omit<Measured, 'megabytes'>> {
  const engine = await engineOf(measure.engine)
  const learner = await learnerOn(engine)
  const request = { split: 'test', greedy: true, rollouts: 1, std: 0.1, averaged: false, items: measure.items } as const
  await evaluateBatches(learner, request, 0, 1)
  let best = 0
  const began = performance.now()
  do {
    const start = performance.now()
    const { items } = mergeCounts([await evaluateBatches(learner, request, 0, 1)])
    best = Math.max(best, (items * 1000) / (performance.now() - start))
  } while (performance.now() - began < measure.seconds * 1000)
  return { imagesPerSecond: best, description: engine.description }
}

/** The engine and `onnx` side by side: a first step, and some more. */
async function agree(): Promise<Omit<Measured, 'megabytes'>> {
  const steps = 5
  const engine = await engineOf(measure.engine)
  const sides: { losses: number[]; gradient: Float32Array }[] = []
  for (const each of [await engineOf('onnx'), engine]) {
    const learner = await learnerOn(each)
    const reports = await learner.train(0, 0, 1)
    const { moment1, parameters } = (await learner.read()).vectors
    reports.push(...(await learner.train(0, 1, 1 + steps)))
    // the first moment after one step is the clipped gradient times a constant
    sides.push({ losses: reports.map(({ sums }) => sums.loss!), gradient: moment1 ?? parameters! })
  }
  const [wanted, got] = sides as [(typeof sides)[0], (typeof sides)[0]]
  const apart = (step: number): number => Math.abs(got.losses[step]! - wanted.losses[step]!)
  const gradient = relativeDistance(got.gradient, wanted.gradient)
  const agreement = { loss: apart(0), gradient, later: apart(steps), steps }
  return { imagesPerSecond: 0, description: engine.description, agreement }
}

/** An engine whose programs add up where their time goes. */
function timed(engine: Engine, times: Record<string, number>): Engine {
  const wrap = (program: Program, { name, stages }: Definition): Program => ({
    dispose: () => program.dispose(),
    async run(vectors, host) {
      let mark = performance.now()
      const spend = (label: string): void => {
        const now = performance.now()
        times[label] = (times[label] ?? 0) + now - mark
        mark = now
      }
      let stage = 0
      const results = await program.run(vectors, (next, outputs) => {
        if (next > 0) spend(label(name, next - 1, stages.length))
        stage = next
        const answer = host(next, outputs)
        spend(name === 'step' ? 'step: host' : 'world and sampling')
        return answer
      })
      spend(label(name, stage, stages.length))
      return results
    },
  })
  return { ...engine, compile: (definition) => wrap(engine.compile(definition), definition) }
}

/** What a stage of a program is called in the table. */
function label(name: string, stage: number, count: number): string {
  if (name !== 'learn') return `${name} (clip, optimiser)`
  return stage < count - 1 ? 'act (forward)' : 'learn (loss, gradients)'
}
