// The two web pages, built from web/ by Vite: a folder of static files with relative addresses. In an installed package
// they come built along.

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UserError } from '../src/core/errors.ts'
import type { Page } from '../src/dashboard/server.ts'
import { writeWhole } from '../src/runs/files.ts'

const web = fileURLToPath(new URL('../web/', import.meta.url))

/** Build a page. @throws UserError where it would need Node, or Vite is not installed. */
export async function buildPage(name: 'dashboard' | 'playground'): Promise<Page> {
  const { build } = await import('vite').catch(() => {
    throw new UserError('the page is built by Vite, which is not installed; npm install')
  })
  const noNode = {
    name: 'no-node',
    enforce: 'pre' as const,
    resolveId(source: string, importer?: string) {
      if (!source.startsWith('node:')) return null
      throw new UserError(`${importer} imports ${source}: what a page uses must run in a browser`)
    },
  }
  const result = await build({
    configFile: false,
    root: join(web, name),
    base: './',
    logLevel: 'error',
    plugins: [noNode],
    worker: { format: 'es', plugins: () => [noNode] },
    // of tfjs-layers a page needs the gradients alone, which it brings
    resolve: { alias: { '@tensorflow/tfjs-layers': '@tensorflow/tfjs-core/dist/register_all_gradients.js' } },
    build: {
      write: false,
      target: 'es2022',
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 4096,
      modulePreload: { polyfill: false },
    },
  })
  const { output } = [result].flat()[0] as { output: readonly Built[] }
  return new Map(
    output.map((file) => [file.fileName, Buffer.from(file.type === 'chunk' ? file.code : file.source)] as const),
  )
}

type Built =
  | { readonly fileName: string; readonly type: 'chunk'; readonly code: string }
  | { readonly fileName: string; readonly type: 'asset'; readonly source: string | Uint8Array }

/**
 * The files of the playground that come along: its agents, digits to pick from, and digits to learn from. agents.json says
 * which agents there are: `look` always, `search` where the zoo has one of the cluttered world.
 */
export function playgroundAssets(): Map<string, Uint8Array> {
  const files = readPage(join(web, 'playground', 'assets'))
  const search = join(web, '..', 'zoo', 'cluttered-100', 'agent.safetensors')
  if (existsSync(search)) files.set('search.safetensors', readFileSync(search))
  return withAgents(files)
}

/** The files with the list of the agents among them. */
export function withAgents(files: Map<string, Uint8Array>): Map<string, Uint8Array> {
  const agents = { look: 'agent.safetensors', ...(files.has('search.safetensors') && { search: 'search.safetensors' }) }
  return files.set('agents.json', Buffer.from(JSON.stringify(agents)))
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
  return new Map([...(await buildPage('playground')), ...playgroundAssets()])
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
