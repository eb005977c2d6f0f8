import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeBase64Url, encodeBase64Url } from './base64url.ts'
import { digestOf, makeDisclosure, readDisclosure } from './disclosure.ts'
import {
  instanceOfTopic,
  instanceTopic,
  readAdoption,
  readCreation,
  readDefinition,
  readPayload,
  readTick,
  writeAdoption,
  writeCreation,
  writeDefinition,
  writeTick,
} from './messages.ts'
import { readStep, writePlainStep, writeSealedStep } from './step-message.ts'

const instance = '5d1f8a52-7d0a-4c43-9d8e-0c3f6a2b1e00'
const definition = 'ab'.repeat(32)
const claim = { instance, definition, step: 'accept', role: 'buyer', intent: 'i1' }

const salts = (): (() => string) => {
  let count = 0
  return () => String(count++).padStart(22, 'A')
}

test('base64url goes to bytes and back, and is read in one spelling only', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = encodeBase64Url(bytes)
      assert.equal(text, Buffer.from(bytes).toString('base64url'))
      assert.deepEqual(decodeBase64Url(text), bytes)
    }),
  )
  for (const text of ['A', 'AB', 'AAB', 'AA==', 'A+AA', 'A A', '\u{1f600}']) {
    assert.equal(decodeBase64Url(text), undefined)
  }
})

test("RFC 9901's own disclosure is read, and its digest is theirs", () => {
  const text = 'WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0'
  const digest = 'X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0'
  assert.equal(digestOf(text), digest)
  assert.deepEqual(readDisclosure(text), {
    text,
    digest,
    salt: '_26bc4LT-ac6q2KI6cBW5es',
    name: 'family_name',
    value: 'Möbius',
  })
})

test('a disclosure is carried as it was written', () => {
  const { text } = makeDisclosure('A'.repeat(22), 'price', { net: '1.50', tax: [1, null] })
  assert.equal(
    Buffer.from(text, 'base64url').toString(),
    '["AAAAAAAAAAAAAAAAAAAAAA","price",{"net":"1.50","tax":[1,null]}]',
  )
  const written = (json: string): string => Buffer.from(json).toString('base64url')
  for (const json of [
    '["short","a",1]',
    `["${'A'.repeat(22)}","_sd",1]`,
    `["${'A'.repeat(22)}","...",1]`,
    `["${'A'.repeat(22)}",1,1]`,
    `["${'A'.repeat(22)}","a"]`,
    `["${'A'.repeat(22)}","a",1,2]`,
    `["${'A'.repeat(22)}","a",1.5]`,
    `["${'A'.repeat(22)}","a",{"b":1,"b":1}]`,
    '{}',
    '',
  ]) {
    assert.equal(readDisclosure(written(json)), undefined, json)
  }
})

test('a plain step is one value', () => {
  const seen = { n: 17, h: 'cd'.repeat(32) }
  const values = writePlainStep({ ...claim, seen, expect: { n: 16 } }, { round: 2 })
  assert.deepEqual(values, [
    `{"def":"${definition}","e":0,"expect":{"n":16},"ffp":"step/1","input":{"round":2},"intent":"i1",` +
      `"p":"${instance}","role":"buyer","seen":{"h":"${seen.h}","n":17},"step":"accept"}`,
  ])
  assert.deepEqual(JSON.parse(JSON.stringify(readStep(values))), {
    kind: 'step',
    step: { ...claim, epoch: 0, seen, expect: { n: 16 }, input: { round: 2 }, broken: false },
  })
})

test('a sealed step is a claim of digests and the disclosures, and means the same', () => {
  const input = { round: 2, note: 'x' }
  const values = writeSealedStep(claim, input, salts())
  const [head = '', open = ''] = values
  const { _sd: digests } = JSON.parse(head)
  assert.equal(digests.length, 8)
  assert.deepEqual(digests, [...digests].sort())
  assert.deepEqual(
    JSON.parse(open),
    Object.entries(input).map(([name, value], i) => {
      return makeDisclosure(String(i).padStart(22, 'A'), name, value).text
    }),
  )
  assert.deepEqual(readStep(values), readStep(writePlainStep(claim, input)))
  const attached = [...values, undefined, '"any"']
  assert.deepEqual(readStep(attached), readStep(values))
})

test('golden vector of the sealed form', () => {
  const digests = [
    '4LL_TMuKHu8IGeFV4dSNMKBdpLRGihY438-0ihPYqcs',
    '4Qm2xWKcSqr-5E4QsdVLiwdrOPawjuhkTA7cbe0Ch3k',
    'Fw2VGnQATr_Jv2DKM67dEtAC-FqJ_8k4XCR4tTha-7s',
    'OBZ7xva8cCua1BVtRHWFrqU4sBCdFRko_qKdpqfPCmo',
    'QBLyaCXjCFwvqsRNdae22cTC1sJ6IfWTkRX2CzCBSl8',
    'QwkSp-XBT4dFuOZ9nI-yCxyLbUTfDwsxNcmfp9lfYZE',
    'Ze7-ZegHf5iREihLKpuqKJNiONYiCia2jJHJtMU45A0',
    'i5qRx0PoiLTUkRFIcdGVrNPCZvltUh5aLArFyNMDMtU',
  ]
  assert.deepEqual(writeSealedStep(claim, { round: 2 }, salts()), [
    `{"_sd":${JSON.stringify(digests)},"def":"${definition}","e":0,"ffp":"step/1","intent":"i1",` +
      `"p":"${instance}","role":"buyer","salt":"AAAAAAAAAAAAAAAAAAAAA8","step":"accept"}`,
    '["WyJBQUFBQUFBQUFBQUFBQUFBQUFBQUEwIiwicm91bmQiLDJd"]',
  ])
})

