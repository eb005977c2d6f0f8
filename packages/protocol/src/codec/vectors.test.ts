import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  broadcastContext,
  type Datatype,
  datatypeJson,
  datatypeTopic,
  definitionTopic,
  formatPin,
  groupIdentityJson,
  hashData,
  hashDataRefs,
  hashGroup,
  hashManifest,
  hashMessageHeader,
  identityClaimJson,
  identityTopic,
  identityUpdateJson,
  identityVerificationJson,
  jsonAnyText,
  type MessageHeader,
  manifestJson,
  maskedPin,
  messageHeaderJson,
  nonceKey,
  parsePin,
  privateContext,
  RawJson,
  sha256Hex,
  verifierHash,
} from '../index.ts'

const empty = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'

test('user JSON keeps its text and hashes as written', () => {
  const source = String.raw`{"b": 1.0, "a": [1e2, -0, 1E+5 ] , "z":"x<y>&\u2028 \/ \u0041 é" }`
  const text = String.raw`{"b":1.0,"a":[1e2,-0,1E+5],"z":"x\u003cy\u003e\u0026\u2028 \/ \u0041 é"}`
  assert.equal(jsonAnyText(source), text)
  const hashes: [string, string][] = [
    [source, '3b9d6c38864c80f355fa5c8b32f46b002b2b482c49fccaa907fe3c6b686baf10'],
    ['{"a":1,"a":2}', '1c53ee0df7b12fd4d65b976120c7fa6b847dc41dffd7f0331c3237a1ceab1756'],
    ['12345678901234567890.10', '36214197d85cdf800b18de4ecf39f485f7fc3d1338b6a641c5161bc85a959f6b'],
    ['"<script>"', 'd170196fe645dc7d4266bb4a78719422ac58dddc197f75be10dbf398addbcc56'],
    ['{}', empty],
    ['null', '74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b'],
  ]
  for (const [json, hash] of hashes) assert.equal(sha256Hex(jsonAnyText(json)), hash)
})

test('data hashes by value, by blob, or by both', () => {
  const blobHash = '22440fcf4ee9ac8c1a83de36c3a9ef39f838d960971dc79b274718392f1735f9'
  assert.equal(hashData({ value: '{}' }), empty)
  assert.equal(hashData({ blobHash }), blobHash)
  assert.equal(hashData({ value: 'null', blobHash }), blobHash)
  assert.equal(hashData({ value: '{}', blobHash }), sha256Hex(empty + blobHash))
  assert.throws(() => hashData({ value: 'null' }), { code: 'FF00109' })
})

test('a sealed message has the known hashes', () => {
  const refs = [
    [
      'e3a3b714-7e49-4c73-a4ea-87a50b19961a',
      '3fcc7e07069e441f07c9f6b26f16fcb2dc896222d72888675082fd308440d9ae',
    ],
    [
      'cc66b23f-d340-4333-82d5-b63adc1c3c07',
      '1d1462e02d7acee49a8448267c65067e0bec893c9a0c050b9835efa376fec046',
    ],
    [
      '189c8185-2b92-481a-847a-e57595ab3541',
      '284b535da66aa0734af56c708426d756331baec3bce3079e508003bcf4738ee6',
    ],
  ].map(([id = '', hash = '']) => ({ id, hash }))
  const datahash = '2468d5c26cc85968acaf8b96d09476453916ea4eab41632a31d09efc7ab297d2'
  assert.equal(hashDataRefs(refs), datahash)
  assert.equal(hashDataRefs([]), '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945')
  const header: MessageHeader = {
    id: '2cd37805-5f40-4e12-962e-67868cde3049',
    cid: '39296b6e-91b9-4a61-b279-833c85b04d94',
    type: 'private',
    txtype: 'batch_pin',
    author: '0x12345',
    key: '',
    created: '2021-05-04T04:55:03.123456789Z',
    namespace: 'ns1',
    group: '3fcc7e07069e441f07c9f6b26f16fcb2dc896222d72888675082fd308440d9ae',
    topics: ['topic1', 'topic2'],
    tag: 'tag1',
    datahash,
  }
  assert.equal(
    messageHeaderJson(header),
    `{"id":"2cd37805-5f40-4e12-962e-67868cde3049","cid":"39296b6e-91b9-4a61-b279-833c85b04d94","type":"private","txtype":"batch_pin","author":"0x12345","created":"2021-05-04T04:55:03.123456789Z","namespace":"ns1","group":"3fcc7e07069e441f07c9f6b26f16fcb2dc896222d72888675082fd308440d9ae","topics":["topic1","topic2"],"tag":"tag1","datahash":"${datahash}"}`,
  )
  assert.equal(
    hashMessageHeader(header),
    'b5b9da88ed83403754bf78ed596eab70b803fd02108635fb932c2416d9e379b7',
  )
})

