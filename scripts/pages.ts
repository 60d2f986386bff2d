// The two web pages, built from web/ by Vite: a folder of static files with relative addresses. In an installed package
// they come built along.

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'
import { UserError } from '../src/core/errors.ts'
import type { Page } from '../src/dashboard/server.ts'
import { writeWhole } from '../src/runs/files.ts'

const serviceWorkerFile = 'service-worker.js'
const web = fileURLToPath(new URL('../web/', import.meta.url))

/** Build a page. @throws UserError where it would need Node, or Vite is not installed. */
export async function buildPage(name: 'dashboard' | 'playground'): Promise<Page> {
  const { build } = await import('vite').catch(() => {
    throw new UserError('the page is built by Vite, which is not installed; npm install')
  })
  const packages = new Set<string>()
  const plugins = () => [noNode, packedAssets, noteOfPackages(packages)]
  // every file of TensorFlow.js repeats its licence, which is hundreds of kB; licences.txt has each once
  const rolldownOptions = { output: { comments: { legal: false } } }
  const result = await build({
    configFile: false,
    root: join(web, name),
    base: './',
    logLevel: 'error',
    plugins: [...plugins(), ...(name === 'playground' ? [serviceWorker] : [])],
    worker: { format: 'es', plugins, rolldownOptions },
    resolve: {
      alias: [
        // of tfjs-layers a page needs the gradients alone, which it brings
        { find: '@tensorflow/tfjs-layers', replacement: '@tensorflow/tfjs-core/dist/register_all_gradients.js' },
        // a page has no threads of WebAssembly
        { find: '../wasm-out/tfjs-backend-wasm-threaded-simd.js', replacement: '../wasm-out/tfjs-backend-wasm.js' },
      ],
    },
    build: {
      write: false,
      target: 'es2022',
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 4096,
      modulePreload: { polyfill: false },
      rolldownOptions,
    },
  })
  const { output } = [result].flat()[0] as { output: readonly Built[] }
  return new Map([
    ...output.map((file) => [file.fileName, Buffer.from(file.type === 'chunk' ? file.code : file.source)] as const),
    ...(packages.size > 0 ? [['licences.txt', Buffer.from(licencesOf([...packages].sort()))] as const] : []),
  ])
}

const noNode: Plugin = {
  name: 'no-node',
  enforce: 'pre',
  resolveId(source, importer) {
    if (!source.startsWith('node:')) return null
    throw new UserError(`${importer} imports ${source}: what a page uses must run in a browser`)
  },
}

/** `import address from 'some/file?packed'`: the file is put beside the page as .gz, since not every host packs what it sends. */
const packedAssets: Plugin = {
  name: 'packed-assets',
  enforce: 'pre',
  async load(id) {
    const path = /^(.*)\?packed$/.exec(id)?.[1]
    if (path === undefined) return null
    const file = {
      type: 'asset' as const,
      name: `${basename(path)}.gz`,
      source: gzipSync(readFileSync(path), { level: 9 }),
    }
    return `export default import.meta.ROLLUP_FILE_URL_${this.emitFile(file)}`
  },
}

/** A script of its own beside the page, since a service worker sees only what is at or below its own address. */
const serviceWorker: Plugin = {
  name: 'service-worker',
  buildStart() {
    this.emitFile({ type: 'chunk', id: join(web, 'playground', 'service-worker.ts'), fileName: serviceWorkerFile })
  },
}

/** Notes the directories of the packages that go into a page. */
const noteOfPackages = (packages: Set<string>): Plugin => ({
  name: 'note-of-packages',
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle))
      for (const id of file.type === 'chunk' ? file.moduleIds : []) {
        const directory = /^.*\/node_modules\/(@[^/]+\/)?[^/]+/.exec(id.replaceAll('\\', '/'))?.[0]
        if (directory?.startsWith('/') || /^\w:/.test(directory ?? '')) packages.add(directory!)
      }
  },
})

/** What packages are called, whose they are, and the texts of their licences, each text once. */
function licencesOf(packages: readonly string[]): string {
  const texts = new Set<string>()
  const lines = packages.map((directory) => {
    const { name, version, license, author } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
    const file = readdirSync(directory).find((each) => /^licen[cs]e/i.test(each))
    if (file !== undefined) texts.add(readFileSync(join(directory, file), 'utf8').trim())
    return `${name} ${version}: ${license}, ${author?.name ?? author ?? 'Google LLC and contributors'}`
  })
  return `${['This page is made of Saccade (MIT) and of:', lines.join('\n'), ...texts].join('\n\n')}\n`
}

type Built =
  | { readonly fileName: string; readonly type: 'chunk'; readonly code: string }
  | { readonly fileName: string; readonly type: 'asset'; readonly source: string | Uint8Array }

/** The files of the playground that come along: its agents, digits to pick from, and digits to learn from. */
export function playgroundAssets(): Map<string, Uint8Array> {
  const files = readPage(join(web, 'playground', 'assets'))
  const search = join(web, '..', 'zoo', 'cluttered-100', 'agent.safetensors')
  if (existsSync(search)) files.set('search.safetensors', readFileSync(search))
  return files
}

/**
 * The files of the playground with two lists among them. agents.json says which agents there are: `look` always, `search`
 * where there is one of the cluttered world. files.js says what the service worker keeps, and as which version.
 */
export function withLists(page: Page): Map<string, Uint8Array> {
  const agents = { look: 'agent.safetensors', ...(page.has('search.safetensors') && { search: 'search.safetensors' }) }
  const files = new Map([...page, ['agents.json', Buffer.from(JSON.stringify(agents))]])
  files.delete('files.js')
  const names = [...files.keys()].sort()
  const hash = createHash('sha256')
  for (const name of names) hash.update(`${name}\0${files.get(name)!.length}\0`).update(files.get(name)!)
  const kept = {
    version: hash.digest('hex').slice(0, 16),
    // the browser keeps that one by itself
    files: names.filter((name) => name !== serviceWorkerFile),
  }
  return files.set('files.js', Buffer.from(`self.kept = ${JSON.stringify(kept)}\n`))
}

/** The dashboard's page: as it was built into the package, or built now from its source. */
export async function dashboardPage(): Promise<Page> {
  const directory = join(web, 'dashboard')
  return existsSync(join(directory, 'page.ts')) ? await buildPage('dashboard') : readPage(directory)
}

/** The playground, all files of it, in the same way. */
export async function playgroundPage(): Promise<Map<string, Uint8Array>> {
  const directory = join(web, 'playground')
  if (!existsSync(join(directory, 'page.ts'))) return readPage(directory)
  return withLists(new Map([...(await buildPage('playground')), ...playgroundAssets()]))
}

/** Put the files of a built page into a directory; what is left of an older one goes. */
export function writePage(page: Page, directory: string): void {
  rmSync(join(directory, 'assets'), { recursive: true, force: true })
  for (const [path, bytes] of page) writeWhole(join(directory, path), bytes)
}

/** The files of a built page. */
export function readPage(directory: string): Map<string, Uint8Array> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(directory, path).split(sep).join('/'), readFileSync(path)]),
  )
}
