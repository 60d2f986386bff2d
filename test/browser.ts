// A headless Chromium for the tests of the pages, where one is installed.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { chromiumPath, launchChromium } from '../scripts/chromium.ts'
import { host } from '../src/dashboard/server.ts'

/** A browser that the caller closes. */
export const launch = launchChromium

/** Whether the pages can be tested here; says so where they cannot. */
export function hasBrowser(): boolean {
  if (chromiumPath === undefined)
    console.log('SKIP no Chromium here: install it, or name it in CHROMIUM, to test the pages')
  return chromiumPath !== undefined
}

/** Listen on a free port. @returns the address, with a slash at its end */
export async function listen(server: Server): Promise<string> {
  server.listen(0, host)
  await once(server, 'listening')
  return `http://${host}:${(server.address() as { port: number }).port}/`
}

/** Everything that goes wrong on a page, collected as it comes: console errors, exceptions, failed or foreign requests. */
export function complaintsOf(page: Page, address: string): string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('requestfailed', (request) => {
    // a stream ends when its page is left
    if (!request.url().endsWith('/api/events')) complaints.push(`${request.url()}: ${request.failure()?.errorText}`)
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(address) && !/^(data|blob):/.test(request.url()))
      complaints.push(`foreign: ${request.url()}`)
  })
  return complaints
}

/** What axe-core complains of on a page as it is now. */
export async function violationsOn(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'))
  return page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: Axe }).axe.run()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
  })
}

/**
 * Go with the Tab key to an element, as one does who has no mouse: never backwards. @throws Error where it is not reached, or does
 * not show that it has the focus.
 */
export async function tabTo(page: Page, selector: string): Promise<void> {
  const seen: string[] = []
  for (let presses = 0; presses < 200; presses++) {
    await page.keyboard.press('Tab')
    const { there, ring, name } = await page.evaluate((selector) => {
      const element = document.activeElement as HTMLElement
      const { outlineStyle, boxShadow } = getComputedStyle(element)
      const ring = outlineStyle !== 'none' || boxShadow !== 'none'
      return { there: element.matches(selector), ring, name: element.id || element.className || element.tagName }
    }, selector)
    if (there && !ring) throw new Error(`${selector} does not show that it has the focus`)
    if (there) return
    seen.push(name)
  }
  throw new Error(`${selector} is not reached by 200 presses of Tab; they came to ${seen.join(', ')}`)
}

/** As much of axe-core as is used here. */
type Axe = { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }

/** Whether nothing is wider than the window. Runs in the page. */
export const fits = (): boolean => document.documentElement.scrollWidth <= innerWidth
