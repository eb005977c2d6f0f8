import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bytesToHex, hexToBytes, isHash, parseHash } from './hex.ts'
import * as browser from './sha256-browser.ts'
import * as node from './sha256-node.ts'

test('both implementations give the same hash', () => {
  const data = fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array())
  fc.assert(
    fc.property(data, (input) => {
      assert.equal(browser.sha256Hex(input), node.sha256Hex(input))
      assert.equal(bytesToHex(node.sha256(input)), node.sha256Hex(input))
    }),
  )
  assert.equal(
    node.sha256Hex('hello'),
    '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
  )
})

test('hex goes to bytes and back', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.deepEqual(hexToBytes(bytesToHex(bytes)), bytes)
    }),
  )
  assert.deepEqual(hexToBytes('0xFf00'), Uint8Array.of(255, 0))
  for (const text of ['0', 'gg', '0x0', '0x0x00']) assert.equal(hexToBytes(text), undefined)
})

test('a hash is read with or without prefix, in any case', () => {
  const hash = 'ab'.repeat(32)
  for (const text of [hash, `0x${hash}`, hash.toUpperCase()]) assert.equal(parseHash(text), hash)
  for (const text of ['', hash.slice(1), `0x0x${hash}`]) assert.equal(parseHash(text), undefined)
  assert.deepEqual([isHash(hash), isHash(hash.toUpperCase())], [true, false])
})
