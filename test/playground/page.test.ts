import type { Page } from 'playwright-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fits, hasBrowser, violationsOn } from '../browser.ts'
import { built, open, type Served, serve } from './served.ts'

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

let served: Served
let page: Page
let complaints: string[] = []

/** The episode that is on the stage. */
const shown = (): Promise<string | null> => page.locator('#watch .stage').getAttribute('data-episode')

/** Do something that has the agent look anew, and go to its last look. @returns what it says then */
async function lookAnew(act: () => Promise<unknown>): Promise<string> {
  const before = await shown()
  await act()
  await page.locator(`#watch .stage:not([data-episode="${before}"])`).waitFor({ state: 'attached' })
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await page.keyboard.press('End')
  return (await page.locator('#watch .verdict[data-done="true"] .sign').textContent())!
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

const testImage = (n: number) => page.getByRole('button', { name: `Test image ${n}, ` })
const look = (n: number) => page.locator('#watch .timeline button').nth(n - 1)
const text = async (selector: string): Promise<string> => (await page.locator(selector).textContent())!

test('the page is a folder for any host: relative addresses, under 3 MB with all tabs, 2 MB of digits at most', () => {
  const html = Buffer.from(built.get('index.html')!).toString()
  assert.not.match(html, /(src|href)="(\/|https?:)|<script(?![^>]* src=)|<style|\s(style|on\w+)=/)
  const bytes = (files: readonly (readonly [string, Uint8Array])[]): number =>
    files.reduce((sum, [, { length }]) => sum + length, 0)
  assert.ok(built.has('search.safetensors'))
  assert.ok(bytes([...built]) < 3_000_000, `${bytes([...built])} bytes`)
  assert.ok(bytes([...built].filter(([name]) => name.startsWith('mnist/'))) < 2_000_000)
})

test('whose code is in the page is said in one file, each licence once', () => {
  const licences = Buffer.from(built.get('licences.txt')!).toString()
  assert.match(licences, /^@tensorflow\/tfjs-core [\d.]+: Apache-2\.0, Google LLC/m)
  assert.match(licences, /^zod [\d.]+: MIT, /m)
  assert.is(licences.match(/Grant of Copyright License/g)?.length, 1)
})

if (hasBrowser()) {
  test.before(async () => {
    served = await serve(undefined, ['search.safetensors'])
    ;({ page, complaints } = await open(served))
  })

  test.after(() => served.close())

  test.after.each(() => assert.equal(complaints, []))

  test('a digit drawn with the mouse is named; two strokes are one digit', async () => {
    assert.is(await draw([one]), '1')
    assert.is(await draw([seven]), '7')
    assert.is(await draw(four), '4')
    assert.is(await page.locator('#watch .timeline li').count(), 6)
  })

  test('the path of the eye grows, and what happens is said in words', async () => {
    await look(6).click()
    const all = await accentPixels()
    await look(1).click()
    const first = await accentPixels()
    assert.ok(first > 100 && all > 1.5 * first, `${first} pixels of gaze after one look, ${all} after six`)
    assert.match(await text('#watch .happening'), /^Look 1 of 6: (Nothing here|The edge of a stroke|A stroke|Strokes)/)
    assert.match(await text('#watch .happening'), /It looks /)
  })

  test('the belief is shown after every look and adds up', async () => {
    await page.locator('body').press('ArrowLeft')
    const shares = await page.locator('#watch .share').allTextContents()
    const sum = shares.reduce((total, share) => total + Number.parseFloat(share), 0)
    assert.ok(Math.abs(sum - 100) < 3, shares.join(', '))
    assert.is(await page.locator('#watch .rows tr').first().locator('.past').count(), 6)
  })

  test('everything can be done with the keyboard: draw, have it looked at, step through', async () => {
    await page.locator('#pad').focus()
    await page.keyboard.press('Delete')
    await page.keyboard.press('Space')
    for (let i = 0; i < 13; i++) await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Space')
    assert.is(await lookAnew(() => page.keyboard.press('Enter')), '1')
    await page.locator('#watch .again').focus()
    await page.keyboard.press('ArrowLeft')
    assert.match(await text('#watch .happening'), /^Look 5 of 6/)
    await page.keyboard.press('ArrowRight')
    assert.match(await text('#watch .happening'), /^Look 6 of 6/)
  })

  test('a test image is named, and clutter can be strewn about it', async () => {
    assert.is(await lookAnew(() => testImage(3).click()), '2')
    assert.match(await text('#watch .verdict'), /it is right/)
    const before = await picture('#watch .stage')
    await lookAnew(() => page.locator('#scatter').click())
    assert.is(await text('#clutter-count'), '3')
    assert.is.not(await picture('#watch .stage'), before)
    await lookAnew(() => page.locator('#clutter').fill('0'))
  })

  test('a stroke drawn just before a test image is chosen does not come after it', async () => {
    await page.locator('#clear').click()
    await stroke(one)
    assert.is(await lookAnew(() => testImage(8).click()), '7')
    // longer than the pad waits for another stroke
    await page.waitForTimeout(1000)
    assert.is(await text('#watch .sign'), '7')
    assert.is(await testImage(8).getAttribute('aria-pressed'), 'true')
  })

  test('a tap draws a dot, and it is looked at', async () => {
    await page.locator('#clear').click()
    await lookAnew(() => page.locator('#pad').click({ position: { x: 100, y: 100 } }))
    assert.is(await testImage(8).getAttribute('aria-pressed'), 'false')
  })

  test('a look that is dragged elsewhere is taken there, and the agent goes on from it', async () => {
    await lookAnew(() => testImage(1).click())
    await look(3).click()
    const before = await places()
    const stage = (await page.locator('#watch .stage').boundingBox())!
    const [x, y] = before[2]!
    await page.mouse.move(stage.x + ((x + 1) / 2) * stage.width, stage.y + ((y + 1) / 2) * stage.height)
    await page.mouse.down()
    await page.mouse.move(stage.x + 0.9 * stage.width, stage.y + 0.9 * stage.height, { steps: 5 })
    await page.waitForFunction(() => {
      const [x = 0, y = 0] = JSON.parse(document.querySelector<HTMLElement>('#watch .stage')!.dataset.places!)[2]
      return Math.abs(x - 0.8) < 0.01 && Math.abs(y - 0.8) < 0.01
    })
    await page.mouse.up()
    const after = await places()
    assert.equal(after.slice(0, 2), before.slice(0, 2))
    assert.is.not(String(after[3]), String(before[3]))
    await lookAnew(async () => {
      await look(2).click()
      await page.keyboard.press('Shift+ArrowLeft')
    })
    const moved = await places()
    assert.ok(Math.abs(moved[1]![0] - (after[1]![0] - 0.1)) < 1e-3)
  })

  test('one may be the eye: as many looks as the agent, an answer, and both scores', async () => {
    await page.getByRole('radio', { name: 'You be the eye' }).check({ force: true })
    await page.waitForFunction(() => /6 looks left/.test(document.querySelector('#game-words')!.textContent!))
    const answer = page.locator('#answers button').nth(3)
    assert.ok(await answer.isDisabled())
    await page.locator('#game-stage').focus()
    for (let left = 5; left >= 0; left--) {
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      const words = left === 0 ? 'what is it' : `${left} look`
      await page.waitForFunction((w) => document.querySelector('#game-words')!.textContent!.includes(w), words)
    }
    await answer.click()
    assert.match(await text('#game-words'), /^It is a \d: you are (right|wrong)/)
    assert.match(await text('#score'), /^You [01] of 1, the agent [01] of 1$/)
    assert.ok(await page.locator('#agent-stage').isVisible())
  })

  test('four eyes look at the same digit side by side', async () => {
    await page.getByRole('radio', { name: 'Many eyes' }).check({ force: true })
    await page.waitForFunction(() => document.querySelectorAll('#eyes figcaption b').length === 4)
    assert.is(await text('#eyes-count'), '6 of 6')
    const captions = await page.locator('#eyes figcaption').allTextContents()
    assert.match(captions[0]!, /^Learned: 0/)
    await page.getByRole('radio', { name: 'The agent' }).check({ force: true })
  })

  test('tabs go by arrow keys, and the address says which is shown', async () => {
    await page.locator('#tab-look').focus()
    await page.keyboard.press('ArrowRight')
    assert.is(await page.evaluate(() => document.activeElement!.id), 'tab-train')
    assert.ok(await page.locator('#train').isVisible())
    assert.not(await page.locator('#look').isVisible())
    assert.match(page.url(), /#train$/)
    await page.keyboard.press('Home')
    assert.ok(await page.locator('#look').isVisible())
    await page.goBack()
    assert.ok(await page.locator('#train').isVisible())
    await page.locator('#tab-look').click()
  })

  for (const colorScheme of ['light', 'dark'] as const)
    test(`axe finds nothing to complain of, ${colorScheme}`, async () => {
      await page.emulateMedia({ colorScheme })
      for (const mode of ['You be the eye', 'Many eyes', 'The agent']) {
        await page.getByRole('radio', { name: mode }).check({ force: true })
        assert.equal(await violationsOn(page), [], mode)
      }
      await page.locator('#tab-train').click()
      assert.equal(await violationsOn(page), [], 'train')
      await page.locator('#tab-look').click()
      await page.emulateMedia({ colorScheme: 'light' })
    })

  test('on a phone nothing sticks out, a finger draws, and the verdict stays in view', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    for (const mode of ['You be the eye', 'Many eyes', 'The agent']) {
      await page.getByRole('radio', { name: mode }).check({ force: true })
      await page.waitForFunction(fits)
    }
    await page.locator('#pad').scrollIntoViewIfNeeded()
    assert.is(await page.locator('#pad').evaluate((pad) => getComputedStyle(pad).touchAction), 'none')
    assert.is(await draw([one]), '1')
    await page.locator('#watch .rows tr').last().scrollIntoViewIfNeeded()
    assert.ok(await inView('#watch .verdict'))
    await page.locator('#tab-train').click()
    await page.waitForFunction(fits)
    await page.locator('#tab-look').click()
  })

  test('at twice the size the verdict stays in view', async () => {
    // a browser's zoom of 200 % leaves half as many CSS pixels
    await page.setViewportSize({ width: 600, height: 430 })
    await page.waitForFunction(fits)
    await page.locator('#watch .timeline').scrollIntoViewIfNeeded()
    assert.ok(await inView('#watch .verdict'))
    await page.setViewportSize({ width: 1200, height: 860 })
  })

  test('without WebAssembly, and without scripts, the page says what is the matter', async () => {
    const bare = await served.browser.newPage()
    await bare.addInitScript('delete globalThis.WebAssembly')
    await bare.route('**/worker-*.js', async (route) => {
      const answer = await route.fetch()
      await route.fulfill({ response: answer, body: `delete globalThis.WebAssembly;${await answer.text()}` })
    })
    await bare.goto(served.address)
    await bare.waitForSelector('#failure:not([hidden])')
    assert.match((await bare.locator('#failure').textContent())!, /cannot show its agent: it computes in WebAssembly/)
    await bare.close()
    const context = await served.browser.newContext({ javaScriptEnabled: false })
    const silent = await context.newPage()
    await silent.goto(served.address)
    assert.match((await silent.locator('noscript').textContent())!, /needs JavaScript/)
    await context.close()
  })
}

const picture = (selector: string): Promise<string> =>
  page.locator(selector).evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL())

/** Where the looks were taken. */
const places = async (): Promise<(readonly [number, number])[]> =>
  JSON.parse((await page.locator('#watch .stage').getAttribute('data-places'))!)

/** Whether all of an element is within the window. */
const inView = (selector: string): Promise<boolean> =>
  page.locator(selector).evaluate((each) => {
    const { top, bottom } = each.getBoundingClientRect()
    return top >= -1 && bottom <= innerHeight + 1
  })

/** How many pixels of the stage have the accent's hue. */
const accentPixels = (): Promise<number> =>
  page.locator('#watch .stage').evaluate((canvas) => {
    const { width, height } = canvas as HTMLCanvasElement
    const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height)
    let count = 0
    for (let i = 0; i < data.length; i += 4) if (data[i]! > data[i + 2]! + 80) count++
    return count
  })

test.run()
