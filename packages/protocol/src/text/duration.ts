import { NodeError } from '../errors/node-error.ts'

/** Milliseconds of each unit. */
const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}
const WHOLE = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g

/** Milliseconds of a duration such as `1m30s`, or of a whole number of `unit`. Throws FF00137. */
export function parseDuration(input: string | number, unit: 'ms' | 's' = 'ms'): number {
  const text = String(input)
  if (/^[+-]?\d+$/.test(text)) return Number(text) * (unit === 's' ? 1000 : 1)
  if (!WHOLE.test(text)) throw new NodeError('FF00137', { input })
  let ms = 0
  for (const [, amount, name = ''] of text.matchAll(PART)) ms += Number(amount) * (UNITS[name] ?? 0)
  return text.startsWith('-') ? -ms : ms
}

/** Milliseconds as Go writes a duration: `500ms`, `2s`, `1m30s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s'
  if (ms < 0) return `-${formatDuration(-ms)}`
  if (ms < 1) {
    const micros = round(ms * 1000)
    return micros >= 1 ? `${micros}µs` : `${Math.round(ms * 1e6)}ns`
  }
  if (ms < 1000) return `${round(ms)}ms`
  const hours = Math.floor(ms / 3_600_000)
  const minutes = Math.floor(ms / 60_000) % 60
  const seconds = `${round((ms % 60_000) / 1000)}s`
  if (hours > 0) return `${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}

// To the nanosecond of a millisecond, without binary dust.
const round = (value: number): number => Number(value.toFixed(9))
