import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { keepShort } from './log-file.ts'

test('a log that another process writes stays short, with the lines before beside it', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'log-')), 'a.log')
  const log = openSync(file, 'a')
  const endless = 'setInterval(() => process.stdout.write("a line of a log\\n".repeat(100)), 1)'
  const child = spawn(process.execPath, ['-e', endless], { stdio: ['ignore', log, 'ignore'] })
  closeSync(log)
  using kept = keepShort(file, { everyMs: 5, maxBytes: 20_000 })
  const sizes: number[] = []
  // It has been begun anew when it is shorter than it was.
  while (sizes.filter((size, i) => size < (sizes[i - 1] ?? 0)).length < 3) {
    sizes.push(statSync(file).size)
    await delay(1)
  }
  child.kill('SIGKILL')
  await once(child, 'exit')
  assert.ok(Math.max(...sizes) < 2_000_000)
  assert.match(readFileSync(`${file}.1`, 'utf8'), /^(a line of a log\n)+$/)
  assert.ok(kept)
})
