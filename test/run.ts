// Runs every test file in a process of its own, two at a time, and ends with one line of uvu's own counts.
// A file that dies, or that runs no test at all (a forgotten `test.run()`), counts as a failure, but for one that says
// `SKIP FILE` and why. One that hangs is killed, and has failed. Of a file that passes, lines that begin with SKIP or NOTE are shown.
// Usage: npm test [part of a path ...]

import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Milliseconds that a file has; even on a busy machine it takes a tenth of it. */
const limit = 600_000

const root = fileURLToPath(new URL('..', import.meta.url))
const wanted = process.argv.slice(2)
const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => join('test', file))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort()

type Outcome = {
  readonly file: string
  readonly passed: number
  readonly failed: number
  readonly seconds: number
  readonly output: string
}

function runFile(file: string): Promise<Outcome> {
  return new Promise((done) => {
    const began = performance.now()
    let output = ''
    const child = spawn(process.execPath, ['--conditions=saccade-source', '--import', 'tsx', join(root, file)], {
      cwd: root,
      env: { ...process.env, FORCE_COLOR: '0' },
    })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    const timer = setTimeout(() => {
      output += `\nnot done in ${limit / 1000} s: killed\n`
      child.kill('SIGKILL')
    }, limit)
    child.on('close', (code) => {
      clearTimeout(timer)
      const total = Number(/Total:\s+(\d+)/.exec(output)?.[1] ?? 0)
      const passed = Number(/Passed:\s+(\d+)/.exec(output)?.[1] ?? 0)
      const skipped = Number(/Skipped:\s+(\d+)/.exec(output)?.[1] ?? 0)
      const left = code === 0 && /^SKIP FILE/m.test(output)
      const broken = (total === 0 && !left) || (code !== 0 && passed + skipped === total)
      const failed = Math.max(0, total - passed) + (broken ? 1 : 0)
      done({
        file: relative(root, join(root, file)),
        passed,
        failed,
        seconds: (performance.now() - began) / 1000,
        output,
      })
    })
  })
}

const outcomes: Outcome[] = []
const queue = [...files]
async function work(): Promise<void> {
  for (let file = queue.shift(); file; file = queue.shift()) {
    const outcome = await runFile(file)
    outcomes.push(outcome)
    const verdict = outcome.failed ? 'FAILED' : 'ok'
    console.log(`${verdict.padEnd(6)} ${outcome.file}  ${outcome.passed} in ${outcome.seconds.toFixed(1)} s`)
    for (const line of outcome.output.split('\n'))
      if (outcome.failed || /^(SKIP|NOTE)/.test(line)) console.log(`  ${line}`)
  }
}
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work))

const sum = (key: 'passed' | 'failed'): number => outcomes.reduce((total, outcome) => total + outcome[key], 0)
console.log(`${sum('passed')} passed, ${sum('failed')} failed`)
process.exitCode = sum('failed') > 0 || outcomes.length === 0 ? 1 : 0
