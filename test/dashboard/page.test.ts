import type { Browser, Page } from 'playwright-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { dashboardPage } from '../../scripts/pages.ts'
import type { Gaze } from '../../src/dashboard/protocol.ts'
import { createDashboard } from '../../src/dashboard/server.ts'
import { complaintsOf, hasBrowser, launch, listen } from '../browser.ts'
import { addEpoch, epochLine, newRoot, put, putRun } from './help.ts'

const root = newRoot()
/** A name and an option that are markup, where markup is let through. */
const nasty = '<img src=x onerror=document.title="broken">'

const gaze = async (): Promise<Gaze> => ({
  ...{ epoch: 3, width: 4, height: 4, channels: 1, windows: [2] },
  episodes: [
    {
      scenes: [Buffer.alloc(16, 200).toString('base64')],
      target: 1,
      locations: [
        [-0.5, 0],
        [0.5, 0.5],
      ],
      beliefs: [
        [0.6, 0.4],
        [0.1, 0.9],
      ],
    },
  ],
})

const built = await dashboardPage()
let browser: Browser | undefined
let address: string
let page: Page
let complaints: string[]
let close = (): void => {}

/** Show runs: only the address changes, the page stays. */
async function show(runs: readonly string[]): Promise<void> {
  await page.goto(`${address}#${runs.map((name) => `run=${encodeURIComponent(name)}`).join('&')}`)
  await waitForText(page, '#connection', 'live', 8000)
  await waitForText(page, '#head h3', runs.length > 1 ? `${runs.length} runs` : runs[0]!, 8000)
}

/** What is on the page once it says so, within two seconds. */
async function waitForText(page: Page, selector: string, text: string, timeout = 2000): Promise<void> {
  await page.waitForFunction(
    ([where, what]) => document.querySelector(where!)?.textContent?.includes(what!),
    [selector, text],
    { timeout },
  )
}

test('the page has no inline code and names no other host', () => {
  const html = Buffer.from(built.get('index.html')!).toString()
  assert.not.match(html, /<script(?![^>]* src=)|<style|\s(style|on\w+)=|https?:/)
  assert.ok(built.size > 2)
})

if (hasBrowser()) {
  test.before(async () => {
    putRun(root, 'first')
    putRun(root, 'second', { learningRate: 0.003 })
    put(root, 'damaged/metrics.jsonl', `${epochLine(1)}rubbish\n{"epoch":2`)
    putRun(root, 'marked')
    put(root, 'marked/config.json', {
      environment: { id: nasty },
      algorithm: { name: nasty },
      [nasty]: { [nasty]: nasty },
    })
    const server = createDashboard({ root, page: built, gaze })
    address = await listen(server)
    close = () => {
      server.close()
      server.closeAllConnections()
    }
    browser = await launch()
    page = await browser.newPage({ viewport: { width: 1200, height: 800 } })
    page.setDefaultTimeout(8000)
    complaints = complaintsOf(page, address)
  })

  test.after.each(() => assert.equal(complaints, []))

  test.after(async () => {
    await browser?.close()
    close()
  })

  test('a new epoch is on the page within two seconds of its being written', async () => {
    await show(['first'])
    await waitForText(page, '#head', '3 of 9')
    const chart = page.locator('#curves figure').first()
    assert.match((await chart.textContent())!, /Validation error, %6\.67/)
    const written = performance.now()
    addEpoch(root, 'first', 4)
    await waitForText(page, '#head', '4 of 9')
    assert.ok(performance.now() - written < 2000)
    await waitForText(page, '#curves figure', '5.00')
    await waitForText(page, '#runs', 'epoch 4 of 9')
    const words = await chart.locator('.uplot').getAttribute('aria-label')
    assert.match(words!, /first 5\.00 at epoch 4/)
  })

  test('a run that begins appears by itself', async () => {
    await show(['first'])
    putRun(root, 'later')
    await waitForText(page, '#runs', 'later')
  })

  test('the gaze is drawn, and its slider steps through the glimpses', async () => {
    await show(['first'])
    await page.locator('#gaze').scrollIntoViewIfNeeded()
    await waitForText(page, '.gazes figcaption', '1 90 %', 4000)
    const painted = (): Promise<number> => page.locator('.gazes canvas').evaluate(accentPixels)
    const both = await painted()
    await page.locator('#gaze-step').press('ArrowLeft')
    await waitForText(page, '.gazes figcaption', '0 60 %, is 1')
    const one = await painted()
    assert.ok(one > 20 && both > one, `${one} pixels of gaze after one glimpse, ${both} after two`)
  })

  test('several runs are compared with the keyboard alone, and what differs is named', async () => {
    await show(['first'])
    const box = page.getByRole('checkbox', { name: 'Compare second' })
    await page.keyboard.press('Tab')
    for (let i = 0; i < 20 && !(await box.evaluate((each) => each === document.activeElement)); i++)
      await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    await waitForText(page, '#head', '2 runs compared')
    assert.match(page.url(), /run=first&run=second/)
    assert.ok(await box.evaluate((each) => each === document.activeElement), 'the focus stays where it was')
    assert.equal((await page.locator('#options tbody tr').allTextContents()).map(spaceless), ['learningRate0.0010.003'])
    await page.locator('#differing').press('Space')
    assert.ok((await page.locator('#options tbody tr').count()) > 4)
  })

  test('a damaged run shows what it has and says what it has not', async () => {
    await show(['damaged'])
    assert.equal(await page.locator('.complaints li').allTextContents(), [
      'config.json is missing: how this run was made is not known',
      'metrics.jsonl: line 2 is no epoch of this format; left out',
      'metrics.jsonl: line 3 is half written; left out until it is whole',
    ])
    assert.is(await page.locator('#curves figure').count(), 3)
  })

  test('whatever a run says is text, never markup', async () => {
    await show(['marked'])
    await waitForText(page, '#head', nasty)
    await waitForText(page, '#options', nasty)
    assert.is(await page.title(), 'Saccade: runs')
    assert.is(await page.locator('img').count(), 0)
  })

  test('on a phone nothing sticks out, and the list unfolds', async () => {
    await show(['first', 'second'])
    await page.setViewportSize({ width: 360, height: 740 })
    // the charts are drawn anew once they have been told of their new width; what sticks out for good fails here
    await page.waitForFunction(() => document.documentElement.scrollWidth <= innerWidth, undefined, { timeout: 5000 })
    assert.not(await page.locator('#runs').isVisible())
    await page.locator('#chooser summary').click()
    await page.getByRole('button', { name: 'damaged' }).click()
    await waitForText(page, '#head h3', 'damaged')
    assert.not(await page.locator('#runs').isVisible())
  })
}

/** How many pixels of a canvas have the accent's hue. */
function accentPixels(canvas: SVGElement | HTMLElement): number {
  const { width, height } = canvas as HTMLCanvasElement
  const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height)
  let count = 0
  for (let i = 0; i < data.length; i += 4) if (data[i]! > data[i + 2]! + 80) count++
  return count
}

const spaceless = (text: string): string => text.replace(/\s+/g, '')

test.run()
