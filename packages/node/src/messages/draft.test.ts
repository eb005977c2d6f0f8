import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonAnyText, RawJson } from '@concordat/protocol'
import { type DraftHeader, draftData, draftMessage, type Place, valueText } from './draft.ts'

const place = (...ids: string[]): Place => ({
  namespace: 'default',
  networkName: 'net1',
  created: '2024-01-02T03:04:05.06Z',
  uuid: () => ids.shift() ?? '99999999-9999-4999-8999-999999999999',
})
const dataId = '11111111-1111-4111-8111-111111111111'
const messageId = '22222222-2222-4222-8222-222222222222'
const group = '043a95d864b9a00bb92a31246553a23e6744cfa1565ae3b5f673edc20ec98a84'
const value = new RawJson(jsonAnyText('{"b": 1.0, "a": "x<y"}'))
const hello = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'
const header: DraftHeader = {
  type: 'broadcast',
  txtype: 'batch_pin',
  author: 'did:firefly:org/org_0',
  key: '0x7e3bb2198959d3a1c3ede9db1587560320ce8998',
  topics: ['t1', 't2'],
  tag: 'tag1',
}

function draft(change: Partial<DraftHeader> = {}) {
  const at = place(dataId, messageId)
  const data = draftData(at, { value })
  return draftMessage(at, { ...header, ...change }, [{ kind: 'new', data }])
}

test('a broadcast has the known hashes', () => {
  const { message, data, size } = draft()
  assert.equal(data[0]?.hash, 'b8fa10ff4f3047716019060e7b24b337e1c0a11779f9027a495081470b1a404b')
  assert.equal(
    message.header.datahash,
    'ecaa06697d64b0cbaa1fd9b86b177b7ab7aaa96de63d8dbac9cbbf9cff5c38b9',
  )
  assert.equal(message.header.id, messageId)
  assert.equal(message.header.namespace, 'net1')
  assert.equal(message.localNamespace, 'default')
  assert.equal(message.hash, '14a781455153bc6aacf132c5e4f469adc7ab43b7b37ad3863a30d0be3db1a2c7')
  assert.equal(size, 1024 + 256 + value.text.length)
})

test('a private message has the known hash', () => {
  const { message } = draft({ type: 'private', group, topics: ['t1'] })
  assert.equal(message.hash, '86bce6fafa16da8a7b5e5291f66ae03efb807fbfadf48029949e2655fded0b86')
})

test('what is left out, or empty, is not hashed', () => {
  const { message } = draft({ topics: [], tag: '', cid: undefined, idempotencyKey: '' })
  assert.deepEqual(message.header.topics, ['default'])
  assert.deepEqual(Object.keys(message.header).sort(), [
    'author',
    'created',
    'datahash',
    'id',
    'key',
    'namespace',
    'topics',
    'txtype',
    'type',
  ])
  assert.equal('idempotencyKey' in message, false)
})

test('stored data is referred to, and not written again', () => {
  const at = place(dataId, messageId)
  const data = draftData(at, { value })
  const stored = draftMessage(at, header, [{ kind: 'stored', data }])
  assert.deepEqual(stored.data, [])
  assert.deepEqual(stored.message.data, [{ id: dataId, hash: data.hash }])
})

test('topics and tags are names, and data is named once', () => {
  assert.throws(() => draft({ topics: ['no spaces'] }), { code: 'FF00140' })
  assert.throws(() => draft({ topics: ['a', 'a'] }), { code: 'CC20706' })
  assert.throws(() => draft({ tag: '!' }), { code: 'FF00140' })
  const data = draftData(place(dataId), { value })
  const other = draftData(place(messageId), { value })
  const items = [data, data, other].map((each) => ({ kind: 'stored' as const, data: each }))
  assert.throws(() => draftMessage(place(), header, items), /FF00129.*\b1\b/)
})

test('data is hashed by value, by blob or by both', () => {
  const blob = { hash: hello, size: 5 }
  assert.equal(draftData(place(), {}, blob).hash, hello)
  assert.equal(
    draftData(place(), { value }, blob).hash,
    'bb38baf19cc77c8640d5c360fb37d60f49b1da1dcb1d326e39f238f23f082f23',
  )
  assert.throws(() => draftData(place(), {}), { code: 'FF00109' })
  assert.throws(() => draftData(place(), { value: new RawJson('null') }), { code: 'FF00109' })
})

test('data says what it is: JSON, unless told otherwise', () => {
  const plain = draftData(place(dataId), { value })
  assert.equal(plain.validator, 'json')
  assert.equal('datatype' in plain, false)
  const typed = draftData(place(), { value, validator: 'none', datatype: { name: 'widget' } })
  assert.equal(typed.validator, 'none')
  assert.deepEqual(typed.datatype, { name: 'widget' })
})

test('the path of a blob is the part of its name before the last slash', () => {
  const pathOf = (name: string): string | undefined =>
    draftData(place(), {}, { hash: hello, size: 5, name }).blob?.path
  assert.equal(pathOf('a/b/c.txt'), '/a/b')
  assert.equal(pathOf('/a/b.txt'), '/a')
  assert.equal(pathOf('/b.txt'), undefined)
  assert.equal(pathOf('b.txt'), undefined)
})

test('a value is its canonical text, and null is none', () => {
  assert.equal(valueText(new RawJson('1.0')), '1.0')
  assert.equal(valueText({ a: 1 }), '{"a":1}')
  assert.equal(valueText(new RawJson('null')), undefined)
  assert.equal(valueText(null), undefined)
  assert.equal(valueText(undefined), undefined)
})
