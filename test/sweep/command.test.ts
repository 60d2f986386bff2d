import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { readConfigFile } from '../../scripts/commands/configuration.ts'
import { run } from '../../scripts/commands/run.ts'
import { sweepCommand } from '../../scripts/commands/sweep.ts'
import { workerCommand } from '../../scripts/commands/worker.ts'
import { completeConfig } from '../../src/runs/config.ts'
import { defineSweep } from '../../src/sweep/definition.ts'
import { openSweep, readSweep } from '../../src/sweep/directory.ts'
import { LocalPool } from '../../src/sweep/pool.ts'
import { Sweep } from '../../src/sweep/sweep.ts'
import { define, fakeTraining, temporary } from './support.ts'

/** Run a command in this process: what it prints, and its exit code. */
async function printed(command: typeof sweepCommand, ...args: string[]) {
  const [out, error] = [[] as string[], [] as string[]]
  const code = await run(command, args, {
    out: { write: (text) => out.push(text) },
    error: { write: (text) => error.push(text) },
  })
  return { code, out: out.join(''), error: error.join('') }
}

/** Asserts exit code 1, one line of complaint, and nothing else. */
async function complains(args: readonly string[], message: RegExp, command = sweepCommand): Promise<void> {
  const { code, out, error } = await printed(command, ...args)
  assert.is(code, 1, error)
  assert.match(error, message)
  assert.is(error.trim().split('\n').length, 1, error)
  assert.is(out, '')
}

const sweepFile = (content: object | string): string => {
  const file = join(temporary(), 'sweep.yaml')
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

const space = { 'algorithm.std': { logUniform: [0.01, 1] } }

test('a bad file, space or option is one line, before anything is made', async () => {
  await complains(['/nowhere.yaml'], /^error: cannot read \/nowhere\.yaml: no such file or directory/)
  await complains([sweepFile('space: [')], /^error: .*sweep\.yaml: not YAML/)
  await complains([sweepFile({})], /the group "space" is missing/)
  await complains([sweepFile({ spaces: {} })], /unknown group "spaces"; did you mean "space"\?/)
  await complains([sweepFile({ space: 3 })], /space: expected a group of options, found 3/)
  await complains([sweepFile({ space: { 'algorithm.sdt': { uniform: [0, 1] } } })], /did you mean "algorithm\.std"\?/)
  await complains([sweepFile({ space, sweep: { sampler: 'tpee' } })], /sampler: "tpee" given/)
  await complains(
    [sweepFile({ space, environment: { id: 'MNITS' } })],
    /unknown environment "MNITS"; did you mean "MNIST"\?/,
  )
  await complains([sweepFile({ space }), '--trials', '0'], /0 given; expected a whole number from 1/)
  await complains([sweepFile({ space }), '--job', '2'], /unknown option '--job'; did you mean --jobs\?/)
  await complains(['status', '/nowhere'], /\/nowhere holds no sweep/)
  await complains(['report', '/nowhere'], /\/nowhere holds no sweep/)
  await complains(['report', '--topp', '1', '/nowhere'], /unknown option '--topp'; did you mean --top\?/)
})

test('an unreachable Redis, a password on the command line and a place that cannot be written are one line', async () => {
  const out = join(temporary(), 'sweep')
  const file = sweepFile({ environment: { id: 'probe/prediction' }, space })
  await complains([file, '--out', out, '--queue', 'redis://me:secret@example'], /leave name and password out/)
  const { code, error } = await printed(sweepCommand, file, '--out', out, '--queue', 'redis://127.0.0.1:1')
  assert.is(code, 1)
  assert.match(error, /^error: cannot reach Redis at 127\.0\.0\.1:1 \(ECONNREFUSED\)[^\n]*\n$/)
  const worker = ['--queue', 'redis://127.0.0.1:1', '--out', join(temporary(), 'worker')]
  await complains(worker, /^error: cannot reach Redis at 127\.0\.0\.1:1/, workerCommand)
  await complains([], /required option '--queue <url>'/, workerCommand)

  await complains(
    [sweepFile({ space }), '--out', '/dev/null/x'],
    /cannot make the directory \/dev\/null\/x: a part of the path is not a directory/,
  )
})

test('status and report say what came of a sweep: counts, the best, and a config file that train takes', async () => {
  const directory = temporary()
  const definition = define(
    { trials: 12, seeds: 2, scheduler: 'asha' },
    {
      agent: { hiddenUnits: 64 },
      space: {
        fall: { choice: ['constant', 'falling'] },
        'algorithm.std': { logUniform: [0.01, 1] },
        'algorithm.finalStd': [
          { sameAs: 'algorithm.std', when: { fall: 'constant' } },
          { logUniform: [0.001, 0.1], when: { fall: 'falling' } },
        ],
        'training.learningRate': { logUniform: [1e-4, 1e-1] },
      },
    },
  )
  const opened = openSweep(directory, definition)
  const pool = new LocalPool({ directory: opened.runs, jobs: 2, retries: 0, runSegment: fakeTraining() })
  await new Sweep(opened.definition, opened.journal, pool).run()
  opened.close()

  const status = await printed(sweepCommand, 'status', directory)
  assert.match(status.out, /12 trials by random, scheduler asha, 2 seeds each/)
  assert.match(status.out, /\d complete, \d+ stopped early, 0 failed, 0 under way, 0 resting, 0 to come/)

  const report = await printed(sweepCommand, 'report', directory, '--top', '3')
  assert.is(report.code, 0, report.error)
  const lines = report.out.trim().split('\n')
  assert.match(lines[0]!, /trial +validation error +epochs +outcome +fall +algorithm\.std +algorithm\.finalStd/)
  assert.is(lines.filter((line) => /^\d/.test(line)).length, 3)
  assert.match(lines[1]!, /\d+\.\d\d ± 0\.00 %/)
  const files = lines.slice(4)
  assert.equal(
    files.map((path) => path.split('/').pop()),
    ['best.yaml', 'options.svg', 'parallel.svg', 'curves.svg'],
  )
  for (const path of files.slice(1)) assert.match(readFileSync(path, 'utf8'), /^<svg [\s\S]*<\/svg>$/)

  const { trials } = readSweep(directory)
  const best = [...trials.all].sort((a, b) => trials.cost(a) - trials.cost(b))[0]!
  const config = completeConfig(readConfigFile(files[0]!))
  assert.is(config.algorithm.std, best.point['algorithm.std'])
  assert.is(config.training.learningRate, best.point['training.learningRate'])
  assert.is(config.agent.hiddenUnits, 64)
  assert.is(parse(readFileSync(files[0]!, 'utf8')).fall, undefined)
})

test('the example is a sweep', () => {
  const { options, space } = defineSweep(readConfigFile('examples/sweep.yaml', ['sweep', 'space']))
  assert.is(options.scheduler, 'asha')
  assert.ok(space.some(({ name }) => name === 'algorithm.std'))
})

test.run()
