/** Debian's Chromium without a window, which finds the page at its name. */

import { existsSync } from 'node:fs'

import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'

import { pageUrl } from './whole-page.ts'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Undefined where there is none. */
export const executable = [process.env['FROSTGATE_CHROMIUM'] ?? '', ...places].find(
  (path) => path !== '' && existsSync(path),
)

export const remedy = 'no Chromium; apt-get install -y chromium, or set FROSTGATE_CHROMIUM to one'

export function startChromium(port: number): Promise<Browser> {
  return chromium.launch({
    ...(executable === undefined ? {} : { executablePath: executable }),
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--disable-gpu',
      `--host-resolver-rules=MAP ${new URL(pageUrl).hostname}:443 127.0.0.1:${port}`,
    ],
  })
}

/** What a person must never see: errors of script, and of the policy. */
export function troublesOf(page: Page): string[] {
  const troubles: string[] = []
  page.on('pageerror', (error) => troubles.push(error.message))
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) troubles.push(message.text())
  })
  return troubles
}

/** Through the provider's own form, to where the link led. */
export async function logIn(context: BrowserContext, name: string, path = '/'): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${pageUrl}${path}`)
  await page.fill('input[name=login]', name)
  await page.fill('input[name=password]', 'any')
  await page.click('button[type=submit]')
  await page.waitForURL(`${pageUrl}${path}`)
  return page
}
