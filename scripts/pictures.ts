// Every picture of the README and the documents: `node --import tsx scripts/pictures.ts [name ...]` draws those that can be
// made from what is in the repository, and notes in docs/pictures.json what each was made of, so that a test can tell when
// one is stale. The others are listed there with the command that makes them.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import '../src/catalogue.ts'
import { UserError } from '../src/core/errors.ts'
import { suggestion } from '../src/core/options.ts'
import { writeWhole } from '../src/runs/files.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const docs = join(root, 'docs')

/** A picture that is made here: of which files of the repository, and how. A folder stands for all that is in it. */
type Drawn = { readonly inputs: readonly string[]; draw(): Promise<string | Uint8Array> }

/** A picture that is made elsewhere: of runs, by hand. */
type Other = { readonly command: string }

const records = ['mnist-6', 'translated-8', 'cluttered-8', 'cluttered100-8'].map((row) => `results/${row}`)
const look = ['src/report/theme.ts', 'src/report/palette.ts']

/** All pictures in docs/, by file name. */
export const pictures: Readonly<Record<string, Drawn | Other>> = {
  'worlds.png': {
    inputs: [
      ...['scripts/pictures-of-worlds.ts', 'src/env/vision', 'src/env/worlds/scenes.ts', 'src/env/worlds/catch.ts'],
      ...['src/report/gaze.ts', 'src/report/theme.ts'],
    ],
    draw: async () => (await import('./pictures-of-worlds.ts')).drawWorlds(),
  },
  'learning.svg': {
    inputs: ['scripts/pictures-of-results.ts', 'src/report/line-chart.ts', 'src/report/sheet.ts', ...look, ...records],
    draw: async () => (await import('./pictures-of-results.ts')).drawLearning(join(root, 'results')),
  },
  'dashboard.png': {
    inputs: [
      'web/dashboard',
      'web/theme.css',
      'web/charts.css',
      'web/gaze-figures.ts',
      'src/report/line-chart.ts',
      'src/report/palette.ts',
      ...records,
    ],
    draw: async () => (await import('./pictures-of-results.ts')).drawDashboard(join(root, 'results')),
  },
  'gaze-cluttered.gif': filmOf('cluttered-100', [0, 1, 2, 3, 4, 5]),
  'gaze-circle-square.gif': filmOf('circle-square', [0, 401, 802, 1203, 1001, 300]),
  'gaze-catch.gif': { command: 'npm run watch -- runs/reproduce/catch/seed-0 --items 0,3,5 --out docs' },
  'playground.png': { command: 'npm run playground, two runs in its Train tab, and a screenshot of the page' },
  'compare-cluttered.svg': { command: 'npm run compare, as docs/recipes.md says above the picture' },
  'stop-curve.svg': {
    command: 'npm run compare -- --vary glimpsePrice=..., as docs/recipes.md says above the picture',
  },
  'sweep-options.svg': { command: 'npm run sweep -- examples/sweep.yaml, and sweep report' },
}

/** A film of an agent of the zoo. */
function filmOf(name: string, items: readonly number[]): Drawn {
  const drawing = ['scripts/pictures-of-zoo.ts', 'src/report/film.ts', 'src/report/gif.ts', ...look]
  return {
    inputs: [`zoo/${name}/agent.safetensors`, ...drawing],
    draw: async () => (await import('./pictures-of-zoo.ts')).drawFilm(name, items),
  }
}

/** What a picture was made of: the SHA-256 of every input; or the command that makes it. */
export type Note = { readonly inputs: Readonly<Record<string, string>> } | Other

/** docs/pictures.json. */
export const readManifest = (): Readonly<Record<string, Note>> =>
  JSON.parse(readFileSync(join(docs, 'pictures.json'), 'utf8'))

/** What a picture would be made of now. */
export function noteOf(picture: Drawn | Other): Note {
  if ('command' in picture) return { command: picture.command }
  return { inputs: Object.fromEntries(picture.inputs.map((path) => [path, hashOf(path)])) }
}

/** The SHA-256 of a file, or of all files of a folder with their names. */
function hashOf(path: string): string {
  const hash = createHash('sha256')
  for (const file of filesOf(path))
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0')
  return hash.digest('hex')
}

function filesOf(path: string): string[] {
  if (/\.\w+$/.test(path)) return [path]
  const entries = readdirSync(join(root, path), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return files.map((file) => file.slice(root.length).replaceAll('\\', '/')).sort()
}

/** Draw these, or all that can be drawn. */
async function main(names: readonly string[]): Promise<void> {
  const known = Object.keys(pictures)
  for (const name of names)
    if (!known.includes(name)) throw new UserError(`unknown picture "${name}"${suggestion(name, known)}`)
  const notes = new Map(Object.entries(readManifest()))
  for (const [name, picture] of Object.entries(pictures)) {
    if ('command' in picture) notes.set(name, noteOf(picture))
    else if (names.length === 0 || names.includes(name)) {
      writeWhole(join(docs, name), await picture.draw())
      notes.set(name, noteOf(picture))
      console.log(`docs/${name}`)
    }
  }
  const sorted = Object.fromEntries(known.flatMap((name) => (notes.has(name) ? [[name, notes.get(name)]] : [])))
  writeWhole(join(docs, 'pictures.json'), `${JSON.stringify(sorted, undefined, 2)}\n`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await main(process.argv.slice(2)).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error
    console.error(`error: ${error.message}`)
    process.exitCode = 1
  })
