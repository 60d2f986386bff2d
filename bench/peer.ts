// The peer in PyTorch (bench/peers/ram.py): whether it can run here, and a run of it.

import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The recipes that the peer knows too. */
export const peerRecipes = ['mnist', 'cluttered', 'fashion', 'attention'] as const

/** What the peer is asked for: its options without their dashes; `true` for those that take no value. */
export type PeerOptions = Readonly<Record<string, string | number | boolean>>

/** What it prints. */
export type PeerMeasured = {
  /** PyTorch's version. */
  readonly torch: string
  readonly parameters: number
  /** Of the fastest epoch. */
  readonly imagesPerSecond: number
  /** Largest resident memory. */
  readonly rssMB: number
  /** With `describe`: shapes by name. */
  readonly layers?: Readonly<Record<string, readonly number[]>>
}

/** What to say where there is no PyTorch. */
export const noTorch =
  'PyTorch: not measured: no python3 with torch; python3 -m venv DIR && DIR/bin/pip install torch numpy, then SACCADE_PYTHON=DIR/bin/python'

/** The first of SACCADE_PYTHON and python3 that runs a line of Python without complaint. */
export function findPython(line = 'import torch'): string | undefined {
  return [process.env.SACCADE_PYTHON, 'python3'].find(
    (python) => python && spawnSync(python, ['-c', line]).status === 0,
  )
}

/** Whether there is a C++ compiler, which torch.compile needs. */
export const hasCompiler = (): boolean =>
  [process.env.CXX, 'g++', 'clang++'].some((name) => name && spawnSync(name, ['--version']).status === 0)

/** Run the peer; where it fails, the last line of its complaint. */
export function runPeer(
  python: string,
  options: PeerOptions,
): { readonly measured?: PeerMeasured; readonly error: string } {
  const script = join(dirname(fileURLToPath(import.meta.url)), 'peers', 'ram.py')
  const words = Object.entries({ ...options, json: true }).flatMap(([name, value]) =>
    value === false ? [] : value === true ? [`--${name}`] : [`--${name}`, String(value)],
  )
  const { stdout, stderr, status, signal } = spawnSync(python, [script, ...words], { encoding: 'utf8' })
  const line = stdout?.trim().split('\n').at(-1)
  if (status === 0 && line) return { measured: JSON.parse(line) as PeerMeasured, error: '' }
  return { error: stderr?.trim().split('\n').at(-1) || `ended with ${signal ?? `code ${status}`}` }
}
