import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type BatchPayload,
  batchPayloadJson,
  type Group,
  hashData,
  hashDataRefs,
  hashGroup,
  hashManifest,
  hashMessageHeader,
  manifestOf,
  NodeError,
  parseBatchPayload,
  parseTransportWrapper,
  payloadJson,
  RawJson,
  sha256Hex,
  transportWrapperJson,
  verifyBatch,
} from '../index.ts'

const limits = { maxBytes: 1_000_000 }
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const uuid = (n: number): string => `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`

const author = 'did:firefly:org/a&b'
const key = '0x7e3bb2198959d3a1c3ede9db1587560320ce8998'
const created = '2024-01-02T03:04:05.06Z'

type Change = (batch: BatchPayload) => void

/** A batch of two messages that share one data item, as its author seals it; `change` happens before sealing. */
function sealed(change: Change = () => {}): BatchPayload {
  const value = new RawJson('{"b":1.0,"b":"\\u003c"}')
  const data = { id: uuid(1), validator: 'json', hash: hashData({ value: value.text }), created }
  const message = (n: number) => ({
    header: {
      id: uuid(n),
      type: 'broadcast',
      txtype: 'batch_pin',
      author,
      key,
      created,
      namespace: 'net1',
      topics: ['t1', 't2'],
      tag: 'tag1',
      datahash: '',
    },
    hash: '',
    data: [{ id: data.id, hash: data.hash }],
  })
  const item = { ...data, datatype: { name: 'widget', version: '1' }, value }
  const blob = { hash: sha256Hex('hello'), size: 5, name: 'a.txt', public: 'ref' }
  const batch: BatchPayload = {
    ...{ id: uuid(9), type: 'broadcast', namespace: 'net1', node: uuid(8), created, author, key },
    hash: '',
    payload: {
      tx: { type: 'batch_pin', id: uuid(7) },
      messages: [message(2), message(3)],
      data: [
        item,
        { ...item, blob, hash: hashData({ value: value.text, blobHash: blob.hash }), id: uuid(4) },
      ],
    },
  }
  const [, second] = batch.payload.messages
  second?.data.push({ id: uuid(4), hash: batch.payload.data[1]?.hash ?? '' })
  change(batch)
  return seal(batch)
}

function seal(batch: BatchPayload): BatchPayload {
  for (const message of batch.payload.messages) {
    message.header.datahash = hashDataRefs(message.data)
    message.hash = hashMessageHeader(message.header)
  }
  batch.hash = hashManifest(manifestOf(batch))
  return batch
}

test('a batch survives the wire', () => {
  const batch = sealed()
  const text = batchPayloadJson(batch)
  const received = parseBatchPayload(bytes(text), limits)
  assert.deepEqual(received, batch)
  assert.equal(batchPayloadJson(received), text)
  assert.equal(verifyBatch(received), undefined)
})

test('a private batch survives the wire, with and without its group', () => {
  const batch = sealed((b) => {
    b.type = 'private'
  })
  const identity = { namespace: 'net1', name: '', members: [{ identity: author, node: uuid(8) }] }
  const group: Group = { ...identity, hash: hashGroup(identity), created }
  const text = transportWrapperJson({ group, batch })
  assert.deepEqual(parseTransportWrapper(bytes(text), limits), { group, batch })
  const alone = transportWrapperJson({ batch: new RawJson(batchPayloadJson(batch)) })
  assert.deepEqual(parseTransportWrapper(bytes(alone), limits), { batch })
})

test('fields are in the order that members write them', () => {
  const keys = [...batchPayloadJson(sealed()).matchAll(/"(\w+)":/g)].map(([, name]) => name)
  const header = 'id type txtype author key created namespace topics tag datahash'
  const message = `header ${header} hash data id hash`
  const item = 'id validator hash created datatype name version value b b'
  assert.equal(
    keys.join(' '),
    `id type namespace node created author key hash payload tx type id messages ${message} ${message} id hash data ${item} ${item} blob hash size name public`,
  )
})

