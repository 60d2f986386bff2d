// Every picture of the README and the documents, for light pages and for dark ones, from what is in the repository:
// `node --conditions=saccade-source --import tsx scripts/pictures.ts [name ...]`. What each was made of is noted in
// docs/pictures.json, so that a test can tell when one is stale. Those of pages need a Chromium, worlds.png needs CIFAR-10.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import '../src/catalogue.ts'
import { UserError } from '../src/core/errors.ts'
import { suggestion } from '../src/core/options.ts'
import { writeWhole } from '../src/runs/files.ts'
import { darkened } from './dark.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const docs = join(root, 'docs')

/** Of which files of the repository a picture is made, and how. A folder stands for all that is in it. */
type Drawn = { readonly inputs: readonly string[]; draw(): Promise<string | Uint8Array> }

const records = ['mnist-6', 'translated-8', 'cluttered-8', 'cluttered100-8'].map((row) => `results/${row}`)
const look = ['scripts/dark.ts', 'src/report/theme.ts', 'src/report/palette.ts']
const pages = [
  'scripts/pictures-of-pages.ts',
  'web/theme.css',
  'web/charts.css',
  'web/gaze-figures.ts',
  'src/report/line-chart.ts',
  'src/report/palette.ts',
]
const charts = ['src/report/line-chart.ts', 'src/report/sheet.ts', ...look]

/** All pictures in docs/, by file name. */
export const pictures: Readonly<Record<string, Drawn>> = {
  ...inBoth('gaze-cluttered', 'gif', filmOf('cluttered-100', [0, 1, 2, 3, 4, 5])),
  ...inBoth('gaze-circle-square', 'gif', filmOf('circle-square', [0, 401, 802, 1203, 1001, 300])),
  ...inBoth('worlds', 'png', {
    inputs: [...['scripts/pictures-of-worlds.ts', 'src/env/vision', 'src/report/gaze.ts'], ...look],
    draw: async (dark) => (await import('./pictures-of-worlds.ts')).drawWorlds(dark),
  }),
  ...inBoth('learning', 'svg', {
    inputs: ['scripts/pictures-of-results.ts', ...charts, ...records],
    draw: async () => (await import('./pictures-of-results.ts')).drawLearning(join(root, 'results')),
  }),
  ...photographed('dashboard', {
    inputs: ['web/dashboard', 'scripts/pictures-of-results.ts', ...pages, ...records],
    draw: async () => (await import('./pictures-of-pages.ts')).drawDashboard(join(root, 'results')),
  }),
  ...photographed('playground', {
    inputs: [
      ...['index.html', 'style.css', 'search.ts', 'film.ts'].map((name) => `web/playground/${name}`),
      ...['web/scene.ts', 'zoo/cluttered-100/agent.safetensors', ...pages],
    ],
    draw: async () => (await import('./pictures-of-pages.ts')).drawPlayground(),
  }),
  ...inBoth('compare-cluttered', 'svg', comparisonOf('compare-cluttered')),
  ...inBoth('stop-curve', 'svg', comparisonOf('stop-curve')),
  ...inBoth('sweep-options', 'svg', {
    inputs: [
      ...['docs/recorded/sweep-options.json', 'examples/sweep.yaml', 'scripts/pictures-of-recorded.ts'],
      ...['src/sweep/pictures.ts', ...charts],
    ],
    draw: async () => (await import('./pictures-of-recorded.ts')).drawRecordedSweep(root),
  }),
}

/** A picture that is drawn for light pages and for dark ones; an SVG is darkened here. */
type InBoth = { readonly inputs: readonly string[]; draw(dark: boolean): Promise<string | Uint8Array> }

/** `NAME.TYPE` and `NAME-dark.TYPE`. */
function inBoth(name: string, type: string, { inputs, draw }: InBoth): Readonly<Record<string, Drawn>> {
  const darkOne = async (): Promise<string | Uint8Array> => {
    const drawn = await draw(true)
    return typeof drawn === 'string' ? darkened(drawn) : drawn
  }
  return {
    [`${name}.${type}`]: { inputs, draw: () => draw(false) },
    [`${name}-dark.${type}`]: { inputs, draw: darkOne },
  }
}

/** A page, photographed once for both. */
function photographed(name: string, { inputs, draw }: Photographed): Readonly<Record<string, Drawn>> {
  let photographs: ReturnType<typeof draw> | undefined
  return inBoth(name, 'png', {
    inputs,
    draw: async (dark) => {
      photographs ??= draw()
      return (await photographs)[dark ? 'dark' : 'light']
    },
  })
}

type Photographed = {
  readonly inputs: readonly string[]
  draw(): Promise<{ readonly light: Uint8Array; readonly dark: Uint8Array }>
}

/** A film of an agent of the zoo. */
function filmOf(name: string, items: readonly number[]): InBoth {
  const drawing = ['scripts/pictures-of-zoo.ts', 'src/report/film.ts', 'src/report/gif.ts', ...look]
  return {
    inputs: [`zoo/${name}/agent.safetensors`, ...drawing],
    draw: async (dark) => (await import('./pictures-of-zoo.ts')).drawFilm(name, items, dark),
  }
}

/** What `compare` came to once. */
function comparisonOf(name: string): InBoth {
  return {
    inputs: [
      ...[`docs/recorded/${name}.json`, 'scripts/pictures-of-recorded.ts', 'src/report/comparison.ts', ...charts],
    ],
    draw: async () => (await import('./pictures-of-recorded.ts')).drawRecordedComparison(root, name),
  }
}

/** What a picture was made of: the SHA-256 of every input. */
export type Note = { readonly inputs: Readonly<Record<string, string>> }

/** docs/pictures.json. */
export const readManifest = (): Readonly<Record<string, Note>> =>
  JSON.parse(readFileSync(join(docs, 'pictures.json'), 'utf8'))

/** What a picture would be made of now. */
export const noteOf = ({ inputs }: Drawn): Note => ({
  inputs: Object.fromEntries(inputs.map((path) => [path, hashOf(path)])),
})

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

/** Draw these, or all. */
async function main(names: readonly string[]): Promise<void> {
  const known = Object.keys(pictures)
  for (const name of names)
    if (!known.includes(name)) throw new UserError(`unknown picture "${name}"${suggestion(name, known)}`)
  const notes = new Map(Object.entries(readManifest()))
  const write = (): void => {
    const sorted = Object.fromEntries(known.flatMap((name) => (notes.has(name) ? [[name, notes.get(name)]] : [])))
    writeWhole(join(docs, 'pictures.json'), `${JSON.stringify(sorted, undefined, 2)}\n`)
  }
  for (const [name, picture] of Object.entries(pictures)) {
    if (names.length > 0 && !names.includes(name)) continue
    writeWhole(join(docs, name), await picture.draw())
    notes.set(name, noteOf(picture))
    write()
    console.log(`docs/${name}`)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await main(process.argv.slice(2)).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error
    console.error(`error: ${error.message}`)
    process.exitCode = 1
  })
