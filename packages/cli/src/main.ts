#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// Compiled code is kept between starts (in the system's folder for temporary files): half the time to start a node.
enableCompileCache()
const { run } = await import('./run.ts')

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => stop.abort(signal))
}
// A reader that went away (`concordat help | head`) is no error.
process.stdout.on('error', () => {})

process.exitCode = await run({
  args: process.argv.slice(2),
  context: {
    print: (line) => process.stdout.write(`${line}\n`),
    cwd: process.cwd(),
    program: fileURLToPath(import.meta.url),
    stop: stop.signal,
  },
  complain: (line) => process.stderr.write(`${line}\n`),
})
