// The pictures of the two pages, as a headless Chromium shows them: the dashboard with the records in results/ as runs, and the
// playground with its agent of the cluttered world.

import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { UserError } from '../src/core/errors.ts'
import { createDashboard, createPageServer, host } from '../src/dashboard/server.ts'
import { writeWhole } from '../src/runs/files.ts'
import { chromiumPath, launchChromium } from './chromium.ts'
import { dashboardPage, playgroundPage } from './pages.ts'
import { recordsOfRow, rows } from './pictures-of-results.ts'

const size = { width: 1280, height: 860 }

/** A page of a server, made ready and photographed, as PNG. @throws UserError where there is no Chromium. */
async function photograph(server: Server, hash: string, ready: (page: Page) => Promise<void>): Promise<Photographs> {
  if (chromiumPath === undefined)
    throw new UserError('pages are drawn by Chromium, which is not here: install it, or name it in CHROMIUM')
  server.listen(0, host)
  await once(server, 'listening')
  const browser = await launchChromium()
  try {
    const page = await browser.newPage({ viewport: size, reducedMotion: 'reduce' })
    await page.goto(`http://${host}:${(server.address() as { port: number }).port}/${hash}`)
    await ready(page)
    const light = await page.screenshot()
    await page.emulateMedia({ colorScheme: 'dark' })
    // drawn anew in other colours
    await page.waitForTimeout(500)
    return { light, dark: await page.screenshot() }
  } finally {
    await browser.close()
    server.close()
    server.closeAllConnections()
  }
}

type Photographs = { readonly light: Uint8Array; readonly dark: Uint8Array }

/** The dashboard. @throws UserError where there is no Chromium. */
export async function drawDashboard(results: string): Promise<Photographs> {
  const root = mkdtempSync(join(tmpdir(), 'saccade-runs-'))
  const shown = rows.flatMap((row) => putRuns(root, results, row)).filter((name) => name.endsWith('seed-0'))
  const gaze = async (): Promise<never> => {
    throw new Error('records hold no agent')
  }
  const query = new URLSearchParams([...shown.map((name): [string, string] => ['run', name]), ['log', '1']])
  try {
    return await photograph(createDashboard({ root, page: await dashboardPage(), gaze }), `#${query}`, async (page) => {
      await page.locator('#root').evaluate((each) => {
        each.textContent = 'runs/reproduce'
      })
      await page.locator('.plot svg').first().waitFor()
    })
  } finally {
    rmSync(root, { recursive: true })
  }
}

/** The playground: its agent has hunted a digit through clutter. @throws UserError where there is no Chromium. */
export async function drawPlayground(): Promise<Photographs> {
  const server = createPageServer(await playgroundPage())
  return photograph(server, '#search', async (page) => {
    await page.locator('#hunt .timeline button').last().click({ timeout: 120_000 })
    await page.locator('h1').click()
  })
}

/** A row's records as run directories; their names. */
function putRuns(root: string, results: string, row: string): string[] {
  return recordsOfRow(results, row).map(({ summary, curve }) => {
    const name = `${row}/seed-${summary.seed}`
    const config = {
      environment: { id: summary.environment },
      agent: { name: 'ram' },
      algorithm: { name: summary.algorithm },
      training: { epochs: summary.epochs, seed: summary.seed },
      imports: [],
    }
    const lines = curve.map(
      ([epoch, error]) =>
        `${JSON.stringify({ epoch, epochs: summary.epochs, seconds: summary.secondsPerEpoch, train: {}, validation: { error } })}\n`,
    )
    writeWhole(join(root, name, 'config.json'), JSON.stringify(config))
    writeWhole(join(root, name, 'metrics.jsonl'), lines.join(''))
    writeWhole(join(root, name, 'summary.json'), JSON.stringify(summary))
    return name
  })
}
