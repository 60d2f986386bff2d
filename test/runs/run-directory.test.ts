import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { RunConfig } from '../../src/runs/config.ts'
import type { EpochRecord, Summary } from '../../src/runs/records.ts'
import { RunDirectory } from '../../src/runs/run-directory.ts'

const config = {
  environment: { id: 'MNIST', glimpseSide: 8 },
  agent: { name: 'ram' },
  algorithm: { name: 'reinforce' },
  training: { seed: 1 },
  imports: [],
} as unknown as RunConfig

const record = (epoch: number): EpochRecord => ({
  epoch,
  epochs: 9,
  train: { loss: 1 / epoch },
  best: true,
  learningRate: 0.001,
  seconds: 1,
  imagesPerSecond: 1000,
  steps: 6000,
  measure: 'error' as const,
})

const temporary = (): string => mkdtempSync(join(tmpdir(), 'saccade-'))

/** Asserts that something is refused for a reason that a person can read: one line, a UserError. */
function refused(act: () => unknown, message: RegExp): void {
  assert.throws(act, (error: Error) => {
    assert.is(error.name, 'UserError', error.stack)
    assert.match(error.message, message)
    assert.not.match(error.message, /\n/)
    return true
  })
}

test('a run begins with its whole configuration, and is opened with it', () => {
  const path = join(temporary(), 'deep', 'run')
  RunDirectory.create(config, path).close()
  assert.equal(JSON.parse(readFileSync(join(path, 'config.json'), 'utf8')), config)
  assert.equal(RunDirectory.open(path).config, config)
})

test('without a path, runs are numbered by environment and algorithm', () => {
  const before = process.cwd()
  process.chdir(temporary())
  try {
    const made = [1, 2].map(() => RunDirectory.create(config))
    assert.equal(
      made.map(({ path }) => path),
      ['runs/MNIST-reinforce-001', 'runs/MNIST-reinforce-002'],
    )
    for (const run of made) run.close()
  } finally {
    process.chdir(before)
  }
})

test('a directory that holds a run is not begun anew; one that has learned nothing yet is', () => {
  const path = temporary()
  RunDirectory.create(config, path).close()
  mkdirSync(join(path, 'checkpoints', 'last'), { recursive: true })
  writeFileSync(join(path, 'checkpoints', 'last', 'epoch-0001-00000.safetensors'), 'half written')
  const other = { ...config, training: { seed: 2 } } as unknown as RunConfig
  const run = RunDirectory.create(other, path)
  assert.equal(RunDirectory.open(path).config, other)
  assert.not(existsSync(join(path, 'checkpoints')))
  run.appendEpoch(record(1))
  run.close()
  refused(() => RunDirectory.create(config, path), /already holds a run; go on with it by --resume .*, or .* --out/)
})

test('a directory that is renamed or removed while it is trained in is told, and not made anew', () => {
  const path = join(temporary(), 'run')
  const run = RunDirectory.create(config, path)
  run.appendEpoch(record(1))
  renameSync(path, `${path}-elsewhere`)
  const gone = /run: the run's directory was removed or renamed while it was trained in; .*--resume/
  refused(() => run.appendEpoch(record(2)), gone)
  refused(() => run.writeSummary({} as Summary), gone)
  run.close()
  assert.not(existsSync(path))
  assert.equal(RunDirectory.open(`${path}-elsewhere`).epochs(), [record(1)])
})

test('what is no file of a run is named, and nothing waits for it', () => {
  const path = temporary()
  assert.is(spawnSync('mkfifo', [join(path, 'config.json')]).status, 0)
  refused(() => RunDirectory.open(path), /config\.json: a special file, not a file$/)
  rmSync(join(path, 'config.json'))
  symlinkSync('config.json', join(path, 'config.json'))
  refused(() => RunDirectory.open(path), /cannot read .*config\.json: its links lead in a circle \(ELOOP\)/)
  rmSync(join(path, 'config.json'))
  const run = RunDirectory.create(config, path)
  symlinkSync('/dev/zero', join(path, 'summary.json'))
  refused(() => run.summary(), /summary\.json: a special file, not a file$/)
  writeFileSync(join(path, 'metrics.jsonl'), '')
  truncateSync(join(path, 'metrics.jsonl'), 2 ** 29)
  refused(() => run.epochs(), /metrics\.jsonl: 537 MB; at most 268 MB are read$/)
  run.close()
})