test('a message and its batch from a live network have the known hashes', () => {
  const data = {
    id: '147743b4-bd23-4da1-bd21-90c4ad9f1650',
    hash: '8ed265110f60711f79de1bc87b476e00bd8f8be436cdda3cf27fbf886d5e6ce6',
  }
  const header: MessageHeader = {
    id: '2b393190-28e7-4b86-8af6-00906e94989b',
    type: 'broadcast',
    txtype: 'batch_pin',
    author: 'did:firefly:org/org_0',
    key: '0x7e3bb2198959d3a1c3ede9db1587560320ce8998',
    created: '2022-03-18T14:57:32.209734225Z',
    namespace: 'default',
    topics: ['default'],
    tag: 'perf_02e01e12-b918-4982-8407-2f9a08d673f3_740',
    datahash: hashDataRefs([data]),
  }
  assert.equal(header.datahash, 'b5b0c398450707b885f5973248ffa9a542f4c2f54860eba6c2d7aee48d0f9109')
  const hash = hashMessageHeader(header)
  assert.equal(hash, '5fc430f1c8134c6c32c4e34ef65984843bb77bb19e73c862d464669537d96dbd')
  const manifest = manifestJson({
    id: '37ba893b-fcfa-4cf9-8ce8-34cd8bc9bc72',
    tx: { type: 'batch_pin', id: '8d3f06b8-adb5-4745-a536-a9e262fd2e9f' },
    messages: [{ id: header.id, hash, topics: 1 }],
    data: [data],
  })
  assert.equal(
    hashManifest(manifest),
    'b0942274f38d00350f5c44636703b28da6b6f321da8cdfe03aee87437dd15de3',
  )
})

test('a group hashes by its members in order of identity', () => {
  const member = { identity: '0x12345', node: '8b5c0d39-925f-4579-9c60-54f3e846ab99' }
  assert.equal(
    hashGroup({ namespace: 'ok', name: 'ok', members: [member] }),
    'c2e5a42207ce2b48d67a4682a96f914ec0386acc13615550aa503b0841da8824',
  )
  const [a, b] = [
    { ...member, identity: 'a' },
    { ...member, identity: 'b' },
  ]
  assert.equal(
    hashGroup({ namespace: 'n', name: '', members: [b, a] }),
    hashGroup({ namespace: 'n', name: '', members: [a, b] }),
  )
})

test('contexts, nonces and pins have the known hashes', () => {
  const topic = 'topic1'
  const group = '44dc0861e69d9bab17dd5e90a8898c2ea156ad04e5fabf83119cc010486e6c1b'
  const author = 'did:firefly:org/abcd'
  assert.equal(
    broadcastContext(topic),
    '9e065a7cbddfc57be742bc32956674c3c389521ac2bbb1dce0500d5131fede75',
  )
  assert.equal(
    privateContext(topic, group),
    '16fddaeda987c1eca7ba1290bf70bb7bc153992d12e7573f079af877fd6d2164',
  )
  assert.equal(
    nonceKey(topic, group, author),
    '67f4d4d6c69b110df9ccfe0b38237dc3a22961806baaa42b667a806adaf8ee81',
  )
  const pins: [number, string][] = [
    [0, '88c6a239837da8a38e68d3a3c07f5a29431d9e0073e4d589d9b199cca5aeeaa9'],
    [1, 'd9208598310039b9e5dedc64d6e95af0aa25c1f4129b3aa4112346ada4b19055'],
    [12345, 'b262bf27e807c7212d904a78cdf128a42e1eabd8e4a96db1c497ec4924aa14fa'],
  ]
  for (const [nonce, pin] of pins) assert.equal(maskedPin(topic, group, author, nonce), pin)
  assert.throws(() => maskedPin(topic, 'abc', author, 0), { code: 'FF00139' })
})

