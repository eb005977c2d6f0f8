import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { execPath } from 'node:process'
import { test } from 'node:test'
import { sha256Hex } from '#sha256'
import { canonicalJson } from '../values/canonical.ts'
import { makeVector, readVectors, remakeVectors, vectorsText } from './vectors.testing.ts'

/** Of the file of vectors. It stands for as long as flow/1 does: what is to change belongs into flow/2. */
const FROZEN = '87932108f2b1996efc4018ba19ff7f766f06af157f1eb22bd9a41cb83eb8d3f0'

test('C5 the golden vectors of flow/1 are the ones that were frozen', () => {
  assert.equal(sha256Hex(vectorsText()), FROZEN)
})

test('C5 every golden vector comes out as it did: value or fault, and work', () => {
  for (const vector of readVectors()) {
    assert.equal(canonicalJson(makeVector(vector.rule, vector.env)), canonicalJson(vector))
  }
})

test('C6 the golden vectors do not depend on time zone or language of the host', () => {
  const here = sha256Hex(remakeVectors())
  const module = new URL('./vectors.testing.ts', import.meta.url)
  const script = `import { remakeVectors } from '${module}'; process.stdout.write(remakeVectors())`
  const hosts = [
    { TZ: 'UTC', LC_ALL: 'C' },
    { TZ: 'America/New_York', LC_ALL: 'en_US.UTF-8' },
    { TZ: 'Asia/Kolkata', LC_ALL: 'tr_TR.UTF-8' },
    { TZ: 'Europe/London', LC_ALL: 'de_DE.UTF-8' },
    { TZ: 'Pacific/Apia', LC_ALL: 'ja_JP.UTF-8' },
  ]
  for (const env of hosts) {
    const run = spawnSync(execPath, ['--input-type=module', '--eval', script], { env })
    assert.equal(run.status, 0, String(run.stderr))
    assert.equal(sha256Hex(run.stdout), here, env.TZ)
  }
})
