// A segment in a process of its own: started, listened to, told to rest, and put into one line where it dies.

import { fork } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inWords, isDiskBroken } from '../runs/files.ts'
import { secretVariables } from './address.ts'
import type { EpochResult, Outcome, RunSegment, Segment } from './segment.ts'

/** What a child is told: what to do, and by which process; or to save and rest. */
export type Order = { readonly segment: Segment; readonly directory: string; readonly parent: number } | 'rest'

/** What a child says. */
export type Answer = { readonly told: EpochResult } | { readonly outcome: Outcome }

/** Trains with the machinery of `train`. What the child prints is in `<directory>.log`, kept where it fails. */
export const runInChild: RunSegment = (segment, directory, tell, signal) =>
  new Promise((resolve, reject) => {
    const log = `${directory}.log`
    const fail = (error: string): void => resolve({ status: 'failed', error })
    let output: number
    try {
      mkdirSync(dirname(log), { recursive: true })
      output = openSync(log, 'a')
    } catch (error) {
      const wrong = inWords(error, `cannot write ${log}`) as Error
      if (wrong === error) reject(error)
      else if (isDiskBroken(wrong)) resolve({ status: 'halted', error: wrong.message })
      else fail(wrong.message)
      return
    }
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !secretVariables.includes(name)))
    // out of reach of the terminal's Ctrl-C, which the parent passes on as `rest`
    const detached = process.platform !== 'win32'
    const child = fork(childModule(), { env, stdio: ['ignore', output, output, 'ipc'], detached })
    closeSync(output)

    let outcome: Outcome | undefined
    const rest = (): void => void (child.connected && child.send('rest' satisfies Order))
    signal.addEventListener('abort', rest)
    child.on('message', (answer: Answer) => {
      if ('told' in answer) tell(answer.told)
      else outcome = answer.outcome
    })
    child.on('error', (error) => fail(`cannot start a process: ${error.message}`))
    child.on('close', (code, killed) => {
      signal.removeEventListener('abort', rest)
      if (outcome && outcome.status !== 'failed') rmSync(log, { force: true })
      if (outcome) resolve(outcome)
      else if (signal.aborted) resolve({ status: 'stopped' })
      else fail(`its process ${killed ? `was ended by ${killed}` : `died with exit code ${code}`}; see ${log}`)
    })
    child.send({ segment, directory, parent: process.pid } satisfies Order)
    if (signal.aborted) rest()
  })

/** Beside this module, compiled or not as it is. */
const childModule = (): string =>
  fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './child-process.ts' : './child-process.js', import.meta.url))
