// Does the playground hold what it says? In a headless Chromium: how soon the first look is there over a slow line, digits drawn
// with the mouse, digits hunted through clutter, how steady the page is while it trains, and whether its memory stays level.
// `node --conditions=saccade-source --import tsx test/trials/playground.ts [load|digits|scenes|training] [minutes of training]`.
// Not part of the tests: it takes minutes, and its times are those of the machine.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { Rng } from '../../src/core/rng.ts'
import { built, open, type Served, serve } from '../playground/served.ts'
import { type Strokes, shapes, ways } from './shapes.ts'

const [which = 'all', minutes = '10'] = process.argv.slice(2)

/** Bytes a millisecond of a line of 10 Mbit/s, and milliseconds until an answer begins. */
const [speed, latency] = [1250, 40]
/** Milliseconds of a frame that is long. */
const longFrame = 50

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`

/** The page over a slow line, which all its requests share. */
async function slowly(): Promise<{ address: string; bytes(): number; close(): void }> {
  let [free, sent] = [0, 0]
  const send = async (response: ServerResponse, body: Uint8Array): Promise<void> => {
    await wait(latency)
    for (let from = 0; from < body.length; from += 8192) {
      const part = body.subarray(from, from + 8192)
      free = Math.max(performance.now(), free) + part.length / speed
      await wait(free - performance.now())
      response.write(part)
      sent += part.length
    }
    response.end()
  }
  const types = {
    html: 'text/html',
    js: 'text/javascript',
    css: 'text/css',
    svg: 'image/svg+xml',
    json: 'application/json',
  }
  const server = createServer((request, response) => {
    const path = request.url!.slice(1) || 'index.html'
    const body = built.get(path)
    const type = types[path.split('.').at(-1) as keyof typeof types] ?? 'application/octet-stream'
    response.writeHead(body ? 200 : 404, { 'Content-Type': type })
    void send(response, body ?? new Uint8Array())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    bytes: () => sent,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** How large the folder is, and how soon each tab can be used, with an empty cache each time. */
async function load(browser: Browser): Promise<void> {
  const all = [...built].reduce((sum, [, { length }]) => sum + length, 0)
  console.log(
    `load: the folder has ${built.size} files, ${megabytes(all)}; a line of 10 Mbit/s, ${latency} ms to each answer`,
  )
  const line = await slowly()
  const there = {
    Look: ['', '#watch .timeline li'],
    Search: ['#search', '#hunt .timeline li'],
    Train: ['#train', '#start'],
  }
  for (const [tab, [hash, selector]] of Object.entries(there)) {
    const times: number[] = []
    let bytes = 0
    for (let trial = 0; trial < 5; trial++) {
      const context = await browser.newContext({ reducedMotion: 'reduce' })
      const page = await context.newPage()
      bytes = line.bytes()
      await page.goto(line.address + hash, { waitUntil: 'commit' })
      await page.waitForSelector(`${selector} >> nth=0`)
      times.push(await page.evaluate(() => performance.now()))
      bytes = line.bytes() - bytes
      await context.close()
    }
    const seconds = times.sort((a, b) => a - b).map((time) => (time / 1000).toFixed(2))
    console.log(`load: ${tab} after ${seconds[2]} s (middle of ${seconds.join(', ')}), ${megabytes(bytes)}`)
  }
  line.close()
}

/** Draw on an empty pad. @returns what the agent says */
async function draw(page: Page, strokes: Strokes): Promise<string> {
  const stage = page.locator('#watch .stage')
  const before = await stage.getAttribute('data-episode')
  await page.locator('#clear').click()
  const { x, y, width, height } = (await page.locator('#pad').boundingBox())!
  for (const points of strokes) {
    for (const [i, [right, down]] of points.entries()) {
      await page.mouse.move(x + right * width, y + down * height, { steps: i === 0 ? 1 : 3 })
      if (i === 0) await page.mouse.down()
    }
    await page.mouse.up()
  }
  await page.locator(`#watch .stage:not([data-episode="${before}"])`).waitFor({ state: 'attached' })
  await page.locator('#watch .timeline button').last().click()
  return (await page.locator('#watch .verdict .sign').textContent())!
}

/** Every shape in every way. */
async function digits(served: Served): Promise<void> {
  const { page } = await open(served)
  let [right, all] = [0, 0]
  for (const [name, { digit, strokes }] of Object.entries(shapes))
    for (const [way, change] of Object.entries(ways)) {
      const said = await draw(page, change(strokes))
      all++
      if (said === String(digit)) right++
      else console.log(`digits: ${name}, ${way}: it says ${said}`)
    }
  console.log(`digits: ${right} of ${all} right`)
  await page.close()
}

