// docs/json-events.md says what `--json` prints; a real training prints it.

import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { reportProgress } from '../../src/report/progress.ts'
import { RunDirectory } from '../../src/runs/run-directory.ts'
import { newDirectory, smallConfig, trainOnce } from '../training/help.ts'

test('the page about --json names every event and every field of it', async () => {
  const page = readFileSync(new URL('../../docs/json-events.md', import.meta.url), 'utf8')
  const rows = new Map(
    [...page.matchAll(/^\| `(\w+)` \|(.*)$/gm)].map(([, event, row]): [string, string] => [event!, row!]),
  )
  const lines: string[] = []
  const out = { write: (text: string) => lines.push(text) }
  const config = smallConfig({ training: { epochs: 1 } })
  await trainOnce(config, RunDirectory.create(config, newDirectory()), (trainer) => {
    reportProgress(trainer, { out, error: out, json: true })
    trainer.emit('warning', 'for example')
  })
  const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.ok(
    lines.every((line) => line.endsWith('\n') && line.indexOf('\n') === line.length - 1),
    'an object a line',
  )
  assert.equal(
    [...rows.keys()].sort(),
    [...new Set(events.map(({ event }) => event as string))].sort(),
    'as many events as the page names',
  )
  const missing = events.flatMap(({ event, ...fields }) =>
    Object.keys(fields).flatMap((field) =>
      rows.get(event as string)!.includes(`\`${field}\``) ? [] : [`${event}: ${field}`],
    ),
  )
  assert.equal([...new Set(missing)], [])
})

test.run()