test('what an older network hashed, the payload itself, is a valid batch hash too', () => {
  const batch = sealed()
  batch.hash = sha256Hex(payloadJson(batch.payload))
  assert.equal(verifyBatch(batch), undefined)
})

const refusals: readonly (readonly [
  name: string,
  reason: RegExp,
  before: Change,
  after?: Change,
])[] = [
  [
    'a changed hash',
    /^CC20701: .*its hash \w+ differs from the stated/,
    () => {},
    (b) => (b.hash = '0'.repeat(64)),
  ],
  ['no transaction', /tx.id is missing/, (b) => delete b.payload.tx.id],
  ['a foreign transaction type', /^FF00130/, (b) => (b.payload.tx.type = 'token_pool')],
  ['no messages', /no messages/, (b) => (b.payload.messages = [])],
  ['another author', /another author or key/, (b) => (b.author = 'did:firefly:org/c')],
  ['another key', /another author or key/, (b) => (b.key = '0x00')],
  [
    'a changed value',
    /^CC20702/,
    () => {},
    (b) => (first(b.payload.data).value = new RawJson('2')),
  ],
  ['data without content', /^FF00109/, (b) => delete first(b.payload.data).value],
  [
    'data that nobody refers to',
    /no message refers to data/,
    (b) => (b.payload.messages = b.payload.messages.slice(0, 1)),
  ],
  ['data that is missing', /not in the batch with that hash/, (b) => b.payload.data.pop()],
  [
    'one id for two data',
    /two hashes/,
    (b) => {
      for (const d of b.payload.data) d.id = uuid(1)
    },
  ],
  [
    'a message twice',
    /appears twice/,
    (b) => {
      for (const m of b.payload.messages) m.header.id = uuid(2)
    },
  ],
  [
    'a changed header',
    /^FF00132/,
    () => {},
    (b) => (first(b.payload.messages).header.tag = 'other'),
  ],
  [
    'an untravelled message type',
    /^FF00130/,
    (b) => (first(b.payload.messages).header.txtype = 'none'),
  ],
  ['a topic twice', /^CC20706/, (b) => (first(b.payload.messages).header.topics = ['a', 'a'])],
  ['a bad topic', /^FF00140/, (b) => (first(b.payload.messages).header.topics = ['a b'])],
  [
    'too many topics',
    /^CC20705/,
    (b) =>
      (first(b.payload.messages).header.topics = Array.from({ length: 11 }, (_, i) => `t${i}`)),
  ],
  ['a bad tag', /^FF00140/, (b) => (first(b.payload.messages).header.tag = 'a b')],
  [
    'a data reference without hash',
    /^FF00128/,
    (b) => (first(first(b.payload.messages).data).hash = ''),
  ],
  [
    'a data reference twice',
    /^FF00129/,
    (b) => first(b.payload.messages).data.push(first(first(b.payload.messages).data)),
  ],
]

function first<T>(list: readonly T[]): T {
  const [item] = list
  assert.ok(item !== undefined)
  return item
}

for (const [name, reason, before, after = () => {}] of refusals) {
  test(`a batch with ${name} is refused`, () => {
    const batch = sealed(before)
    after(batch)
    assert.match(verifyBatch(batch) ?? '', reason)
  })
}

test('a message without hashes is refused', () => {
  const batch = sealed()
  first(batch.payload.messages).header.datahash = ''
  batch.hash = hashManifest(manifestOf(batch))
  assert.match(verifyBatch(batch) ?? '', /^FF00131/)
})

test('other spellings of the same scalars are read as one', () => {
  const batch = sealed()
  const text = batchPayloadJson(batch)
    .replaceAll(created, '2024-01-02T04:04:05.060+01:00')
    .replaceAll('"broadcast"', '"Broadcast"')
    .replaceAll(`"${batch.hash}"`, `"0x${batch.hash.toUpperCase()}"`)
    .replaceAll(uuid(2), `urn:uuid:${uuid(2)}`)
    .replace('"payload"', '"unknown":{"a":[1]},"group":null,"payload"')
  assert.deepEqual(parseBatchPayload(bytes(text), limits), batch)
})

