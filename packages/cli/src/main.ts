#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// Compiled code is kept between starts (in the system's folder for temporary files): half the time to start a node.
enableCompileCache()
const { run } = await import('./run.ts')
const { tellParent } = await import('./lifeline.ts')

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => stop.abort(signal))
}
// A reader that went away (`concordat help | head`) is no error, and neither is a log on a full disk.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

let complaint: string | undefined

process.exitCode = await run({
  args: process.argv.slice(2),
  context: {
    print: (line) => process.stdout.write(`${line}\n`),
    cwd: process.cwd(),
    program: fileURLToPath(import.meta.url),
    stop: stop.signal,
  },
  complain: (line) => {
    complaint ??= line
    process.stderr.write(`${line}\n`)
  },
})
await tellParent(complaint)
