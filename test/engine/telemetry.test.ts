// Nothing leaves the machine: trainings in processes of their own, with an empty home and an empty directory for temporary
// files, leave both without a trace of ONNX Runtime's usage data and open no socket.

import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import './onnx-required.ts'

const child = fileURLToPath(new URL('./telemetry-child.ts', import.meta.url))

type Said = { readonly engine?: string; readonly sockets?: readonly string[]; readonly error?: string }

/** What a training said, and every file that it left in its home and its directory for temporary files. */
async function trained(...how: string[]): Promise<Said & { readonly left: readonly string[] }> {
  const root = mkdtempSync(join(tmpdir(), 'saccade-'))
  const [home, temporary] = [join(root, 'home'), join(root, 'tmp')]
  for (const directory of [home, temporary]) mkdirSync(directory)
  const { ORT_DISABLE_TELEMETRY: _, ...env } = process.env
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', child, ...how], {
    env: { ...env, HOME: home, XDG_CACHE_HOME: join(home, '.cache'), TMPDIR: temporary },
  })
  const left = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (path) => !/^(home|tmp)$|^tmp\/tsx-/.test(path),
  )
  return { ...(JSON.parse(stdout) as Said), left }
}

const linux = process.platform === 'linux' ? test : test.skip
if (process.platform !== 'linux') console.log('SKIP looking for sockets: there is no /proc')

for (const [how, reached] of [
  ['koffi', /called directly/],
  ['binding', /through its Node binding/],
] as const)
  for (const workers of ['1', '2'])
    linux(
      `trained through ${how} with ${workers} workers, ONNX Runtime leaves no file and opens no socket`,
      async () => {
        const { engine, sockets, left } = await trained('main', how, workers)
        assert.match(engine!, reached)
        assert.equal(sockets, [])
        assert.equal(left, [])
      },
    )

linux("loaded first in a worker thread of the user's own, it leaves no file and opens no socket either", async () => {
  const { engine, sockets, left } = await trained('thread', 'koffi', '1')
  assert.match(engine!, /called directly/)
  assert.equal(sockets, [])
  assert.equal(left, [])
})

linux('a worker thread that cannot forbid the usage data, for want of koffi, does not load the library', async () => {
  const { error, left } = await trained('thread', 'binding', '1')
  assert.match(error!, /in a worker thread ONNX Runtime would send usage data; set ORT_DISABLE_TELEMETRY=1/)
  assert.equal(left, [])
})

test.run()
