import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  formatDuration,
  formatTime,
  isName,
  normalTime,
  padTime,
  parseByteSize,
  parseDuration,
  parseTime,
  parseUuid,
  timeToMs,
  trimTime,
  validateNameNotUuid,
  validateTopics,
} from '../index.ts'

test('times are padded to be kept and trimmed to be sent', () => {
  const pairs: [string, string][] = [
    ['2021-05-04T04:55:03.123456789Z', '2021-05-04T04:55:03.123456789Z'],
    ['2021-05-04T04:55:03.12Z', '2021-05-04T04:55:03.120000000Z'],
    ['2021-05-04T04:55:03Z', '2021-05-04T04:55:03.000000000Z'],
    ['2021-05-04T04:55:10Z', '2021-05-04T04:55:10.000000000Z'],
  ]
  for (const [sent, kept] of pairs) {
    assert.equal(padTime(sent), kept)
    assert.equal(trimTime(kept), sent)
    assert.equal(padTime(kept), kept)
    assert.equal(trimTime(sent), sent)
  }
})

test('a time is formatted without trailing zeros', () => {
  assert.equal(formatTime(0), '1970-01-01T00:00:00Z')
  assert.equal(formatTime(1_620_104_103_120), '2021-05-04T04:55:03.12Z')
  assert.equal(formatTime(1_620_104_103_123, 456_789), '2021-05-04T04:55:03.123456789Z')
  assert.equal(formatTime(1_620_104_103_000, 100), '2021-05-04T04:55:03.0000001Z')
})

test('a time is read in each accepted form', () => {
  const forms: [string | number, string][] = [
    ['2021-05-04T04:55:03.12Z', '2021-05-04T04:55:03.120000000Z'],
    ['2021-05-04T06:55:03.1200+02:00', '2021-05-04T04:55:03.120000000Z'],
    ['2021-01-01T00:30:00-01:30', '2021-01-01T02:00:00.000000000Z'],
    [1_620_104_103, '2021-05-04T04:55:03.000000000Z'],
    ['1620104103120', '2021-05-04T04:55:03.120000000Z'],
    ['1620104103123456789', '2021-05-04T04:55:03.123456789Z'],
    [0, '1970-01-01T00:00:00.000000000Z'],
    [-1, '1969-12-31T23:59:59.000000000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000000000Z'],
  ]
  for (const [input, kept] of forms) assert.equal(parseTime(input), kept)
  assert.equal(normalTime('2021-05-04T04:55:03.120Z'), '2021-05-04T04:55:03.12Z')
})

test('what is not a time is refused', () => {
  const inputs = [
    '',
    'now',
    '2021-05-04',
    '2021-02-29T00:00:00Z',
    '2021-13-01T00:00:00Z',
    '2021-05-04T24:00:00Z',
  ]
  const others = [
    '2021-05-04T04:55:60Z',
    '2021-05-04t04:55:03z',
    '2021-05-04T04:55:03',
    '1e9',
    NaN,
    Infinity,
  ]
  for (const input of [...inputs, ...others])
    assert.throws(() => parseTime(input), { code: 'FF00136', status: 400 })
  assert.throws(() => parseTime('0000-01-01T00:00:00+23:00'), { code: 'FF00136' })
})

test('a time goes through text and back', () => {
  const ms = fc.integer({ min: 0, max: 253_402_300_799_999 })
  fc.assert(
    fc.property(ms, fc.nat(999_999), (at, nanos) => {
      const sent = formatTime(at, nanos)
      assert.equal(trimTime(parseTime(sent)), sent)
      assert.equal(timeToMs(sent), at)
      assert.equal(normalTime(sent), sent)
    }),
  )
})

test('durations are read and written as Go does', () => {
  const pairs: [string, number][] = [
    ['0s', 0],
    ['500ms', 500],
    ['2s', 2000],
    ['1.5s', 1500],
    ['1m0s', 60_000],
    ['1h1m1.001s', 3_661_001],
    ['-1m30s', -90_000],
    ['1.5ms', 1.5],
    ['2µs', 0.002],
  ]
  for (const [text, ms] of pairs) {
    assert.equal(parseDuration(text), ms)
    assert.equal(formatDuration(ms), text)
  }
  assert.equal(parseDuration('1h'), 3_600_000)
  assert.equal(parseDuration(250), 250)
  assert.equal(parseDuration('250'), 250)
  assert.equal(parseDuration('120', 's'), 120_000)
  for (const text of ['', 's', '1 s', '1x', '1.5', '1s2']) {
    assert.throws(() => parseDuration(text), { code: 'FF00137' })
  }
})

test('byte sizes are powers of 1024', () => {
  const sizes: [string | number, number][] = [
    ['800Kb', 819_200],
    ['50Mb', 52_428_800],
    ['16KiB', 16_384],
    ['1g', 1_073_741_824],
    ['1024', 1024],
    [1024, 1024],
    ['0.5k', 512],
  ]
  for (const [text, bytes] of sizes) assert.equal(parseByteSize(text), bytes)
  for (const text of ['', 'x', '-1', '1 2', '1zb', -1, 1.5]) {
    assert.throws(() => parseByteSize(text), { code: 'CC20402' })
  }
})

test('names and topics keep their rules', () => {
  for (const name of ['a', 'A.b-c_d', '0'.repeat(64)]) assert.ok(isName(name))
  for (const name of ['', '.a', 'a-', 'a b', 'é', '0'.repeat(65), 'a\n']) assert.ok(!isName(name))
  assert.throws(() => validateNameNotUuid('a0b1c2d3-0000-4000-8000-000000000000', 'name'), {
    code: 'FF00141',
  })
  validateTopics(['a', 'b'])
  assert.throws(() => validateTopics(['a', 'a']), { code: 'CC20706' })
})

test('a UUID is read in each accepted spelling', () => {
  const uuid = 'a0b1c2d3-0000-4000-8000-00000000000f'
  const spellings = [
    uuid,
    uuid.toUpperCase(),
    `urn:uuid:${uuid}`,
    `{${uuid}}`,
    uuid.replaceAll('-', ''),
  ]
  for (const text of spellings) assert.equal(parseUuid(text), uuid)
  for (const text of ['', 'a', `${uuid}0`, `{${uuid}`, uuid.slice(1)])
    assert.equal(parseUuid(text), undefined)
})
