// Runs measure.ts in a process of its own.

import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Measure, Measured } from './measure.ts'

/** What was measured, or why it was not; both where the process died after it had measured. */
export type Taken = { readonly measured?: Measured; readonly error: string }

/** @param limit milliseconds after which it is stopped, and has failed */
export function takeMeasure(measure: Measure, limit?: number): Promise<Taken> {
  const script = join(dirname(fileURLToPath(import.meta.url)), 'measure.ts')
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...process.execArgv, script, JSON.stringify(measure)])
    let [out, complaint, late] = ['', '', false]
    const timer =
      limit &&
      setTimeout(() => {
        late = true
        child.kill('SIGKILL')
      }, limit)
    child.stdout.on('data', (chunk) => (out += chunk))
    child.stderr.on('data', (chunk) => (complaint += chunk))
    child.on('close', (code, signal) => {
      if (timer) clearTimeout(timer)
      const line = out.trim().split('\n').at(-1) ?? ''
      const death = code === 0 ? '' : `ended with ${signal ?? `code ${code}`}`
      if (line.startsWith('{')) return resolve({ measured: JSON.parse(line) as Measured, error: death })
      resolve({ error: late ? `not done in ${limit! / 1000} s` : complaintOf(complaint) || death })
    })
  })
}

/** The line that says what went wrong: the first that names an error, else the last. */
export function complaintOf(text: string): string {
  const lines = text.trim().split('\n')
  return (lines.find((line) => /^\s*\w*Error\b/.test(line)) ?? lines.at(-1) ?? '').trim().slice(0, 400)
}
