import type { Server } from 'node:http'
import type { Browser, Page } from 'playwright-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { withLists } from '../../scripts/pages.ts'
import { createPageServer } from '../../src/dashboard/server.ts'
import { hasBrowser, launch, listen } from '../browser.ts'
import { built, open, type Served } from './served.ts'

/** What files.js tells the service worker. */
function keptOf(files: ReadonlyMap<string, Uint8Array>): { version: string; files: string[] } {
  const script = Buffer.from(files.get('files.js')!).toString()
  return JSON.parse(script.slice('self.kept = '.length))
}

/** The playground with another first digit to pick from. */
function rebuilt(): Map<string, Uint8Array> {
  const digits = Uint8Array.from(built.get('digits.idx3')!)
  digits[digits.length - 1]! ^= 1
  return withLists(new Map([...built, ['digits.idx3', digits]]))
}

test('the list has every file of the folder that the browser does not keep by itself; its version is one of contents', () => {
  const { version, files } = keptOf(built)
  assert.equal([...files, 'files.js', 'service-worker.js'].sort(), [...built.keys()].sort())
  assert.is(keptOf(withLists(built)).version, version)
  assert.is.not(keptOf(rebuilt()).version, version)
})

test('a service worker is a script that every browser runs: it imports and exports nothing', () => {
  assert.not.match(Buffer.from(built.get('service-worker.js')!).toString(), /\b(import|export)\b/)
})

/** Where the page is on its host, beside something else. */
const folder = 'some/site/'
const hosted = new Map<string, Uint8Array>([['some/other.html', Buffer.from('something else')]])
let server: Server
let browser: Browser
let root: string
let served: Served

function put(files: ReadonlyMap<string, Uint8Array>): void {
  for (const [path, bytes] of files) hosted.set(folder + path, bytes)
}

function stop(): void {
  server.close()
  server.closeAllConnections()
}

/** Wait until a service worker answers for the page. It does so once all is kept. */
const kept = (page: Page): Promise<unknown> => page.waitForFunction(() => navigator.serviceWorker.controller !== null)

/** The page as it begins, after a look of its agent. */
async function looked(page: Page): Promise<void> {
  await page.locator('#watch .timeline li').first().waitFor()
  assert.not(await page.locator('#failure').isVisible())
}

/** Every tab does what it is there for, with the page as it is. */
async function useAllTabs(page: Page): Promise<void> {
  await page.locator('#tab-look').click()
  await looked(page)
  const episode = await page.locator('#watch .stage').getAttribute('data-episode')
  await page.getByRole('button', { name: 'Test image 3, ' }).click()
  await page.locator(`#watch .stage:not([data-episode="${episode}"])`).waitFor()
  await page.locator('#watch .timeline button').last().click()
  assert.is(await page.locator('#watch .verdict[data-done="true"] .sign').textContent(), '2')
  assert.match((await page.locator('#watch .verdict').textContent())!, /it is right/)

  await page.locator('#tab-search').click()
  await page.locator('#hunt .timeline li').first().waitFor()
  await page.locator('#hunt .timeline button').last().click()
  assert.match((await page.locator('#hunt .verdict').textContent())!, /\d/)

  await page.locator('#tab-train').click()
  assert.is(await page.locator('#world').inputValue(), 'MNIST')
  await page.locator('#start').click()
  await page.locator('.run[data-state="running"]').waitFor()
  await page.locator('.run .pause').click()
  await page.locator('.run[data-state="paused"]').waitFor()
  // the chunk that is under way is the last
  await page.waitForTimeout(1000)
  const stood = await page.locator('.standing').textContent()
  await page.locator('.run .step').click()
  await page.waitForFunction((before) => document.querySelector('.standing')!.textContent !== before, stood)
  assert.not(await page.locator('#failure').isVisible())
}

const cachesOf = (page: Page): Promise<string[]> => page.evaluate(() => caches.keys())

if (hasBrowser()) {
  test.before.each(async () => {
    put(built)
    server = createPageServer(hosted)
    root = await listen(server)
    browser = await launch()
    served = { browser, address: `${root}${folder}index.html`, close: async () => {} }
  })

  test.after.each(async () => {
    await browser.close()
    stop()
  })

  test('a page that was loaded once goes on without a network: tabs that were never shown, a reload, the bare folder', async () => {
    const { page, complaints } = await open(served)
    await kept(page)
    assert.equal(complaints, [])
    const [name, ...others] = await cachesOf(page)
    assert.equal(others, [])
    assert.ok(name!.endsWith(` ${keptOf(built).version}`), name)
    stop()
    await useAllTabs(page)
    await page.reload()
    await useAllTabs(page)
    await page.goto(root + folder)
    await looked(page)
    assert.is(await page.evaluate(async () => (await fetch('licences.txt')).status), 200)
    const elsewhere = await page.goto(`${root}some/other.html`).catch((error: Error) => error.message)
    assert.match(String(elsewhere), /ERR_CONNECTION_REFUSED/)
  })

  test('nothing is kept before the first look is shown', async () => {
    const page = await browser.newPage()
    await page.addInitScript(() => {
      navigator.serviceWorker.register = async () => {
        const looks = document.querySelectorAll('#watch .timeline li').length
        document.body.dataset.registered = `after ${looks} looks`
        return {} as ServiceWorkerRegistration
      }
    })
    await page.goto(served.address)
    await page.locator('body[data-registered]').waitFor()
    assert.is(await page.locator('body').getAttribute('data-registered'), 'after 6 looks')
  })

  test('a newer build is seen at once; it is kept in place of the older, and what other folders keep is left alone', async () => {
    const { page } = await open(served)
    await kept(page)
    await page.evaluate(() => caches.open(`saccade ${location.origin}/other/ 1234`))
    const newer = rebuilt()
    put(newer)
    await page.reload()
    await looked(page)
    const last = () =>
      page.evaluate(async () => new Uint8Array(await (await fetch('digits.idx3')).arrayBuffer()).at(-1))
    assert.is(await last(), newer.get('digits.idx3')!.at(-1))
    const { version } = keptOf(newer)
    const replaced = (names: readonly string[]): boolean =>
      names.length === 2 && names.some((name) => name.endsWith(version))
    for (let tries = 0; tries < 300 && !replaced(await cachesOf(page)); tries++) await page.waitForTimeout(100)
    assert.ok(replaced(await cachesOf(page)), (await cachesOf(page)).join(', '))
    assert.ok((await cachesOf(page)).some((name) => name.endsWith('/other/ 1234')))
    stop()
    await page.reload()
    await looked(page)
    assert.is(await last(), newer.get('digits.idx3')!.at(-1))
  })

  for (const [where, script] of [
    ['has no service workers', 'delete Navigator.prototype.serviceWorker'],
    [
      'refuses them',
      'navigator.serviceWorker.register = () => Promise.reject(new DOMException("no", "SecurityError"))',
    ],
  ])
    test(`where the browser ${where}, the page says nothing of it and works`, async () => {
      const context = await browser.newContext()
      await context.addInitScript(script!)
      const { page, complaints } = await open({ ...served, browser: { newPage: () => context.newPage() } as Browser })
      await looked(page)
      await page.locator('#tab-search').click()
      await page.locator('#hunt .timeline li').first().waitFor()
      assert.not(await page.locator('#failure').isVisible())
      assert.equal(await cachesOf(page), [])
      assert.equal(complaints, [])
    })
}

test.run()