/** The page's twenty digits, each hidden somewhere among eight pieces. */
async function scenes(served: Served): Promise<void> {
  const { page } = await open(served, '#search')
  await page.locator('#hunt .timeline li').first().waitFor()
  await page.locator('#pieces').fill('8')
  const rng = Rng.of(1, 'scenes')
  const anew = async (act: () => Promise<unknown>): Promise<void> => {
    const before = await page.locator('#hunt .stage').getAttribute('data-episode')
    await act()
    await page.locator(`#hunt .stage:not([data-episode="${before}"])`).waitFor({ state: 'attached' })
  }
  const buttons = await page.locator('#hidden-gallery button').all()
  let right = 0
  for (const [i, button] of buttons.entries()) {
    await anew(() => button.click())
    for (const id of ['#place-across', '#place-down'])
      await anew(() => page.locator(id).fill(String(20 + Math.floor(60 * rng.uniform()) + (i % 2) / 2)))
    await anew(() => page.locator('#strew').click())
    await page.locator('#hunt .timeline button').last().click()
    const words = (await page.locator('#hunt .verdict').textContent())!
    if (/it is right/.test(words)) right++
    else console.log(`scenes: ${await button.getAttribute('aria-label')}: ${words}`)
  }
  console.log(`scenes: ${right} of ${buttons.length} right at ${await page.locator('#pieces').inputValue()} pieces`)
  await page.close()
}

/** Memory of the page's process, bytes. */
async function memoryOf(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  const sizes = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))![1]) * 1024)
  return Math.max(...sizes)
}

/** Trains on MNIST's subset with the options that the tab begins with, for so many minutes. */
async function training(served: Served): Promise<void> {
  const { page } = await open(served, '#train&world=MNIST&epochs=500')
  await page.evaluate(() => {
    const kept = { frames: [] as number[], long: [] as string[] }
    Object.assign(globalThis, { kept })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { duration, scripts = [] } = entry as PerformanceEntry & {
          scripts?: { duration: number; invoker: string; sourceFunctionName: string }[]
        }
        const parts = scripts.map((each) => `${each.duration.toFixed(0)} ${each.sourceFunctionName || each.invoker}`)
        kept.long.push(`${duration.toFixed(0)} ms: ${parts.join(', ') || 'no script of over 5 ms'}`)
      }
    }).observe({ type: 'long-animation-frame' })
    const watch = {
      before: performance.now(),
      frame(now: number) {
        kept.frames.push(now - watch.before)
        watch.before = now
        requestAnimationFrame(watch.frame)
      },
    }
    requestAnimationFrame(watch.frame)
  })
  const begun = performance.now()
  const seconds = (): number => (performance.now() - begun) / 1000
  await page.locator('#start').click()
  const memory: number[] = []
  let reached: number | undefined
  for (let checked = 0; seconds() < 60 * Number(minutes); ) {
    await wait(250)
    if (reached === undefined) {
      const share = Number.parseFloat(
        (await page
          .locator('.run .figure b')
          .textContent({ timeout: 60_000 })
          .catch(() => '')) ?? '',
      )
      if (share >= 85) {
        reached = seconds()
        console.log(`training: 85 % after ${reached.toFixed(0)} s`)
      }
    }
    if (seconds() < 60 * checked) continue
    memory.push(await memoryOf(served.browser))
    console.log(
      `training: after ${checked++} min, ${megabytes(memory.at(-1)!)}; ${await page.locator('.run .standing').textContent()}`,
    )
  }
  const { frames, long } = await page.evaluate(
    () => (globalThis as unknown as { kept: { frames: number[]; long: string[] } }).kept,
  )
  const slow = frames.filter((each) => each > longFrame)
  console.log(
    `training: ${slow.length} of ${frames.length} frames above ${longFrame} ms, longest ${Math.max(...frames).toFixed(0)} ms`,
  )
  for (const each of long) console.log(`training: ${each}`)
  await page.close()
}

const parts = { digits, scenes, training }
const served = await serve()
try {
  if (which === 'all' || which === 'load') await load(served.browser)
  for (const [name, part] of Object.entries(parts)) if (which === 'all' || which === name) await part(served)
} finally {
  await served.close()
}
