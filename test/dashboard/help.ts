// Runs made by hand for the tests of the dashboard.

import { appendFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** An empty directory of runs. */
export const newRoot = (): string => mkdtempSync(join(tmpdir(), 'saccade-runs-'))

/** Write a file of a run, as text or as JSON. */
export function put(root: string, path: string, content: unknown): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content))
}

/** A line of metrics.jsonl. */
export const epochLine = (epoch: number, error = 20 / epoch): string =>
  `${JSON.stringify({
    ...{ epoch, epochs: 9, best: true, learningRate: 0.001, seconds: 2, imagesPerSecond: 1000 },
    train: { loss: 1 / epoch, accuracy: 1 - error / 100 },
    validation: { error },
  })}\n`

/** Append an epoch to a run. */
export const addEpoch = (root: string, name: string, epoch: number): void =>
  appendFileSync(join(root, name, 'metrics.jsonl'), epochLine(epoch))

/** A run of three epochs. */
export function putRun(root: string, name: string, options: { learningRate?: number } = {}): void {
  put(root, `${name}/config.json`, {
    environment: { id: 'MNIST', glimpses: 6 },
    agent: { name: 'ram' },
    algorithm: { name: 'reinforce' },
    training: { epochs: 9, learningRate: 0.001, ...options },
    imports: [],
  })
  put(root, `${name}/metrics.jsonl`, [1, 2, 3].map((epoch) => epochLine(epoch)).join(''))
}
