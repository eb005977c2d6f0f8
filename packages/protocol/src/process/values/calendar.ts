import { fault } from './fault.ts'

/** Which days are worked. It stands inside the definition: time zones by name differ between hosts. */
export interface Calendar {
  /** ISO days of the week: Monday is 1, Sunday is 7. */
  readonly weekend: readonly number[]
  /** Dates, `2026-12-25`. */
  readonly holidays: readonly string[]
  /** Minutes east of UTC. */
  readonly utcOffset: number
}

/** Calendars by name. */
export interface Calendars {
  readonly [name: string]: Calendar
}

const DAY = 86_400n
const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/
const MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const

/** Days since 1970-01-01 of a date of the proleptic Gregorian calendar; undefined if there is no such day. */
export function daysOfDate(text: string): number | undefined {
  const parts = DATE.exec(text)
  if (parts === null) return undefined
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])]
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const length = month === 2 && leap ? 29 : MONTHS[month - 1]
  if (length === undefined || day < 1 || day > length) return undefined
  // Years begin in March, so that a leap day comes last.
  const y = month > 2 ? year : year - 1
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const century = Math.floor(y / 100)
  return y * 365 + Math.floor(y / 4) - century + Math.floor(century / 4) + dayOfYear - 719_468
}

/** A calendar made ready: `isBusinessDay` by days since 1970-01-01. */
export interface BusinessCalendar {
  readonly offsetSeconds: bigint
  isBusinessDay(day: bigint): boolean
}

/** Throws OUT_OF_RANGE for a calendar that no definition may have. */
export function prepareCalendar(calendar: Calendar): BusinessCalendar {
  const weekend = new Set(calendar.weekend)
  const holidays = new Set<bigint>()
  for (const date of calendar.holidays) {
    const day = daysOfDate(date)
    if (day === undefined) throw fault('OUT_OF_RANGE')
    holidays.add(BigInt(day))
  }
  const { utcOffset } = calendar
  const known = calendar.weekend.every((day) => Number.isInteger(day) && day >= 1 && day <= 7)
  if (!known || weekend.size > 6) throw fault('OUT_OF_RANGE')
  if (!Number.isInteger(utcOffset) || Math.abs(utcOffset) > 1440) throw fault('OUT_OF_RANGE')
  return {
    offsetSeconds: BigInt(utcOffset * 60),
    isBusinessDay: (day) => !weekend.has(weekdayOf(day)) && !holidays.has(day),
  }
}

/** Monday is 1; 1970-01-01 was a Thursday. */
const weekdayOf = (day: bigint): number => Number(floorMod(day + 3n, 7n)) + 1

/**
 * The time (seconds since 1970) `count` business days after `time`, at the same time of day; before it, if `count`
 * is negative. The day of `time` itself is not counted. `visit` is called for each day that is looked at.
 */
export function addBusinessDays(
  time: bigint,
  count: bigint,
  calendar: BusinessCalendar,
  visit: () => void,
): bigint {
  const local = time + calendar.offsetSeconds
  const timeOfDay = floorMod(local, DAY)
  let day = (local - timeOfDay) / DAY
  const direction = count < 0n ? -1n : 1n
  for (let left = count; left !== 0n; ) {
    visit()
    day += direction
    if (calendar.isBusinessDay(day)) left -= direction
  }
  return day * DAY + timeOfDay - calendar.offsetSeconds
}

const floorMod = (value: bigint, by: bigint): bigint => ((value % by) + by) % by
