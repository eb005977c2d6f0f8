import { join, relative } from 'node:path'
import type { Network } from './network.ts'

/** What is shown when all runs: addresses, and what to try first. */
export function whereNext(options: {
  readonly network: Network
  readonly dataDir: string
  readonly cwd: string
  readonly seconds: string
}): string {
  const { network, dataDir, cwd, seconds } = options
  const { parties } = network
  const width = Math.max(...parties.map(({ name }) => name.length))
  const rows = parties.map(({ name, apiPort, exchangePort, spiPort }) => {
    const spi = spiPort === undefined ? '' : `   SPI http://127.0.0.1:${spiPort}`
    return `  ${name.padEnd(width)}  API http://127.0.0.1:${apiPort}   peers ${exchangePort}${spi}`
  })
  const first = `http://127.0.0.1:${parties[0]?.apiPort}`
  const last = `http://127.0.0.1:${parties.at(-1)?.apiPort}`
  const shown = relative(cwd, dataDir)
  const where = shown.startsWith('..') || shown === '' ? dataDir : shown
  return [
    '',
    `Ready after ${seconds} s.`,
    '',
    ...rows,
    '',
    `Try the API in a browser: ${first}/api`,
    'Send a first message, and read it at another party:',
    `  curl -s '${first}/api/v1/messages/broadcast?confirm=true' -H 'content-type: application/json' -d '{"data":[{"value":"hello"}]}'`,
    `  curl -s '${last}/api/v1/messages?limit=1&fetchdata=true'`,
    `Data, logs and keys: ${where}; for FireFly's tools: ${join(where, 'stack')}`,
    'Ctrl-C stops everything; the next start goes on with the same data.',
  ].join('\n')
}
