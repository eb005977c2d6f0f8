import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseInvitation, toInvitation } from './invitation.ts'

const seed = { url: 'https://a.example:6001', certSha256: 'ab'.repeat(32) }

test('an invitation goes through text and back', () => {
  assert.deepEqual(parseInvitation(`${toInvitation(seed)}\n`), seed)
})

test('what is no invitation is refused', () => {
  for (const text of [
    '',
    seed.url,
    `http://a#${seed.certSha256}`,
    `${seed.url}#12`,
    `https://#${seed.certSha256}`,
  ]) {
    assert.throws(() => parseInvitation(text), /is not an invitation/, text)
  }
})