test('nine members make sixteen digests', () => {
  const input = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`k${i}`, i]))
  const [head = ''] = writeSealedStep(claim, input, salts())
  assert.equal(JSON.parse(head)._sd.length, 16)
})

test('a disclosure that was not claimed breaks the seal', () => {
  const [head = ''] = writeSealedStep(claim, { round: 2 }, salts())
  const forged = makeDisclosure('B'.repeat(22), 'round', 3)
  const payload = readStep([head, JSON.stringify([forged.text])])
  assert.ok(payload.kind === 'step' && payload.step.broken)
})

test('whatever is not exactly a step is void', () => {
  const body = JSON.parse(writePlainStep(claim, {})[0] ?? '')
  const [head = '', open = ''] = writeSealedStep(claim, { round: 2 }, salts())
  const sealed = JSON.parse(head)
  const wrongPlain = [
    { ...body, ffp: 'step/01' },
    { ...body, ffp: 'other/1' },
    { ...body, more: 1 },
    { ...body, p: 1 },
    { ...body, def: 'x' },
    { ...body, e: -1 },
    { ...body, e: '0' },
    { ...body, step: 'a b' },
    { ...body, step: '__proto__' },
    { ...body, role: '' },
    { ...body, intent: '' },
    { ...body, intent: 'i'.repeat(257) },
    { ...body, intent: 1 },
    { ...body, seen: 3 },
    { ...body, seen: { n: 1 } },
    { ...body, seen: { n: 1, h: 'x' } },
    { ...body, expect: {} },
    { ...body, expect: { n: 1, m: 1 } },
    { ...body, input: [] },
    { ...body, input: null },
    { ...body, _sd: [] },
    { ...body, salt: sealed.salt },
    null,
    [],
    'step',
  ]
  for (const wrong of wrongPlain) assertVoid([JSON.stringify(wrong)])
  const wrongSealed = [
    { ...sealed, input: {} },
    { ...sealed, salt: 'short' },
    { ...sealed, salt: undefined },
    { ...sealed, _sd: sealed._sd.slice(1) },
    { ...sealed, _sd: [...sealed._sd].reverse() },
    { ...sealed, _sd: [...sealed._sd.slice(1), sealed._sd[7]] },
    { ...sealed, _sd: [...sealed._sd.slice(0, 7), 'z'] },
    { ...sealed, _sd: {} },
  ]
  for (const wrong of wrongSealed) assertVoid([JSON.stringify(wrong), open])
  const twice = JSON.stringify([...JSON.parse(open), ...JSON.parse(open)])
  for (const wrong of ['', '{}', '[1]', '["x"]', twice]) assertVoid([head, wrong])
  const [text = ''] = writePlainStep(claim, {})
  assertVoid([])
  assertVoid([undefined])
  assertVoid([text, text])
  assertVoid([head])
  assertVoid([text.replace('"e":0', '"e":0,"e":0')])
  assertVoid([text.replace('"e":0', '"e":0.0')])
})

const assertVoid = (values: readonly (string | undefined)[]): void =>
  assert.deepEqual(readStep(values), { kind: 'void', code: 'MALFORMED' }, String(values[0]))

test('another version is none of our business', () => {
  const later = JSON.stringify({ ffp: 'step/2', p: instance, anything: true })
  assert.deepEqual(readStep([later]), { kind: 'unknown', instance, version: 'step/2' })
})

test('the other messages are read as they are written', () => {
  const parties = { buyer: ['did:firefly:org/a'], seller: ['did:firefly:org/b'] }
  assert.deepEqual(
    JSON.parse(JSON.stringify(readCreation([writeCreation({ instance, definition, parties })]))),
    { instance, definition, parties },
  )
  assert.equal(readAdoption([writeAdoption(definition)]), definition)
  const document = { flow: 'flow/1', name: 'x' }
  assert.deepEqual({ ...readDefinition([writeDefinition(document)]) }, document)
  assert.deepEqual(readTick([writeTick(instance)]), { kind: 'tick', instance })
  assert.deepEqual(readPayload('ffp.tick', [writeTick(instance)]), { kind: 'tick', instance })
  assert.equal(readPayload('ffp.other', ['{}']), undefined)
  assert.equal(readPayload(undefined, []), undefined)
  assert.equal(instanceOfTopic(instanceTopic(instance)), instance)
  assert.equal(instanceOfTopic(`ffp-${instance.toUpperCase()}`), undefined)
  assert.equal(instanceOfTopic(instance), undefined)
})

test('the other messages are refused if anything is wrong with them', () => {
  const parties = { buyer: ['did:firefly:org/a'] }
  const body = JSON.parse(writeCreation({ instance, definition, parties }))
  for (const wrong of [
    { ...body, more: 1 },
    { ...body, e: 1 },
    { ...body, p: 'x' },
    { ...body, def: 'x' },
    { ...body, ffp: 'create/2' },
    { ...body, parties: [] },
    { ...body, parties: { 'a b': [] } },
    { ...body, parties: { buyer: 'did:firefly:org/a' } },
    { ...body, parties: { buyer: ['did:firefly:org/a\n'] } },
    { ...body, parties: { buyer: ['nobody'] } },
  ]) {
    assert.equal(readCreation([JSON.stringify(wrong)]), undefined, JSON.stringify(wrong))
  }
  assert.equal(readAdoption(['{"ffp":"adopt/1","def":"x"}']), undefined)
  assert.equal(readDefinition(['{"ffp":"def/1","definition":[]}']), undefined)
  assert.deepEqual(readTick(['{}']), { kind: 'void', code: 'MALFORMED' })
  assert.deepEqual(readTick([]), { kind: 'void', code: 'MALFORMED' })
})
