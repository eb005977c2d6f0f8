import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Where a browser is; undefined on a machine without one. */
export const browserPath: string | undefined = places.find((place) => existsSync(place))

/** Why a test of a page can't run here; false if it can. */
export const noBrowser: string | false =
  browserPath === undefined &&
  'no Chromium or Chrome is installed (Debian: apt-get install chromium)'

export interface Watched {
  readonly page: Page
  /** Errors and warnings of the console, errors nobody caught, and dialogs. */
  readonly complaints: string[]
  /** Requests as they left: method and path. */
  readonly requests: string[]
}

/** A real browser; resolves when it runs. */
export const startBrowser = (): Promise<Browser> =>
  // Everything it shows comes from this machine, and as root it has no sandbox.
  chromium.launch({ executablePath: browserPath ?? '', args: ['--no-sandbox'] })

/** A page that takes note of all that goes wrong in it. */
export async function openWatched(browser: Browser): Promise<Watched> {
  const page = await browser.newPage()
  const complaints: string[] = []
  const requests: string[] = []
  page.on('console', (message) => {
    if (message.type() !== 'log') complaints.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    dialog.dismiss().catch(() => {})
  })
  page.on('request', (request) => {
    requests.push(`${request.method()} ${new URL(request.url()).pathname}`)
  })
  return { page, complaints, requests }
}
