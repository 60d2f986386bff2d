import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { dashboardPage } from '../../scripts/pages.ts'
import type { Gaze } from '../../src/dashboard/protocol.ts'
import { createDashboard } from '../../src/dashboard/server.ts'
import { complaintsOf, fits, hasBrowser, launch, listen, violationsOn } from '../browser.ts'
import { addEpoch, epochLine, newRoot, put, putRun } from './help.ts'

const root = newRoot()
/** A name and an option that are markup, where markup is let through. */
const nasty = '<img src=x onerror=document.title="broken">'

const gaze = async (): Promise<Gaze> => ({
  ...{ epoch: 3, width: 4, height: 4, channels: 1, windows: [2], names: ['shoe', 'boot'], game: false },
  episodes: [
    {
      scenes: [Buffer.alloc(16, 200).toString('base64')],
      target: 1,
      ...{ hit: true, result: 'boot', decided: [0, 1] },
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

/** A sweep's. */
const trials = Array.from({ length: 10 }, (_, i) => `search/trials/${String(i + 1).padStart(4, '0')}`)

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
  await waitForText(page, '#head h2', runs.length > 1 ? `${runs.length} runs` : runs[0]!, 8000)
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
    for (const [i, name] of trials.entries()) putRun(root, name, { learningRate: i % 2 ? 0.001 : 0.003 })
    put(root, 'search/journal.jsonl', '')
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
    const words = await chart.locator('svg').getAttribute('aria-label')
    assert.match(words!, /^Validation error, %, latest: first 5\.00$/)
  })

  test('a run that begins appears by itself', async () => {
    await show(['first'])
    putRun(root, 'later')
    await waitForText(page, '#runs', 'later')
  })

  test('the gaze is drawn, and its slider steps through the glimpses', async () => {
    await show(['first'])
    await page.locator('#gaze').scrollIntoViewIfNeeded()
    await waitForText(page, '.gazes figcaption', 'boot 90 % ✓', 4000)
    assert.match((await page.locator('#gaze').textContent())!, /1 of 1 test episodes right, after epoch 3/)
    const painted = (): Promise<number> => page.locator('.gazes canvas').evaluate(accentPixels)
    const both = await painted()
    await page.locator('#gaze-step').press('ArrowLeft')
    await waitForText(page, '.gazes figcaption', 'shoe 60 % ✗ is boot')
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

  test('a sweep is one folder of the list, and all its trials are shown with one tick', async () => {
    await show(['first'])
    const folder = page.locator('#runs li.folder', { hasText: 'search' })
    assert.match(
      (await folder.locator('summary').textContent())!,
      /^searchsweep, 10 trials, best validation error 6\.67 %$/,
    )
    assert.not(await folder.getByRole('button', { name: '0003' }).isVisible())
    await page.getByRole('checkbox', { name: 'Show all of search' }).check()
    await waitForText(page, '#head h2', '11 runs compared')
    // eleven lines are more than there are colours: it is said, and nothing goes dead
    await waitForText(page, '#notice', '11 lines: 8 have colours, the others are grey')
    assert.ok(await page.getByRole('checkbox', { name: 'Compare second' }).isEnabled())
    await page.locator('#group').selectOption('training.learningRate')
    await waitForText(page, '#curves figure', 'learningRate 0.003')
    assert.not(await page.locator('#notice').isVisible())
    assert.match(page.url(), /group=training\.learningRate/)
  })

  test('the list is searched, filtered by state and sorted', async () => {
    await show(['first'])
    const names = async (): Promise<string[]> => page.locator('#runs > li:not(.folder) .name').allTextContents()
    await page.locator('#sort').selectOption('name')
    assert.equal((await names()).slice(0, 3), ['damaged', 'first', 'later'])
    await page.locator('#search').fill('FIR mnist')
    assert.equal(await names(), ['first'])
    await page.locator('#state').selectOption('training')
    assert.equal(await names(), [])
    assert.is(await page.locator('#runs').textContent(), 'No run matches.')
    await page.locator('#state').selectOption('')
    await page.locator('#search').fill('')
    await page.locator('#sort').selectOption('error')
    assert.ok(
      (await names()).indexOf('damaged') > (await names()).indexOf('second'),
      'without an error, after those with one',
    )
    await page.locator('#sort').selectOption('changed')
  })

  test('a percentage in the list says of what it is', async () => {
    const words = await page.getByRole('button', { name: /^second/ }).textContent()
    assert.match(words!, /validation error 6\.67 %$/)
  })

  test('hovering moves nothing, and reads every line at the place', async () => {
    await show(['first', 'second'])
    const plots = page.locator('.plot')
    const boxes = (): Promise<string> =>
      page
        .locator('figure.chart svg')
        .evaluateAll((all) => JSON.stringify(all.map((each) => each.getBoundingClientRect())))
    const before = await boxes()
    await plots.first().hover({ position: { x: 60, y: 90 } })
    await page.locator('.readout').first().waitFor({ state: 'visible' })
    assert.is(await boxes(), before)
    assert.match(
      (await page.locator('.readout').first().textContent())!,
      /^epoch [12].*first.*second|^epoch [12].*second.*first/,
    )
    assert.is(await page.locator('.cursor').count(), await page.locator('figure.chart svg').count(), 'in every chart')
    await page.mouse.move(2, 2)
  })

  test('values are read, and a part is shown, by the keyboard', async () => {
    await show(['second'])
    await page.locator('.plot').first().focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowRight')
    await waitForText(page, '#live', 'epoch 2: second 10.00')
    await page.keyboard.press('[')
    await page.locator('#whole').waitFor({ state: 'visible' })
    const ticks = await page.locator('.plot').first().locator('svg text').allTextContents()
    assert.ok(ticks.includes('2') && ticks.includes('3') && !ticks.includes('1'), ticks.join(' '))
    await page.keyboard.press('Escape')
    assert.not(await page.locator('#whole').isVisible())
  })

  test('no two marks of an axis say the same, the learning rate among them', async () => {
    await show(['first'])
    await page.locator('#more summary').click()
    const rate = page.locator('figure.chart', { hasText: 'Learning rate' })
    await rate.locator('svg').waitFor()
    for (const figure of await page.locator('figure.chart').all()) {
      const up = await figure.locator('svg text[text-anchor="end"]').allTextContents()
      assert.is(new Set(up).size, up.length, up.join(' '))
    }
    await page.locator('#more summary').click()
  })

  test('curves and everything recorded are saved as CSV and SVG', async () => {
    await show(['second'])
    const saved = async (click: () => Promise<void>): Promise<string> => {
      const [file] = await Promise.all([page.waitForEvent('download'), click()])
      return `${file.suggestedFilename()}\n${readFileSync((await file.path())!, 'utf8')}`
    }
    const button = (name: string) => page.getByRole('button', { name, exact: true })
    const csv = await saved(() => button('CSV of Validation error').click())
    assert.match(
      csv,
      /^validation\.error\.csv\nline,epoch,"Validation error, %"\r\nsecond,1,20\r\nsecond,2,10\r\nsecond,3,6\.66/,
    )
    const svg = await saved(() => button('SVG of Validation error').click())
    assert.match(
      svg,
      /^validation\.error\.svg\n<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg".*>Validation error, %<\/text>/s,
    )
    const all = await saved(() => button('All as CSV').click())
    assert.match(
      all,
      /^runs\.csv\nrun,epoch,imagesPerSecond,learningRate,seconds,train\.accuracy,train\.loss,validation\.error\r\nsecond,1,1000,0\.001,2,/,
    )
  })

  test('a log scale, the axis across and the smoothing are kept in the address', async () => {
    await page.goto(`${address}#run=second&x=minutes&log=1&smoothing=0.5`)
    await waitForText(page, '#curves figure', 'minutes of training', 8000)
    assert.equal(
      [await page.locator('#across').inputValue(), await page.locator('#log').isChecked()],
      ['minutes', true],
    )
    await page.locator('#log').uncheck()
    await page.waitForFunction(() => !location.hash.includes('log='))
    assert.match(page.url(), /x=minutes&smoothing=0\.5/)
  })

  test('a first visit says what to do', async () => {
    const server = createDashboard({ root: newRoot(), page: built, gaze })
    const empty = await browser!.newPage()
    try {
      await empty.goto(await listen(server))
      await waitForText(empty, '#nothing', 'npm run train -- --quick', 8000)
      assert.not(await empty.locator('#something').isVisible())
      assert.equal(await violationsOn(empty), [])
    } finally {
      await empty.close()
      server.close()
      server.closeAllConnections()
    }
  })

  for (const scheme of ['light', 'dark'] as const)
    test(`axe finds nothing to complain of, ${scheme}`, async () => {
      await page.emulateMedia({ colorScheme: scheme })
      for (const runs of [['first'], ['first', 'second'], ['damaged'], trials]) {
        await show(runs)
        await page.locator('#gaze').scrollIntoViewIfNeeded()
        assert.equal(await violationsOn(page), [], runs.join())
      }
      await page.emulateMedia({ colorScheme: 'light' })
    })

  test('on a phone nothing sticks out, and the list unfolds', async () => {
    await show(['first', 'second'])
    await page.setViewportSize({ width: 360, height: 740 })
    // the charts are drawn anew once they have been told of their new width; what sticks out for good fails here
    await page.waitForFunction(fits, undefined, { timeout: 5000 })
    await page.locator('#runs').waitFor({ state: 'hidden', timeout: 5000 })
    await page.locator('#chooser > summary').click()
    await page.getByRole('button', { name: 'damaged' }).click()
    await waitForText(page, '#head h2', 'damaged')
    await page.locator('#runs').waitFor({ state: 'hidden', timeout: 5000 })
  })

  test('a comparison that is wider than a phone scrolls by the keyboard', async () => {
    await show(['first', 'second'])
    const box = page.locator('#head .scroll')
    assert.ok(await box.evaluate((each) => each.scrollWidth > each.clientWidth))
    await box.focus()
    await page.keyboard.press('ArrowRight')
    await page.waitForFunction(() => document.querySelector('#head .scroll')!.scrollLeft > 0, undefined, {
      timeout: 2000,
    })
  })

  test('at twice the size nothing sticks out', async () => {
    // a browser's zoom of 200 % leaves half as many CSS pixels
    const zoomed = await browser!.newPage({ viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 })
    try {
      await zoomed.goto(`${address}#run=first&run=second`)
      await waitForText(zoomed, '#head h2', '2 runs', 8000)
      await zoomed.waitForFunction(fits, undefined, { timeout: 5000 })
    } finally {
      await zoomed.close()
    }
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
