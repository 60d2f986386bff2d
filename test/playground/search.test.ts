import type { Page } from 'playwright-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import '../../src/catalogue.ts'
import { cardOf } from '../../src/inference/agent-card.ts'
import { encodeAgentFile } from '../../src/inference/agent-file.ts'
import { completeConfig } from '../../src/runs/config.ts'
import { createPlan } from '../../src/training/plan.ts'
import { fits, hasBrowser, tabTo, violationsOn } from '../browser.ts'
import { open, type Served, serve } from './served.ts'

/** An agent of the cluttered world that has learned nothing. */
function untaught(): Uint8Array {
  const small = { whatUnits: 8, whereUnits: 8, featureUnits: 8, hiddenUnits: 8, locatorUnits: 0, whatLayers: 1 }
  const config = completeConfig({ environment: { id: 'ClutteredMNIST' }, agent: small })
  const plan = createPlan(config)
  const { layout, init } = plan.agent
  return encodeAgentFile({ card: cardOf(config, plan, { epoch: 0, progress: 0 }), layout, parameters: init(1) })
}

let served: Served
let page: Page
let complaints: string[] = []

const picture = (): Promise<string> =>
  page.locator('#hunt .stage').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL())

/** Do something that has the agent hunt anew. @returns whether the scene, as the last look shows it, is another */
async function huntAnew(act: () => Promise<unknown>): Promise<boolean> {
  const before = await picture()
  const episode = await page.locator('#hunt .stage').getAttribute('data-episode')
  await act()
  await page.locator(`#hunt .stage:not([data-episode="${episode}"])`).waitFor()
  await page.locator('#hunt .timeline button').last().click()
  return (await picture()) !== before
}

if (hasBrowser()) {
  test.before(async () => {
    served = await serve(new Map([['search.safetensors', untaught()]]))
    ;({ page, complaints } = await open(served))
  })

  test.after(() => served.close())

  test.after.each(() => assert.equal(complaints, []))

  test('where there is no agent for it, there is no tab', async () => {
    const without = await serve(undefined, ['search.safetensors'])
    try {
      const { page } = await open(without, '#search')
      assert.not(await page.locator('#tab-search').isVisible())
      assert.ok(await page.locator('#look').isVisible())
    } finally {
      await without.close()
    }
  })

  test('the agent hunts a digit where one puts it, by clicks or by the keyboard', async () => {
    await page.locator('#tab-search').click()
    await page.locator('#hunt .timeline li').first().waitFor()
    assert.is(await page.locator('#hunt .timeline li').count(), 8)
    await page.locator('#hunt .timeline button').last().click()
    const click = () => page.locator('#hunt .stage').click({ position: { x: 40, y: 40 } })
    assert.ok(await huntAnew(click))
    assert.ok(Number(await page.locator('#place-across').inputValue()) < 20)
    await page.locator('#place-down').focus()
    assert.ok(await huntAnew(() => page.keyboard.press('End')))
    assert.ok(await huntAnew(() => page.locator('#strew').click()))
    assert.ok(await huntAnew(() => page.locator('#hidden-gallery button').nth(2).click()))
  })

  test('by the keyboard alone: to the tab, a digit, its place, the clutter, the looks one by one, and play', async () => {
    const { page, complaints } = await open(served)
    const episode = (): Promise<string | null> => page.locator('#hunt .stage').getAttribute('data-episode')
    const anew = async (key: string): Promise<void> => {
      const before = await episode()
      await page.keyboard.press(key)
      await page.locator(`#hunt .stage:not([data-episode="${before}"])`).waitFor()
    }
    await tabTo(page, '#tab-look')
    await page.keyboard.press('ArrowRight')
    await page.locator('#hunt .timeline li').first().waitFor()
    await tabTo(page, '#hidden-gallery button:nth-of-type(2)')
    await anew('Enter')
    await tabTo(page, '#place-across')
    await anew('Home')
    await tabTo(page, '#place-down')
    await anew('End')
    assert.is(await page.locator('#place-across').inputValue(), '0')
    await tabTo(page, '#pieces')
    await anew('Home')
    assert.is(await page.locator('#pieces-count').textContent(), '0')
    await tabTo(page, '#hide')
    await anew('Space')
    await tabTo(page, '#strew')
    await anew('Enter')
    await tabTo(page, '#hunt .timeline li:nth-child(3) button')
    await page.keyboard.press('Enter')
    assert.is(await page.locator('#hunt .timeline [aria-current="step"]').count(), 1)
    await tabTo(page, '#hunt .play')
    await page.keyboard.press('Space')
    await page.waitForFunction(() => document.querySelector('#hunt .timeline li:last-child [aria-current="step"]'))
    assert.equal(complaints, [])
    await page.close()
  })

  for (const colorScheme of ['light', 'dark'] as const)
    test(`axe finds nothing to complain of, ${colorScheme}`, async () => {
      await page.emulateMedia({ colorScheme })
      assert.equal(await violationsOn(page), [])
    })

  test('on a phone nothing sticks out', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    await page.waitForFunction(fits)
  })
}

test.run()
