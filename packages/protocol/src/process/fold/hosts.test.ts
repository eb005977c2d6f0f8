import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const zones = ['UTC', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia']
const languages = ['C', 'de_DE.UTF-8', 'tr_TR.UTF-8', 'th_TH.UTF-8']
const chains = fileURLToPath(new URL('chains.test.ts', import.meta.url))

test('C6 hosts of four time zones and languages decide alike', async () => {
  for (const [i, TZ] of zones.entries()) {
    const env = { TZ, LANG: languages[i], LC_ALL: languages[i] }
    const { stdout } = await promisify(execFile)(process.execPath, [chains], { env })
    assert.match(stdout, /^ℹ pass 1$|^# pass 1$/m, TZ)
  }
})
