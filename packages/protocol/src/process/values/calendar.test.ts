import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addBusinessDays, type Calendar, daysOfDate, prepareCalendar } from './calendar.ts'
import { parseIsoDuration } from './duration.ts'

const seconds = (text: string): bigint => BigInt(Date.parse(text) / 1000)
const text = (time: bigint): string => new Date(Number(time) * 1000).toISOString().slice(0, 19)

const target: Calendar = { weekend: [6, 7], holidays: ['2026-12-25', '2027-01-01'], utcOffset: 0 }

const moved = (from: string, count: bigint, calendar = target): string =>
  text(addBusinessDays(seconds(from), count, prepareCalendar(calendar), () => undefined))

test('business days leave out weekends and holidays, and keep the time of day', () => {
  // 2026-12-24 is a Thursday.
  assert.equal(moved('2026-12-24T15:30:00Z', 1n), '2026-12-28T15:30:00')
  assert.equal(moved('2026-12-24T15:30:00Z', 5n), '2027-01-04T15:30:00')
  assert.equal(moved('2026-12-24T15:30:00Z', 0n), '2026-12-24T15:30:00')
  assert.equal(moved('2026-12-26T00:00:00Z', 1n), '2026-12-28T00:00:00')
  assert.equal(moved('2026-12-28T09:00:00Z', -1n), '2026-12-24T09:00:00')
})

test('the day is the one of the calendar, not of Greenwich', () => {
  const tokyo = { ...target, utcOffset: 540 }
  // Friday evening in Greenwich is Saturday in Tokyo, where the next business day is Monday.
  assert.equal(moved('2026-07-03T20:00:00Z', 1n), '2026-07-06T20:00:00')
  assert.equal(moved('2026-07-03T20:00:00Z', 1n, tokyo), '2026-07-05T20:00:00')
})

test('days of dates agree with the platform, and unreal dates are none', () => {
  const day = fc.integer({ min: -25_000, max: 2_900_000 })
  fc.assert(
    fc.property(day, (days) => {
      const date = new Date(days * 86_400_000).toISOString().slice(0, 10)
      assert.equal(daysOfDate(date), days)
    }),
  )
  for (const date of [
    '2026-02-29',
    '2100-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-04-31',
    '2026-1-1',
    'x',
  ]) {
    assert.equal(daysOfDate(date), undefined)
  }
  assert.equal(daysOfDate('2000-02-29'), 11016)
})

test('a business day forth and back is where one was, if that was a business day', () => {
  const calendar = prepareCalendar(target)
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 40_000 }),
      fc.integer({ min: 1, max: 300 }),
      (day, count) => {
        const start = BigInt(day) * 86_400n + 3_600n
        fc.pre(calendar.isBusinessDay(BigInt(day)))
        const there = addBusinessDays(start, BigInt(count), calendar, () => undefined)
        assert.equal(
          addBusinessDays(there, BigInt(-count), calendar, () => undefined),
          start,
        )
      },
    ),
  )
})

test('H2 each day looked at is counted, so that no count runs for ever', () => {
  let left = 1000
  const visit = (): void => {
    if (left-- === 0) throw new RangeError('enough')
  }
  const calendar = prepareCalendar(target)
  assert.throws(() => addBusinessDays(0n, 10n ** 70n, calendar, visit), RangeError)
})

test('calendars that no definition may have are refused', () => {
  const bad: Partial<Calendar>[] = [
    ...[{ weekend: [1, 2, 3, 4, 5, 6, 7] }, { weekend: [0] }, { weekend: [1.5] }],
    ...[{ holidays: ['2026-02-30'] }, { utcOffset: 1441 }, { utcOffset: 0.5 }],
  ]
  for (const part of bad) {
    assert.throws(() => prepareCalendar({ ...target, ...part }), { code: 'OUT_OF_RANGE' })
  }
})

test('durations are exact seconds', () => {
  const durations = {
    P21D: 1_814_400n,
    PT12H: 43_200n,
    P1DT2H3M4S: 93_784n,
    P2W: 1_209_600n,
    PT0S: 0n,
  }
  for (const [duration, expected] of Object.entries(durations)) {
    assert.equal(parseIsoDuration(duration), expected)
  }
  for (const duration of [
    '',
    'P',
    'PT',
    'P1DT',
    'P1M',
    'P1Y',
    '-P1D',
    'p1d',
    'P1.5D',
    'P1D ',
    'PT1S1M',
    'P1234567D',
  ]) {
    assert.throws(() => parseIsoDuration(duration), { code: 'BAD_DURATION' })
  }
})
