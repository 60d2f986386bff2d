// The pictures that are drawn from the records in results/: how the rows of the paper's tables learned, and the dashboard
// showing them.

import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UserError } from '../src/core/errors.ts'
import { createDashboard, host } from '../src/dashboard/server.ts'
import { lineChart } from '../src/report/line-chart.ts'
import { widthOf } from '../src/report/measure.ts'
import { titleOf } from '../src/report/metrics.ts'
import { lineColour } from '../src/report/palette.ts'
import { sheet } from '../src/report/sheet.ts'
import { inks } from '../src/report/theme.ts'
import { writeWhole } from '../src/runs/files.ts'
import { experiments } from './experiments.ts'
import { dashboardPage } from './pages.ts'
import { recordsOf } from './results.ts'

/** The rows that are shown. */
export const rows = ['mnist-6', 'translated-8', 'cluttered-8', 'cluttered100-8'] as const

const recordsOfRow = (results: string, row: string) => recordsOf(results, experiments.find(({ name }) => name === row)!)

/** Validation error by epoch, a line a row and seed, as SVG. */
export function drawLearning(results: string): string {
  const series = rows.flatMap((row, i) =>
    recordsOfRow(results, row).map(({ curve }, seed) => ({
      ...{ label: row, colour: lineColour(i), stroke: 1.5 },
      ...(seed > 0 && { quiet: true }),
      points: curve.map(([x, y]) => ({ x, y })),
    })),
  )
  const [width, height] = [720, 380]
  const chart = { width, height, series, inks, measure: widthOf, log: true, whole: true, xLabel: 'epoch' }
  const head = {
    title: 'How the rows of the tables learned',
    subtitle: `${titleOf('validation.error')}, greedy, on a logarithmic axis; a line a seed. From the records in results/.`,
  }
  return sheet(head, [lineChart(chart).svg], [width, height], [], 1)
}

/** The dashboard, looked at by a headless Chromium, as a PNG. @throws UserError where there is none. */
export async function drawDashboard(results: string): Promise<Uint8Array> {
  const executablePath = [process.env.CHROMIUM ?? '', '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
    (path) => path !== '' && existsSync(path),
  )
  if (executablePath === undefined)
    throw new UserError('the dashboard is drawn by Chromium, which is not here: install it, or name it in CHROMIUM')
  const root = mkdtempSync(join(tmpdir(), 'saccade-runs-'))
  const names = rows.flatMap((row) => putRuns(root, results, row))
  const gaze = async (): Promise<never> => {
    throw new Error('records hold no agent')
  }
  const server = createDashboard({ root, page: await dashboardPage(), gaze })
  server.listen(0, host)
  await once(server, 'listening')
  const { chromium } = await import('playwright-core')
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 860 } })
    const shown = names.filter((name) => name.endsWith('seed-0'))
    const query = new URLSearchParams([...shown.map((name): [string, string] => ['run', name]), ['log', '1']])
    await page.goto(`http://${host}:${(server.address() as { port: number }).port}/#${query}`)
    await page.locator('#root').evaluate((each) => {
      each.textContent = 'runs/reproduce'
    })
    await page.locator('.plot svg').first().waitFor()
    return await page.screenshot()
  } finally {
    await browser.close()
    server.close()
    server.closeAllConnections()
    rmSync(root, { recursive: true })
  }
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
