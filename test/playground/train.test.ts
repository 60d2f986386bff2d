import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Download, Page } from 'playwright-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { evaluateCommand } from '../../scripts/commands/evaluate.ts'
import { run } from '../../scripts/commands/run.ts'
import { decodeAgentFile } from '../../src/inference/agent-file.ts'
import { completeConfig } from '../../src/runs/config.ts'
import { configOf, readSetting, usualSetting, worlds, writeSetting } from '../../web/playground/setting.ts'
import { fits, hasBrowser, tabTo, violationsOn } from '../browser.ts'
import { open, type Served, serve } from './served.ts'

const digits = fileURLToPath(new URL('../../web/playground/assets/mnist', import.meta.url))

let served: Served
let page: Page
let complaints: string[] = []

const row = (name: string) => page.locator('.run', { has: page.locator('b', { hasText: new RegExp(`^${name}$`) }) })

/** Wait until a run stands so. */
const standing = (name: string, state: string, epoch = 0): Promise<void> =>
  page
    .waitForFunction(
      ([name, state, epoch]) =>
        [...document.querySelectorAll<HTMLElement>('.run')].some(
          (row) =>
            row.querySelector('b')!.textContent === name &&
            row.dataset.state === state &&
            Number(row.dataset.epoch) >= Number(epoch),
        ),
      [name, state, String(epoch)],
      { timeout: 120_000 },
    )
    .then(() => {})

/** How much of the validation items is right, in percent, as the page says it. */
const right = async (name: string): Promise<number> =>
  Number.parseFloat((await row(name).locator('.figure b').textContent())!)

async function saved(act: () => Promise<void>): Promise<{ path: string; words: string }> {
  const [file] = (await Promise.all([page.waitForEvent('download', { timeout: 60_000 }), act()])) as [Download, unknown]
  const path = join(mkdtempSync(join(tmpdir(), 'saccade-')), file.suggestedFilename())
  await file.saveAs(path)
  await page.waitForFunction(() => /^Saved/.test(document.querySelector('#told')!.textContent!))
  return { path, words: (await page.locator('#told').textContent())! }
}

test('a link means a setting, and what it says wrongly is as usual', () => {
  const setting = { ...usualSetting('CircleSquare'), algorithm: 'ppo', glimpses: 9, noise: 0.25, epochs: 3, seed: 7 }
  assert.equal(readSetting(`#${writeSetting(setting)}`), setting)
  assert.equal(readSetting(''), usualSetting('MNIST'))
  const wrong = '#train&world=Nowhere&algorithm=<b>&glimpses=2.5&noise=9&epochs=0&seed=x'
  assert.equal(readSetting(wrong), usualSetting('MNIST'))
})

test('every world goes with every algorithm', async () => {
  await import('../../src/catalogue.ts')
  for (const world of Object.keys(worlds))
    for (const algorithm of ['reinforce', 'a2c', 'ppo', 'rloo', 'random', 'raster', 'centre'])
      assert.is(completeConfig(configOf({ ...usualSetting(world), algorithm })).algorithm.name, algorithm)
})

