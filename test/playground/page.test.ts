import type { Browser, Page } from 'playwright-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { buildPage, playgroundAssets } from '../../scripts/pages.ts'
import { createPageServer } from '../../src/dashboard/server.ts'
import { complaintsOf, hasBrowser, launch, listen } from '../browser.ts'

type Point = readonly [number, number]

const one: readonly Point[] = [
  [0.5, 0.15],
  [0.5, 0.85],
]
const seven: readonly Point[] = [
  [0.25, 0.2],
  [0.75, 0.2],
  [0.6, 0.5],
  [0.45, 0.85],
]
const four: readonly (readonly Point[])[] = [
  [
    [0.35, 0.15],
    [0.25, 0.55],
    [0.75, 0.55],
  ],
  [
    [0.65, 0.2],
    [0.62, 0.88],
  ],
]

// building fails where src/env, src/agent or src/tensors import a Node module
const built = new Map([...(await buildPage('playground')), ...playgroundAssets()])
let browser: Browser | undefined
let page: Page
let complaints: string[]
let address: string
let close = (): void => {}

/** Do something that has the agent look anew, and go to its last glimpse. @returns what it says then */
async function lookAnew(act: () => Promise<unknown>): Promise<string> {
  const before = await page.locator('#stage').getAttribute('data-episode')
  await act()
  await page.locator(`#stage:not([data-episode="${before}"])`).waitFor({ state: 'attached' })
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await page.keyboard.press('End')
  return (await page.locator('#verdict[data-done="true"] #verdict-digit').textContent())!
}

/** Draw one stroke on the pad with the mouse, through points in [0, 1]. */
async function stroke(points: readonly Point[]): Promise<void> {
  const { x, y, width, height } = (await page.locator('#pad').boundingBox())!
  for (const [i, [right, down]] of points.entries()) {
    await page.mouse.move(x + right * width, y + down * height, { steps: i === 0 ? 1 : 4 })
    if (i === 0) await page.mouse.down()
  }
  await page.mouse.up()
}

/** Draw on an empty pad. @returns what the agent says */
async function draw(strokes: readonly (readonly Point[])[]): Promise<string> {
  await page.locator('#clear').click()
  return lookAnew(async () => {
    for (const points of strokes) await stroke(points)
  })
}

/** How many pixels of the stage have the accent's hue. */
const gazePixels = (): Promise<number> =>
  page.locator('#stage').evaluate((canvas) => {
    const { width, height } = canvas as HTMLCanvasElement
    const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height)
    let count = 0
    for (let i = 0; i < data.length; i += 4) if (data[i]! > data[i + 2]! + 80) count++
    return count
  })

test('the page is a folder for any host: relative addresses, an agent under 2 MB', () => {
  const html = Buffer.from(built.get('index.html')!).toString()
  assert.not.match(html, /(src|href)="(\/|https?:)/)
  assert.ok(built.get('agent.safetensors')!.length < 2_000_000)
})

if (hasBrowser()) {
  test.before(async () => {
    // deep in some other site
    const server = createPageServer(new Map([...built].map(([path, bytes]) => [`some/site/${path}`, bytes])))
    address = await listen(server)
    close = () => {
      server.close()
      server.closeAllConnections()
    }
    browser = await launch()
    page = await browser.newPage({ viewport: { width: 1200, height: 860 }, reducedMotion: 'reduce' })
    page.setDefaultTimeout(15000)
    complaints = complaintsOf(page, address)
    await page.goto(`${address}some/site/index.html`)
    await page.waitForSelector('#timeline li')
  })

  test.after(async () => {
    await browser?.close()
    close()
  })

  test.after.each(() => assert.equal(complaints ?? [], []))

  test('a digit drawn with the mouse is named, and the path of the eye appears', async () => {
    assert.is(await draw([one]), '1')
    assert.is(await draw([seven]), '7')
    assert.is(await page.locator('#timeline li').count(), 6)
    const all = await gazePixels()
    await page.locator('#timeline button').first().click()
    const first = await gazePixels()
    assert.ok(first > 100 && all > 1.5 * first, `${first} pixels of gaze after one glimpse, ${all} after six`)
  })

  test('two strokes are one digit', async () => {
    assert.is(await draw(four), '4')
  })

  test('the belief is shown after every glimpse and adds up', async () => {
    await page.locator('body').press('ArrowLeft')
    const shares = await page.locator('#rows .share').allTextContents()
    const sum = shares.reduce((total, share) => total + Number.parseFloat(share), 0)
    assert.ok(Math.abs(sum - 100) < 3, shares.join(', '))
    assert.is(await page.locator('#rows tr').first().locator('.past').count(), 6)
  })

  test('everything can be done with the keyboard: draw, have it looked at, step through', async () => {
    await page.locator('#pad').focus()
    await page.keyboard.press('Delete')
    await page.keyboard.press('Space')
    for (let i = 0; i < 13; i++) await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Space')
    assert.is(await lookAnew(() => page.keyboard.press('Enter')), '1')
    await page.locator('#again').focus()
    await page.keyboard.press('ArrowLeft')
    assert.match((await page.locator('#stage-words').textContent())!, /^Glimpse 5 of 6/)
    await page.keyboard.press('ArrowRight')
    assert.match((await page.locator('#stage-words').textContent())!, /^Glimpse 6 of 6/)
  })

  test('a test image is named, and clutter can be strewn about it', async () => {
    assert.is(await lookAnew(() => page.getByRole('button', { name: 'Test image 3, a 2' }).click()), '2')
    const before = await page.locator('#stage').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL())
    await lookAnew(() => page.locator('#scatter').click())
    assert.is(await page.locator('#clutter-count').textContent(), '3')
    const after = await page.locator('#stage').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL())
    assert.is.not(before, after)
  })

  test('plain JavaScript comes to the same digit as WebAssembly', async () => {
    await lookAnew(() => page.locator('#clutter').fill('0'))
    assert.is(await page.locator('#backend').inputValue(), 'wasm')
    const before = await page.locator('#rows .share').allTextContents()
    await lookAnew(() => page.locator('#backend').selectOption('cpu'))
    assert.equal(await page.locator('#rows .share').allTextContents(), before)
  })

  test('on a phone everything fits, and a finger draws', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
    await page.locator('#pad').scrollIntoViewIfNeeded()
    assert.is(await page.locator('#pad').evaluate((pad) => getComputedStyle(pad).touchAction), 'none')
    assert.is(await draw([one]), '1')
    assert.ok(await page.locator('#stage').evaluate((stage) => stage.getBoundingClientRect().bottom <= innerHeight + 1))
  })
}

test.run()
