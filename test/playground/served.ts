// The playground, built and served from deep in some other site, in a browser.

import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { buildPage, playgroundAssets, withLists } from '../../scripts/pages.ts'
import { createPageServer } from '../../src/dashboard/server.ts'
import { complaintsOf, launch, listen } from '../browser.ts'

/** Every file of the folder. Building fails where what it imports reaches a module of Node's. */
export const built = withLists(new Map([...(await buildPage('playground')), ...playgroundAssets()]))

export type Served = {
  readonly browser: Browser
  /** The address of the page. */
  readonly address: string
  close(): Promise<void>
}

/** Serve the page, with further files or without some of its own, and start a browser. */
export async function serve(
  more: ReadonlyMap<string, Uint8Array> = new Map(),
  without: readonly string[] = [],
): Promise<Served> {
  const own = [...built].filter(([path]) => !without.includes(path))
  const files = withLists(new Map([...own, ...more]))
  const server = createPageServer(new Map([...files].map(([path, bytes]) => [`some/site/${path}`, bytes])))
  const root = await listen(server)
  const browser = await launch()
  return {
    browser,
    address: `${root}some/site/index.html`,
    async close() {
      await browser.close()
      server.close()
      server.closeAllConnections()
    },
  }
}

/** The page, opened and ready, and what it complains of. */
export async function open(
  { browser, address }: Served,
  hash = '',
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1200, height: 860 }, reducedMotion: 'reduce', ...options })
  page.setDefaultTimeout(30_000)
  const complaints = complaintsOf(page, address.replace('index.html', ''))
  await page.goto(address + hash)
  await page.waitForSelector('body[data-tab]')
  await page.waitForSelector('#loading', { state: 'hidden' })
  return { page, complaints }
}