if (hasBrowser()) {
  test.before(async () => {
    served = await serve()
    ;({ page, complaints } = await open(served, '#train&world=MNIST&algorithm=reinforce&glimpses=3&epochs=2&seed=1'))
  })

  test.after(() => served.close())

  test.after.each(() => assert.equal(complaints, []))

  test('a training begins at chance, learns, and ends', async () => {
    assert.is(await page.locator('[name="glimpses"]').inputValue(), '3')
    await page.locator('#start').click()
    await standing('run 1', 'running')
    const before = await right('run 1')
    assert.ok(before < 25, `${before} % right before anything is learned`)
    await standing('run 1', 'complete', 2)
    const after = await right('run 1')
    assert.ok(after > 45, `${after} % right after two epochs`)
    assert.is(await page.locator('#gaze canvas').count(), 8)
    assert.match((await page.locator('#curves figure').first().textContent())!, /Validation error/)
    assert.match((await page.locator('#gaze figcaption').first().textContent())!, /\d+ %/)
  })

  test('a saved agent has the same error in `evaluate`, and a run can begin from it', async () => {
    const { path, words } = await saved(() => row('run 1').locator('.save').click())
    const told = Number(/: ([\d.]+) % error on 1,000 test items/.exec(words)![1])
    const { card } = decodeAgentFile(readFileSync(path), path)
    assert.is(Number(card.test!.greedy.toFixed(2)), told)
    assert.is(card.environment.glimpses, 3)
    let printed = ''
    const out = { write: (text: string) => (printed += text) }
    const args = [path, '--data', digits, '--engine', 'wasm', '--workers', '1', '--rollouts', '1', '--json']
    assert.is(await run(evaluateCommand, args, { out, error: out }), 0, printed)
    const { errors, items } = JSON.parse(printed) as { errors: { greedy: number }; items: number }
    assert.is(items, 1000)
    assert.is(Number(errors.greedy.toFixed(2)), told)

    await page.locator('#file').setInputFiles(path)
    await page.waitForSelector('#loaded:not([hidden])')
    await page.locator('#start').click()
    await standing('run 2', 'running')
    const begun = await right('run 2')
    assert.ok(begun > 45, `${begun} % right where another training ended`)
    await row('run 2').locator('.pause').click()
    await row('run 2').locator('.remove').click()
  })

  test('a file that is no agent is refused in words', async () => {
    const file = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no agent at all') }
    await page.locator('#file').setInputFiles(file)
    await page.waitForFunction(() => /notes.txt cannot be loaded/.test(document.querySelector('#told')!.textContent!))
  })

  test('another world: it pauses and goes on step by step', async () => {
    await page.locator('#world').selectOption('probe/hint')
    await page.locator('[name="epochs"]').fill('500')
    assert.ok(await page.locator('[name="glimpses"]').isDisabled())
    assert.match(page.url(), /#train&world=probe%2Fhint/)
    await page.locator('#start').click()
    await standing('run 3', 'running', 2)
    await row('run 3').locator('.pause').click()
    await standing('run 3', 'paused')
    // the chunk that is under way is the last
    await page.waitForTimeout(1000)
    const stood = await row('run 3').locator('.standing').textContent()
    await page.waitForTimeout(500)
    assert.is(await row('run 3').locator('.standing').textContent(), stood)
    await row('run 3').locator('.step').click()
    await page.waitForFunction((before) => document.querySelectorAll('.standing')[1]!.textContent !== before, stood)
    assert.match((await page.locator('#curves svg').first().getAttribute('aria-label'))!, /run 1 [\d.]+; run 3 [\d.]+/)
    await row('run 3').locator('.remove').click()
    assert.is(await page.locator('.run').count(), 1)
  })

  test('a slider goes back to how it looked after each epoch', async () => {
    const shown = await page.locator('#gaze').textContent()
    await page.locator('#growth').fill('0')
    assert.is(await page.locator('#grown').textContent(), '0')
    assert.is.not(await page.locator('#gaze').textContent(), shown)
    await page.locator('#growth').fill((await page.locator('#growth').getAttribute('max'))!)
    assert.is(await page.locator('#gaze').textContent(), shown)
  })

  test('an agent that was trained here looks at drawings', async () => {
    await row('run 1').locator('.try').click()
    await page.waitForFunction(() => /Agent after 2 epochs/.test(document.querySelector('#card')!.textContent!))
    await page.waitForFunction(() => document.querySelectorAll('#watch .timeline li').length === 3)
    assert.ok(await page.locator('#look').isVisible())
    await page.locator('#tab-train').click()
  })

  test('by the keyboard alone: an option, start, pause, a step, the epochs, an agent saved, a run taken away', async () => {
    const first = page
    ;({ page } = await open(served, '#train&world=MNIST&glimpses=2&epochs=500'))
    try {
      await tabTo(page, '[name="seed"]')
      await page.keyboard.press('ArrowUp')
      assert.match(page.url(), /seed=1/)
      await tabTo(page, '#start')
      await page.keyboard.press('Enter')
      await standing('run 1', 'running', 1)
      await tabTo(page, '.run .pause')
      await page.keyboard.press('Space')
      await standing('run 1', 'paused')
      await tabTo(page, '.run .step')
      await page.keyboard.press('Enter')
      await tabTo(page, '.run .save')
      const { path } = await saved(() => page.keyboard.press('Enter'))
      assert.match(path, /\.safetensors$/)
      await tabTo(page, '#growth')
      await page.keyboard.press('Home')
      assert.is(await page.locator('#grown').textContent(), '0')
      await page.locator('body').press('Home')
      await tabTo(page, '.run .remove')
      await page.keyboard.press('Enter')
      assert.is(await page.locator('.run').count(), 0)
    } finally {
      await page.close()
      page = first
    }
  })

  for (const colorScheme of ['light', 'dark'] as const)
    test(`axe finds nothing to complain of beside a run, ${colorScheme}`, async () => {
      await page.emulateMedia({ colorScheme })
      assert.equal(await violationsOn(page), [])
    })

  test('on a phone nothing sticks out beside a run', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    await page.waitForFunction(fits)
  })
}

test.run()
