// The pictures of docs/recipes.md, from the figures in docs/recorded/: as `compare` and `sweep report` drew them from their runs,
// of which nothing else is kept.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { drawComparison, type Spread } from '../src/report/comparison.ts'
import { defineSweep, seedsOf } from '../src/sweep/definition.ts'
import type { Entry } from '../src/sweep/journal.ts'
import { drawSweep } from '../src/sweep/pictures.ts'
import type { Ending } from '../src/sweep/trial.ts'
import { Trials } from '../src/sweep/trials.ts'
import { readConfigFile } from './commands/configuration.ts'

type Comparison = {
  readonly title: string
  readonly subtitle: string
  readonly rows: readonly {
    readonly label: string
    /** Of an agent that may stop. */
    readonly test?: { readonly glimpses: number; readonly error: number }
    /** Seconds of training, rollouts, validation error in percent, and of several seeds the lowest and the highest. */
    readonly course: readonly (readonly [number, number, number, number?, number?])[]
  }[]
}

const read = <Content>(root: string, name: string): Content =>
  JSON.parse(readFileSync(join(root, 'docs', 'recorded', `${name}.json`), 'utf8')) as Content

const spread = (mean: number, low = mean, high = mean): Spread => ({ mean, low, high, values: [mean] })

/** A comparison by seconds, by rollouts and, where agents may stop, by glimpses, as SVG. */
export function drawRecordedComparison(root: string, name: string): string {
  const { title, subtitle, rows } = read<Comparison>(root, name)
  const results = rows.map(({ label, test, course }) => {
    const milestones = course.map(([seconds, rollouts, error, low, high], i) => ({
      ...{ epoch: i + 1, seconds, rollouts, error: spread(error, low, high) },
    }))
    const last = milestones.at(-1)!
    const error = test ? spread(test.error) : last.error
    return {
      ...{ label, seeds: [], greedy: error, sampled: error, averaged: error, course: milestones },
      ...(test && { glimpses: spread(test.glimpses) }),
      ...{ seconds: spread(last.seconds), rollouts: last.rollouts },
    }
  })
  return drawComparison(results, { title, subtitle })
}

type Recorded = { readonly rows: readonly (readonly [string, number, number, number, number, Ending])[] }

/** The sweep of examples/sweep.yaml: the error against each option, as SVG. */
export function drawRecordedSweep(root: string): string {
  const definition = defineSweep(readConfigFile(join(root, 'examples', 'sweep.yaml'), ['sweep', 'space']))
  const seeds = seedsOf(definition)
  const { rows } = read<Recorded>(root, 'sweep-options')
  const entries = rows.flatMap(([noise, std, finalStd, learningRate, error, outcome], i): Entry[] => {
    const trial = i + 1
    const point = {
      noise,
      'algorithm.std': std,
      'algorithm.finalStd': finalStd,
      'training.learningRate': learningRate,
    }
    return [
      { event: 'propose', trial, point },
      { event: 'epoch', trial, seed: seeds[0]!, epoch: 1, validation: { error } },
      { event: 'end', trial, outcome, epoch: 1, value: error },
    ]
  })
  const trials = new Trials(seeds, definition.options.objective, entries)
  return drawSweep({ definition, trials, count: rows.length, runs: '' })['options.svg']!
}
