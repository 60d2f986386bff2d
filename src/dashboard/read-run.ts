// Runs as the page is told of them: what src/runs reads, in the words of the protocol.

import { dirname, join } from 'node:path'
import { asNumber, asObject, asText } from '../runs/points.ts'
import { isSweep, type RunOnDisk, readRun } from '../runs/read-run.ts'
import type { RunDetail, RunRow } from './protocol.ts'

/** Everything that can be shown of a run, by its name below the directory of runs. */
export function detailOf(root: string, name: string): RunDetail {
  const run = readRun(join(root, name))
  const { config, summary, points, problems, checkpoint } = run
  return {
    ...rowOf(root, name, run),
    ...(config && { config }),
    ...(summary && { summary }),
    ...{ points, complaints: problems, checkpoint },
  }
}

/** The line of the list that a run's details come to. */
export function summarise({
  config: _,
  summary: __,
  points: ___,
  complaints: ____,
  checkpoint: _____,
  ...row
}: RunDetail): RunRow {
  return row
}

function rowOf(
  root: string,
  name: string,
  { config, summary, points, problems, state, updated, measure }: RunOnDisk,
): RunRow {
  const environment = asText(asObject(config?.environment)?.id) ?? asText(summary?.environment)
  const algorithm = asText(asObject(config?.algorithm)?.name) ?? asText(summary?.algorithm)
  const epochs = asNumber(asObject(config?.training)?.epochs)
  const errors = points.flatMap(({ values }) => values['validation.error'] ?? [])
  const testError = asNumber(asObject(summary?.testError)?.greedy)
  const sweep = sweepOf(root, name)
  return {
    ...{ name, state, updated, epoch: points.at(-1)?.epoch ?? 0, problems: problems.length },
    ...(environment !== undefined && { environment }),
    ...(algorithm !== undefined && { algorithm }),
    ...(epochs !== undefined && { epochs }),
    ...(errors.length > 0 && { validationError: Math.min(...errors) }),
    ...(testError !== undefined && { testError }),
    ...(measure !== undefined && { measure }),
    ...(sweep !== undefined && { sweep }),
  }
}

/** The sweep that a run is a trial of: `<sweep>/trials/<run>`. */
function sweepOf(root: string, name: string): string | undefined {
  const [trials, sweep] = [dirname(name), dirname(dirname(name))]
  return trials.endsWith('/trials') && isSweep(join(root, sweep)) ? sweep : undefined
}
