import { fault } from './fault.ts'

const ISO =
  /^P(?:([0-9]{1,6})W)?(?:([0-9]{1,6})D)?(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?$/
const SECONDS = [604_800n, 86_400n, 3_600n, 60n, 1n] as const

/**
 * Seconds of an ISO 8601 duration of weeks, days, hours, minutes and seconds, such as `P1DT12H`.
 * Months and years have no fixed length. Throws BAD_DURATION.
 */
export function parseIsoDuration(text: string): bigint {
  const parts = ISO.exec(text)
  if (parts === null || text.endsWith('P') || text.endsWith('T')) throw fault('BAD_DURATION')
  let seconds = 0n
  for (const [i, unit] of SECONDS.entries()) seconds += BigInt(parts[i + 1] ?? 0) * unit
  return seconds
}
