// The pictures of the documents: each is known, is there, and was made of what is in the repository now.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { noteOf, pictures, readManifest } from '../../scripts/pictures.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const drawings = /\.(png|svg|gif)$/
const inDocs = readdirSync(join(root, 'docs')).filter((name) => drawings.test(name))

test('every picture of the documents is in the list, and every one of the list is there', () => {
  assert.equal(Object.keys(pictures).sort(), inDocs.sort())
  assert.equal(Object.keys(readManifest()).sort(), inDocs.sort())
})

test('every picture that a document shows is there', () => {
  const documents = ['README.md', 'RESULTS.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)]
  const missing = documents
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) =>
      [...readFileSync(join(root, path), 'utf8').matchAll(/!\[[^\]]*\]\(([^)\s]+)\)/g)]
        .map(([, target]) => target!)
        .filter((target) => !/^https?:/.test(target) && !existsSync(join(root, path, '..', target)))
        .map((target) => `${path}: ${target}`),
    )
  assert.equal(missing, [])
})

for (const [name, picture] of Object.entries(pictures))
  if (!('command' in picture))
    test(`docs/${name} was made of what is here now`, () => {
      const { inputs: before = {} } = readManifest()[name] as { inputs?: Readonly<Record<string, string>> }
      const { inputs: now } = noteOf(picture) as { inputs: Readonly<Record<string, string>> }
      const changed = Object.keys(now).filter((path) => now[path] !== before[path])
      assert.equal(changed, [], `docs/${name} is stale; draw it anew: node --import tsx scripts/pictures.ts ${name}`)
    })

test.run()