test('a pin is written with its nonce and read with or without', () => {
  assert.equal(formatPin(empty, 12), `${empty}:0000000000000012`)
  assert.deepEqual(parsePin(`${empty}:0000000000000012`), { hash: empty, nonce: 12 })
  assert.deepEqual(parsePin(empty), { hash: empty })
  assert.equal(parsePin('abc:0000000000000012'), undefined)
})

test('definitions and identities are ordered on the known topics', () => {
  const topics: [string, string][] = [
    [
      identityTopic('did:firefly:org/org1'),
      '7ea456fa05fc63778e7c4cb22d0498d73f184b2778c11fd2ba31b5980f8490b9',
    ],
    [
      identityTopic('did:firefly:node/node1'),
      '14c4157d50d35470b15a6576affa62adea1b191e8238f2273a099d1ef73fb335',
    ],
    [
      identityTopic('did:firefly:org/org_0'),
      'ff216671366b676cf14633a543ab62743d527a8d5567bed3394983714da15bd3',
    ],
    [
      definitionTopic('datatype', 'ok', 'ok'),
      '8e23c0a7fa9ec15c68a662e0e502933facb3d249409efa2b4f89d479b9f990cb',
    ],
    [
      definitionTopic('tokenpool', 'ok', 'ok'),
      '73008386c5579b7015385528eb892f7773e13a20015c692f6b90b26e413fe8a4',
    ],
    [
      definitionTopic('contractapi', 'banana', 'ns1'),
      'a2f42ab7c9ef44ec08a103c565041b48b4cff4e4176e5faacfe8512c361e4f2c',
    ],
    [datatypeTopic('widget'), '1e38979b877aa38656e81181df558f88f10125443911e72204e0984c37f79815'],
    [
      definitionTopic('ffi', 'simple'),
      '5046986dacd5f59505cd6e02c5ca8e58104e5b407bb7ad305c6abed8c6b36e72',
    ],
  ]
  for (const [actual, expected] of topics) assert.equal(actual, expected)
  assert.equal(
    verifierHash('ns1', 'ethereum_address', '0xdfceac9b26ac099d7e4df958c22939878c19c948'),
    'c7742ed06a6c36dece56d9c6d65d4ee6ba0db2a643e7f8efc75ec4e7ca31d45d',
  )
})

const worked: MessageHeader = {
  id: '22222222-2222-4222-8222-222222222222',
  type: 'broadcast',
  txtype: 'batch_pin',
  author: 'did:firefly:org/org_0',
  key: '0x7e3bb2198959d3a1c3ede9db1587560320ce8998',
  created: '2024-01-02T03:04:05.06Z',
  namespace: 'net1',
  topics: ['t1', 't2'],
  tag: 'tag1',
  datahash: 'ecaa06697d64b0cbaa1fd9b86b177b7ab7aaa96de63d8dbac9cbbf9cff5c38b9',
}

test('the worked example of a broadcast holds throughout', () => {
  const value = jsonAnyText('{"b": 1.0, "a": "x<y"}')
  const hello = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'
  const hash = hashData({ value })
  assert.equal(hash, 'b8fa10ff4f3047716019060e7b24b337e1c0a11779f9027a495081470b1a404b')
  assert.equal(
    hashData({ value, blobHash: hello }),
    'bb38baf19cc77c8640d5c360fb37d60f49b1da1dcb1d326e39f238f23f082f23',
  )
  const ref = { id: '11111111-1111-4111-8111-111111111111', hash }
  assert.equal(
    hashDataRefs([ref]),
    'ecaa06697d64b0cbaa1fd9b86b177b7ab7aaa96de63d8dbac9cbbf9cff5c38b9',
  )
  const messageHash = hashMessageHeader(worked)
  assert.equal(messageHash, '14a781455153bc6aacf132c5e4f469adc7ab43b7b37ad3863a30d0be3db1a2c7')
  const manifest = manifestJson({
    id: '33333333-3333-4333-8333-333333333333',
    tx: { type: 'batch_pin', id: '44444444-4444-4444-8444-444444444444' },
    messages: [{ id: worked.id, hash: messageHash, topics: 2 }],
    data: [ref],
  })
  assert.equal(
    hashManifest(manifest),
    'eeda3aff1b8adfeebfc31b8499063f2c4e6c47c9fe7d8000caaa2044cba575de',
  )
  assert.equal(
    broadcastContext('t1'),
    '628b49d96dcde97a430dd4f597705899e09a968f793491e4b704cae33a40dc02',
  )
  assert.equal(
    broadcastContext('t2'),
    'c44474038d459e40e4714afefa7bf8dae9f9834b22f5e8ec1dd434ecb62b512e',
  )
})