test('a directory without a run is neither opened nor resumed', () => {
  refused(() => RunDirectory.open('/nowhere/run'), /^\/nowhere\/run holds no run: no such directory$/)
  const path = temporary()
  refused(() => RunDirectory.resume(path), /holds no run: .*config\.json is missing/)
  writeFileSync(join(path, 'config.json'), '{"environment":')
  refused(() => RunDirectory.open(path), /config\.json: not JSON/)
  const wrong = (content: unknown, message: RegExp): void => {
    writeFileSync(join(path, 'config.json'), JSON.stringify(content))
    refused(() => RunDirectory.open(path), message)
  }
  wrong({ environment: {} }, /config\.json: not a run's configuration: the group "agent" is missing/)
  wrong(null, /the group "environment" is missing/)
  wrong({ ...config, environment: { id: null } }, /environment\.id: null given; expected a name/)
  wrong({ ...config, algorithm: { name: 5 } }, /algorithm\.name: 5 given; expected a name/)
  wrong({ ...config, imports: [''] }, /imports: \[""\] given; expected a list of modules/)
})

test('epochs are appended and read back; a half-written last line does not count', () => {
  const run = RunDirectory.create(config, temporary())
  assert.equal(run.epochs(), [])
  run.appendEpoch(record(1))
  run.appendEpoch(record(2))
  appendFileSync(join(run.path, 'metrics.jsonl'), '{"epoch":3,"tra')
  assert.equal(run.epochs(), [record(1), record(2)])
  run.close()
})

test('rewinding drops the half-written line, the epochs after the checkpoint, and the summary', () => {
  const run = RunDirectory.create(config, temporary())
  const path = join(run.path, 'metrics.jsonl')
  for (const epoch of [1, 2, 3]) run.appendEpoch(record(epoch))
  appendFileSync(path, '{"epoch":4')
  run.writeSummary({ seed: 1 } as Summary)
  assert.equal(run.summary(), { seed: 1 })
  run.rewind(2)
  assert.is(readFileSync(path, 'utf8'), `${JSON.stringify(record(1))}\n${JSON.stringify(record(2))}\n`)
  assert.is(run.summary(), undefined)
  run.appendEpoch(record(3))
  assert.equal(
    run.epochs().map(({ epoch }) => epoch),
    [1, 2, 3],
  )
  run.close()
})

test('a garbled line in the middle is named, not skipped', () => {
  const run = RunDirectory.create(config, temporary())
  appendFileSync(
    join(run.path, 'metrics.jsonl'),
    `${JSON.stringify(record(1))}\ngarbage\n${JSON.stringify(record(3))}\n`,
  )
  refused(() => run.epochs(), /metrics\.jsonl: line 2 is not JSON: "garbage"/)
  writeFileSync(join(run.path, 'metrics.jsonl'), `${JSON.stringify(record(1))}\nnull\n`)
  refused(() => run.epochs(), /metrics\.jsonl: line 2 is no epoch: "null"; remove it or train anew/)
  run.close()
})

test('one process at a time trains in a directory; when it is killed, another may', async () => {
  const path = temporary()
  const script = `
    import { RunDirectory } from '${new URL('../../src/runs/run-directory.ts', import.meta.url)}'
    RunDirectory.create(${JSON.stringify(config)}, ${JSON.stringify(path)})
    process.stdout.write('held')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  refused(() => RunDirectory.resume(path), new RegExp(`process ${child.pid} on .* has been training here since`))
  assert.equal(RunDirectory.open(path).config, config, 'reading is always possible')
  child.kill('SIGKILL')
  await once(child, 'close')
  assert.ok(existsSync(join(path, 'lock')))
  const run = RunDirectory.resume(path)
  refused(() => RunDirectory.resume(path), /has been training here since/)
  run.close()
  assert.not(existsSync(join(path, 'lock')))
})

test('a lock of an earlier process of the same number, of a zombie, or one that was half written, is taken over', async () => {
  const run = RunDirectory.create(config, temporary())
  const lock = join(run.path, 'lock')
  const mine = JSON.parse(readFileSync(lock, 'utf8'))
  run.close()
  for (const stale of [JSON.stringify({ ...mine, birth: 'another boot/1' }), '', '{"pid":']) {
    writeFileSync(lock, stale)
    RunDirectory.resume(run.path).close()
  }
  if (process.platform === 'linux') {
    // a zombie: dead, and its parent, a shell that has become another program by then, never asks about it
    const parent = spawn('sh', ['-c', 'exec 3<&0; head -c 1 <&3 >&2 & echo $!; exec sleep 60'])
    const [printed] = await once(parent.stdout, 'data')
    const zombie = Number(String(printed).trim())
    const fields = (pid: number | undefined): string[] => readFileSync(`/proc/${pid}/stat`, 'utf8').split(/[()] ?/)
    const until = async (so: () => boolean): Promise<void> => {
      while (!so()) await new Promise((done) => setTimeout(done, 5))
    }
    await until(() => fields(parent.pid)[1] === 'sleep')
    parent.stdin.write('.')
    await until(() => fields(zombie)[2]!.startsWith('Z'))
    const birth = `${String(mine.birth).split('/')[0]}/${fields(zombie)[2]!.split(' ')[19]}`
    writeFileSync(lock, JSON.stringify({ ...mine, pid: zombie, birth }))
    RunDirectory.resume(run.path).close()
    parent.kill('SIGKILL')
  }
  writeFileSync(lock, JSON.stringify({ ...mine, host: 'elsewhere' }))
  refused(() => RunDirectory.resume(run.path), /on elsewhere .*\(if it no longer runs, delete this file\)/)
})

test('kill -9 and a new start in the same moment: the lock of a process that the system is still taking down is taken over', async () => {
  const path = temporary()
  // with memory that takes the system a while to take back
  const script = `
    import { RunDirectory } from '${new URL('../../src/runs/run-directory.ts', import.meta.url)}'
    RunDirectory.create(${JSON.stringify(config)}, ${JSON.stringify(path)})
    globalThis.kept = Buffer.alloc(3e8, 1)
    process.stdout.write('held')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  RunDirectory.resume(path).close()
})

test('a lock whose holder loses its parent is waited for; one whose holder has it still is not', async () => {
  const path = temporary()
  const holder = `
    import { RunDirectory } from '${new URL('../../src/runs/run-directory.ts', import.meta.url)}'
    RunDirectory.create(${JSON.stringify(config)}, ${JSON.stringify(path)})
    process.on('disconnect', () => setTimeout(process.exit, 300)) // busy a while longer
    process.stdout.write('held')`
  const script = `
    import { spawn } from 'node:child_process'
    spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', ${JSON.stringify(holder)}], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(parent.stdout, 'data')
  refused(() => RunDirectory.resume(path), /has been training here since/)
  parent.kill('SIGKILL')
  RunDirectory.resume(path).close()
})

test('of processes that take a lock in the same moment exactly one gets it, whether it is free or left by the dead', () => {
  const script = fileURLToPath(new URL('../trials/lockrace.ts', import.meta.url))
  for (const kind of ['fresh', 'stale']) {
    const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', script, kind, '4', '60'], { encoding: 'utf8' })
    const { none, one, several, unexpected } = JSON.parse(stdout)
    assert.equal({ none, one, several, unexpected }, { none: 0, one: 60, several: 0, unexpected: [] }, kind)
  }
})

test('the lock goes when the process ends by itself', () => {
  const path = temporary()
  const script = `
    import { RunDirectory } from '${new URL('../../src/runs/run-directory.ts', import.meta.url)}'
    RunDirectory.create(${JSON.stringify(config)}, ${JSON.stringify(path)})`
  assert.is(spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]).status, 0)
  assert.not(existsSync(join(path, 'lock')))
})

test('a run that could not begin leaves nothing; one that did, or a directory of other files, stays', () => {
  const empty = RunDirectory.create(config, join(temporary(), 'run'))
  empty.discard()
  assert.not(existsSync(empty.path))
  const begun = RunDirectory.create(config, join(temporary(), 'run'))
  begun.appendEpoch(record(1))
  begun.discard()
  assert.ok(existsSync(join(begun.path, 'metrics.jsonl')))
})

test('a path through a file, and a full disk, are named in one line', () => {
  const file = join(temporary(), 'file')
  writeFileSync(file, '')
  refused(
    () => RunDirectory.create(config, join(file, 'run')),
    /cannot make the directory .*: a part of the path is not a directory \(ENOTDIR\)/,
  )
  const run = RunDirectory.create(config, temporary())
  symlinkSync('/dev/full', join(run.path, 'metrics.jsonl'))
  refused(() => run.appendEpoch(record(1)), /cannot write .*metrics\.jsonl: the disk is full \(ENOSPC\)/)
  symlinkSync('/dev/full', join(run.path, 'summary.json.tmp'))
  refused(() => run.writeSummary({} as Summary), /cannot write .*summary\.json: the disk is full \(ENOSPC\)/)
  assert.not(existsSync(join(run.path, 'summary.json')))
  run.close()
})

test.run()
