// Run directories and config files of somebody else: what modules they name does not run unless somebody here said so, in no
// command; and nothing is written outside.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compareCommand } from '../../scripts/commands/compare.ts'
import { evaluateCommand } from '../../scripts/commands/evaluate.ts'
import { exportCommand } from '../../scripts/commands/export.ts'
import { reportCommand } from '../../scripts/commands/report.ts'
import type { Builder } from '../../scripts/commands/run.ts'
import { sweepCommand } from '../../scripts/commands/sweep.ts'
import { trainCommand } from '../../scripts/commands/train.ts'
import { userDecides } from '../../scripts/commands/trust.ts'
import { watchCommand } from '../../scripts/commands/watch.ts'
import { loadAgent } from '../../src/inference/load.ts'
import { completeConfig } from '../../src/runs/config.ts'
import { outcomeOf } from './help.ts'

const scratch = mkdtempSync(join(tmpdir(), 'saccade-'))
const canary = join(scratch, 'ran.txt')
const evil = join(scratch, 'evil.mjs')
writeFileSync(evil, `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(canary)}, 'ran')`)
const url = `data:text/javascript,import{writeFileSync}from'node:fs';writeFileSync(${JSON.stringify(canary)},'ran')`
const config = completeConfig({})

let number = 0
/** A run directory with this configuration, and `more` in it. */
function runWith(content: unknown, more: (run: string) => void = () => {}): string {
  const run = join(scratch, `run-${++number}`)
  mkdirSync(join(run, 'checkpoints', 'best'), { recursive: true })
  writeFileSync(join(run, 'config.json'), typeof content === 'string' ? content : JSON.stringify(content))
  more(run)
  return run
}

/** Ten run directories, and what is said of each. */
const hostile: readonly (readonly [run: string, why: RegExp])[] = [
  [runWith({ ...config, imports: [evil] }), /names modules, which are code and would run here: .*evil\.mjs; .*--trust/],
  [runWith({ ...config, imports: [url] }), /names modules, which are code and would run here: data:/],
  [runWith({ ...config, imports: ['node:repl', evil] }), /names modules, which are code and would run here/],
  [runWith({ ...config, imports: [''] }), /imports: \[""\] given; expected a list of modules/],
  [runWith({ ...config, imports: evil }), /imports: ".*" given; expected a list of modules/],
  [runWith({ ...config, imports: { length: 1, 0: evil } }), /expected a list of modules/],
  [runWith({ ...config, environment: { id: '__proto__' } }), /unknown environment "__proto__"/],
  [runWith({ ...config, environment: { ...config.environment, imports: [evil] } }), /unknown option "imports"/],
  [runWith('{"environment":'), /config\.json: not JSON/],
  [
    runWith(config, (run) => {
      const state = { format: 1, epoch: 1, iteration: 0, steps: 1, sums: {}, seconds: 1, config: {}, sha256: 'x' }
      const outside = { ...state, layout: [], vectors: ['parameters'], tensorFile: '../../../evil.mjs' }
      writeFileSync(join(run, 'checkpoints', 'best', 'state.json'), JSON.stringify(outside))
    }),
    /state\.json: corrupt checkpoint: tensorFile/,
  ],
  [
    runWith(config, (run) => symlinkSync('/dev/zero', join(run, 'checkpoints', 'best', 'state.json'))),
    /state\.json: a special file, not a file/,
  ],
]

const before = readdirSync(scratch).sort()

async function refused(builder: Builder, args: readonly string[], why: RegExp): Promise<void> {
  const { code, out, error } = await outcomeOf(builder, ...args)
  assert.match(`${out}${error}`, why, args.join(' '))
  assert.is(code, 1, error)
  assert.not(existsSync(canary), args.join(' '))
}

test('ten hostile run directories are refused in a line, and run nothing', async () => {
  assert.ok(hostile.length >= 10)
  for (const [run, why] of hostile) await refused(evaluateCommand, [run], why)
  assert.equal(readdirSync(scratch).sort(), before)
})

test('the name of a module cannot hide another from whoever reads it in a terminal', async () => {
  const disguised = `${evil}\r\x1b[2K\u202e./examples/own-world.ts\nRun nothing`
  const { error } = await outcomeOf(evaluateCommand, runWith({ ...config, imports: [disguised] }))
  assert.match(error, /evil\.mjs\\u000d\\u001b\[2K\\u202e\.\/examples/)
  assert.not.match(error.trimEnd(), /[\p{Cc}\u202e]/u)
})

test('no command runs the modules of a run directory or a config file, nor does --help', async () => {
  const [[run]] = hostile as [(typeof hostile)[0]]
  const why = /names modules, which are code and would run here/
  for (const [builder, ...args] of [
    [trainCommand, '--resume', run],
    [exportCommand, run],
    [watchCommand, run],
    [trainCommand, '--config', join(run, 'config.json')],
    [compareCommand, '--config', join(run, 'config.json')],
  ] as const)
    await refused(builder, args, why)
  // it warns, and draws what needs no code
  assert.match((await outcomeOf(reportCommand, run)).error, why)
  assert.not(existsSync(canary))
  const file = join(scratch, 'run-1', 'sweep.json')
  writeFileSync(file, JSON.stringify({ imports: [evil], space: { 'algorithm.std': { uniform: [0.1, 1] } } }))
  await refused(sweepCommand, [file], why)
  for (const args of [
    ['--resume', run, '--help'],
    ['--config', join(run, 'config.json'), '--help'],
  ]) {
    assert.is((await outcomeOf(trainCommand, ...args)).code, 0)
    assert.not(existsSync(canary))
  }
  await loadAgent(run).then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, why),
  )
  assert.not(existsSync(canary))
})

test('what the user named once is remembered, by its path; what only a file names is not', async () => {
  const state = mkdtempSync(join(tmpdir(), 'saccade-'))
  process.env.XDG_STATE_HOME = state
  const user = userDecides(false)
  assert.is(await user.admit([evil], 'a run'), false)
  user.remember([evil, 'package'])
  assert.is(await user.admit([evil], 'a run'), true)
  assert.is(await user.admit(['package'], 'a run'), true)
  assert.is(await user.admit([evil, join(scratch, 'other.mjs')], 'a run'), false)
  // the same name is another package elsewhere
  const here = process.cwd()
  process.chdir(scratch)
  assert.is(await user.admit(['package'], 'a run'), false)
  process.chdir(here)
  // --trust vouches, and is remembered
  assert.is(await userDecides(true).admit([url], 'a run'), true)
  writeFileSync(join(state, 'saccade', 'modules.json'), 'null')
  assert.is(await user.admit([evil], 'a run'), false)
})

test('with --trust, or named with --import, they run', async () => {
  const [[run]] = hostile as [(typeof hostile)[0]]
  const { error } = await outcomeOf(evaluateCommand, run, '--trust')
  assert.match(error, /checkpoints\/best: no checkpoint here/)
  assert.ok(existsSync(canary))
})

test.run()