test('the worked example of a private message holds throughout', () => {
  const group = hashGroup({
    namespace: 'net1',
    name: '',
    members: [
      { identity: 'did:firefly:org/org_1', node: '66666666-6666-4666-8666-666666666666' },
      { identity: 'did:firefly:org/org_0', node: '55555555-5555-4555-8555-555555555555' },
    ],
  })
  assert.equal(group, '043a95d864b9a00bb92a31246553a23e6744cfa1565ae3b5f673edc20ec98a84')
  assert.equal(
    privateContext('t1', group),
    'dea1a61d75b75cd9eeba5f1f47e3b76eec37484845cf68fcc5c719b06f939627',
  )
  assert.equal(
    maskedPin('t1', group, worked.author, 0),
    'c9ed1476442f6d1875b48d1545a571256613def8f4e66b826155b868ad559c3c',
  )
  assert.equal(
    privateContext(group, group),
    '6e72b3e9512b35779b44231a18658a4a27d3609c7c3060462078d52949503e9c',
  )
  assert.equal(
    maskedPin(group, group, worked.author, 0),
    'f576fff874abe8f3468d678a7aa06c316cf5941fde23ccb36ff15f131a207873',
  )
  assert.equal(
    hashMessageHeader({ ...worked, type: 'private', group, topics: ['t1'] }),
    '86bce6fafa16da8a7b5e5291f66ae03efb807fbfadf48029949e2655fded0b86',
  )
})

test('definitions travel in field order, with local names left out', () => {
  const id = '11111111-1111-4111-8111-111111111111'
  const base = { id, did: 'did:firefly:org/a', type: 'org', namespace: 'local', name: 'a' }
  const messages = { claim: id, verification: null, update: null }
  const profile = { z: 1, a: '<', _: { b: -0, a: [1e21, 1e-7] } }
  assert.equal(
    identityClaimJson({
      identity: { ...base, messages, created: '2024-01-01T00:00:00Z', profile },
    }),
    String.raw`{"identity":{"id":"${id}","did":"did:firefly:org/a","type":"org","namespace":"","name":"a","profile":{"_":{"a":[1e+21,1e-7],"b":-0},"a":"\u003c","z":1},"messages":{"claim":null,"verification":null,"update":null}}}`,
  )
  assert.equal(
    identityVerificationJson({ claim: { id, hash: empty }, identity: { ...base, parent: id } }),
    `{"claim":{"id":"${id}","hash":"${empty}"},"identity":{"id":"${id}","did":"did:firefly:org/a","type":"org","parent":"${id}","namespace":"","name":"a"}}`,
  )
  assert.equal(
    identityUpdateJson({ identity: base, updates: { description: 'd', profile: {} } }),
    `{"identity":{"id":"${id}","did":"did:firefly:org/a","type":"org","namespace":"local","name":"a"},"updates":{"description":"d"}}`,
  )
  const datatype: Datatype = {
    id,
    validator: 'json',
    namespace: 'local',
    name: 'widget',
    version: '1',
    hash: empty,
    created: '2024-01-01T00:00:00Z',
    value: new RawJson('{}'),
  }
  assert.equal(
    datatypeJson(datatype),
    `{"id":"${id}","validator":"json","name":"widget","version":"1","hash":"${empty}","created":"2024-01-01T00:00:00Z","value":{}}`,
  )
  assert.equal(
    groupIdentityJson({ namespace: '', name: '', members: [] }),
    '{"name":"","members":[]}',
  )
})
