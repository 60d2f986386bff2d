// A headless Chromium for pictures and tests of the pages, where one is installed.

import { existsSync } from 'node:fs'
import type { Browser } from 'playwright-core'

/** Where it lies; undefined where it is not here. */
export const chromiumPath = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== '' && existsSync(path))

/** A browser that the caller closes. */
export async function launchChromium(): Promise<Browser> {
  const { chromium } = await import('playwright-core')
  return chromium.launch({ executablePath: chromiumPath!, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}
