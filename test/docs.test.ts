// The documents: their links lead somewhere, and what they name is there.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const pages = ['.', 'docs', 'bench', 'zoo']
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
  .filter((path) => path.endsWith('.md'))

test('every link between the documents and to a file leads to one', () => {
  const links = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].map(([, target]) => ({ page, target: target! })),
  )
  assert.ok(links.length > 40, 'the links are found')
  const broken = links.filter(
    ({ page, target }) => !/^https?:/.test(target) && !existsSync(join(root, dirname(page), target)),
  )
  assert.equal(broken, [])
})

test('the functions that the walk through an iteration names are in the sources, and so are the files', () => {
  const [, walk = ''] = read('docs/architecture.md').split('## One training iteration')
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  )
  const text = sources.map((name) => read(join('src', name))).join('\n')
  const named = [...walk.matchAll(/`(?:\w+\.)?(\w+)(?:\([^`]*\))?`/g)].map(([, name]) => name!)
  assert.ok(named.length > 30, 'the names are found')
  const commands = ['npm', 'onnx'] // no function's name
  assert.equal(
    named.filter((name) => !commands.includes(name) && !new RegExp(`\\b${name}\\b`).test(text)),
    [],
  )
  const files = [...walk.matchAll(/[\w/-]+\.ts\b/g)].map(([name]) => name)
  assert.ok(files.length > 20, 'the files are found')
  assert.equal(
    files.filter(
      (file) => !file.startsWith('scripts/') && !sources.some((source) => `/${source}`.endsWith(`/${file}`)),
    ),
    [],
  )
})

test.run()