test('structure that does not fit is refused, naming the place', () => {
  const cases: [object, RegExp][] = [
    [[], /it is not an object/],
    [{}, /payload is missing/],
    [{ payload: [] }, /payload is not an object/],
    [{ payload: {}, id: 'x' }, /id is not a UUID/],
    [{ payload: {}, id: 1 }, /id is not text/],
    [{ payload: {} }, /id is missing/],
    [{ payload: {}, id: uuid(1), hash: 'ff' }, /hash is not a 32-byte hash/],
    [{ payload: {}, id: uuid(1), created: '2024-02-30T00:00:00Z' }, /created is not a time/],
    [
      { payload: { messages: {} }, id: uuid(1), hash: 'f'.repeat(64) },
      /payload.messages is not a list/,
    ],
    [
      { payload: { messages: [null] }, id: uuid(1), hash: 'f'.repeat(64) },
      /payload.messages.0 is not an object/,
    ],
    [{ payload: { messages: [{}] }, id: uuid(1), hash: 'f'.repeat(64) }, /no header/],
    [
      { payload: { messages: [{ header: { topics: [1] } }] }, id: uuid(1), hash: 'f'.repeat(64) },
      /header.id is missing/,
    ],
  ]
  for (const [value, reason] of cases) {
    assert.throws(
      () => parseBatchPayload(bytes(JSON.stringify(value)), limits),
      (error) =>
        error instanceof NodeError && error.code === 'CC20701' && reason.test(error.message),
    )
  }
  assert.throws(() => parseTransportWrapper(bytes('{}'), limits), /batch is missing/)
  assert.throws(() => parseBatchPayload(bytes('{}'), { maxBytes: 1 }), /CC20701/)
})

const onlyNodeErrors = (read: () => unknown): void => {
  try {
    read()
  } catch (error) {
    assert.ok(error instanceof NodeError, String(error))
    assert.equal(error.status, 400)
  }
}

test('garbage in place of any part of a batch gives an error with a code, or a batch that can be judged', () => {
  const text = batchPayloadJson(sealed())
  const spot = fc.tuple(
    fc.nat(text.length),
    fc.nat(40),
    fc.oneof(fc.json(), fc.string({ unit: 'binary' })),
  )
  fc.assert(
    fc.property(spot, ([at, cut, insert]) => {
      const damaged = bytes(text.slice(0, at) + insert + text.slice(at + cut))
      onlyNodeErrors(() => verifyBatch(parseBatchPayload(damaged, limits)))
    }),
    { numRuns: 2000 },
  )
})

test('values of the wrong type anywhere give an error with a code, or a batch that can be judged', () => {
  const places = [...batchPayloadJson(sealed()).matchAll(/(?<=":)("[^"]*"|\d+|null)/g)]
  const odd = fc.constantFrom(
    'null',
    '{}',
    '[]',
    '0',
    '-1.5',
    '"x"',
    '""',
    'true',
    '[[]]',
    '{"id":null}',
  )
  fc.assert(
    fc.property(fc.nat(places.length - 1), odd, (at, value) => {
      const text = batchPayloadJson(sealed())
      const place = places[at]
      assert.ok(place !== undefined)
      const changed = text.slice(0, place.index) + value + text.slice(place.index + place[0].length)
      onlyNodeErrors(() => verifyBatch(parseBatchPayload(bytes(changed), limits)))
    }),
    { numRuns: 1000 },
  )
})

test('random bytes give an error with a code', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
      assert.throws(() => parseBatchPayload(garbage, limits), NodeError)
      assert.throws(() => parseTransportWrapper(garbage, limits), NodeError)
    }),
  )
})
