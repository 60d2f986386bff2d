// The zoo's entries, as they are read. An entry is a folder, made by add-to-zoo.ts:
//
//     agent.safetensors    the parameters, and the card of the file: what `loadAgent` and the commands read as zoo:NAME
//     config.json, metrics.jsonl, summary.json    as the run left them: what `train --config`, `report` and the dashboard read
//     entry.json           where it comes from, its test errors, and what it does on a few images, bit for bit
//     README.md, gaze.svg  the same for people, made by zoo-cards.ts

import { readdirSync, statSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { UserError } from '../src/core/errors.ts'
import type { EvaluationResult } from '../src/inference/evaluate-trained.ts'
import { agentFileName, zooNames } from '../src/inference/find-agent.ts'
import type { OpenedRun } from '../src/inference/open-run.ts'
import type { RunConfig } from '../src/runs/config.ts'
import { readText } from '../src/runs/files.ts'
import type { Summary } from '../src/runs/records.ts'
import { evaluationItems } from '../src/training/evaluation.ts'

/** entry.json. */
export type ZooEntry = {
  /** What was checked out when the run began. */
  readonly commit: string
  /** Of which seeds this one had the lowest validation error. */
  readonly seeds: readonly number[]
  /** How the parameters are stored. */
  readonly dtype: 'float16' | 'float32'
  /** Epochs behind the parameters. */
  readonly epoch: number
  /** On the whole test split. */
  readonly evaluation: EvaluationResult
  readonly sample: ZooSample
}

/** What an agent does on a few test items, greedily. */
export type ZooSample = {
  readonly items: readonly number[]
  readonly engine: string
  /** Other processors may round otherwise. */
  readonly processor: string
  /** Where it looked, float32 [T, B, D], and what it said at the end, [B, ...] (probabilities of classes or moves, or coordinates): base64. */
  readonly locations: string
  readonly outputs: string
}

/** An entry with all that its folder says. */
export type ZooAgent = {
  readonly name: string
  readonly entry: ZooEntry
  readonly config: RunConfig
  readonly summary: Summary
  /** Bytes of the agent file. */
  readonly size: number
}

/** How many test items a sample has. */
const sampleItems = 20
/** Every entry of a zoo. @throws UserError where one cannot be read. */
export const readZoo = (zoo: string): ZooAgent[] => zooNames(zoo).map((name) => readZooAgent(zoo, name))

/** One entry. @throws UserError as `readZoo`. */
export function readZooAgent(zoo: string, name: string): ZooAgent {
  const folder = join(zoo, name)
  const read = <Value>(file: string): Value => {
    const path = join(folder, file)
    try {
      return JSON.parse(readText(path)) as Value
    } catch (error) {
      if (error instanceof SyntaxError) throw new UserError(`${path}: not JSON (${error.message}); add the entry again`)
      throw error
    }
  }
  return {
    name,
    entry: read<ZooEntry>('entry.json'),
    config: read<RunConfig>('config.json'),
    summary: read<Summary>('summary.json'),
    size: statSync(join(folder, agentFileName)).size,
  }
}

/** Bytes of everything in a folder. */
export const sizeOfFolder = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)

/** Play an agent on a few test items. */
export async function sampleOf({ player, engine }: OpenedRun): Promise<ZooSample> {
  const items = [...evaluationItems(player.environment.itemCount, 'test', sampleItems)]
  const { belief, prediction, locations, lengths, batch } = await player.play(items, { brief: true })
  const outputs = belief
    ? lengths.reduce(
        (values, length, b) => {
          const from = (Math.max(1, length) - 1) * batch + b
          values.set(belief.probabilities.subarray(from * belief.count, (from + 1) * belief.count), b * belief.count)
          return values
        },
        new Float32Array(batch * belief.count),
      )
    : Float32Array.from(prediction ?? [])
  const processor = `${process.arch}, ${cpus()[0]?.model ?? 'unknown'}`
  return { items, engine, processor, locations: toBase64(locations), outputs: toBase64(outputs) }
}

const toBase64 = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64')

/** float32 values of an entry's base64. */
export const fromBase64 = (text: string): Float32Array =>
  new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)
