import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createAddressCheck } from './addresses.ts'

const HOUSE = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  'fe80::1',
  'fe80::1%eth0',
  'fc00::1',
  'fd12::1',
  'ff02::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '0:0:0:0:0:ffff:a00:1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001:0:1::1',
  '2001:db8::1',
  '::127.0.0.1',
  'not an address',
  '',
]
const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '172.32.0.1',
  '100.128.0.1',
  '2606:4700::1111',
  '::ffff:8.8.8.8',
]

it('passes public addresses only', () => {
  const allows = createAddressCheck([])
  for (const address of HOUSE) assert.equal(allows(address), false, address)
  for (const address of PUBLIC) assert.equal(allows(address), true, address)
})

it('passes named ranges and blocks that the operator lists', () => {
  const allows = createAddressCheck(['loopback', '10.1.0.0/16', 'fd12::/16'])
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '10.1.9.9', 'fd12::5']) {
    assert.equal(allows(address), true, address)
  }
  for (const address of ['10.2.0.1', '169.254.169.254', 'fd13::1']) {
    assert.equal(allows(address), false, address)
  }
})

it('refuses a range it cannot read', () => {
  for (const range of ['nonsense', '10.0.0.0/33', '10.0.0.0/x', '::/129']) {
    assert.throws(() => createAddressCheck([range]), { code: 'CC20802' }, range)
  }
})
