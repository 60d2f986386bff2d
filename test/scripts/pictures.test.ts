// The pictures of the documents: each is known, is there, and was made of what is in the repository now.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { darkColours } from '../../scripts/dark.ts'
import { noteOf, pictures, readManifest } from '../../scripts/pictures.ts'
import { beliefFaint, faded, ink, paper, right, rule, unseen, wrong } from '../../src/report/theme.ts'
import { contrast } from '../report/colour.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const drawings = /\.(png|svg|gif)$/
const inDocs = readdirSync(join(root, 'docs')).filter((name) => drawings.test(name))

test('every picture of the documents is in the list, and every one of the list is there', () => {
  assert.equal(Object.keys(pictures).sort(), inDocs.sort())
  assert.equal(Object.keys(readManifest()).sort(), inDocs.sort())
})

const markdownIn = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
const documents = ['', 'docs', 'docs/worlds'].flatMap(markdownIn)
/** What each document shows, as paths from the root. */
const shown = documents.flatMap((path) => {
  const words = readFileSync(join(root, path), 'utf8')
  return [...words.matchAll(/!\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)]
    .map(([, inMarkdown, inMarkup]) => (inMarkdown ?? inMarkup)!)
    .filter((target) => !/^https?:/.test(target))
    .map((target) => ({ path, target: join(path, '..', target) }))
})

test('every picture that a document shows is there, and in both colours, and every one that is there is shown', () => {
  const missing = shown.filter(({ target }) => !existsSync(join(root, target)))
  assert.equal(missing, [])
  const targets = new Set(shown.map(({ target }) => target))
  assert.equal(
    inDocs.filter((name) => !targets.has(join('docs', name))),
    [],
  )
})

for (const [name, picture] of Object.entries(pictures))
  test(`docs/${name} was made of what is here now`, () => {
    const before = readManifest()[name]?.inputs ?? {}
    const now = noteOf(picture).inputs
    const changed = Object.keys(now).filter((path) => now[path] !== before[path])
    assert.equal(changed, [], `docs/${name} is stale; draw it anew: scripts/pictures.ts ${name}`)
  })

test('no two lines of a chart have one colour, on light paper or on dark', () => {
  for (const name of inDocs.filter((each) => each.startsWith('stop-curve'))) {
    const legend =
      readFileSync(join(root, 'docs', name), 'utf8').match(/<rect[^>]* rx="2" fill="#[0-9a-f]{6}"\/>/g) ?? []
    const colours = legend.map((each) => /fill="(#[0-9a-f]{6})"/.exec(each)![1])
    assert.is(colours.length, 9)
    assert.is(new Set(colours).size, 9)
  }
})

test('words and marks stand out from dark paper', () => {
  const dark = darkColours.get(paper)!
  for (const [colour, inDark] of darkColours)
    if (![paper, rule, unseen, beliefFaint].includes(colour))
      assert.ok(
        contrast(inDark, dark) >= ([ink, faded, right, wrong].includes(colour) ? 4.5 : 3),
        `${colour}: ${inDark}`,
      )
})

test.run()
