import { parseDuration } from '@concordat/protocol'

export interface Timeouts {
  /** Milliseconds. */
  readonly normal: number
  /** Milliseconds. */
  readonly longest: number
}

/** Milliseconds a request may take: as its `Request-Timeout` header says (a duration, or seconds), within the limit. */
export function requestTimeout(header: string | string[] | undefined, timeouts: Timeouts): number {
  if (typeof header !== 'string' || header === '') return timeouts.normal
  try {
    const ms = parseDuration(header.trim(), 's')
    return ms > 0 ? Math.min(ms, timeouts.longest) : timeouts.normal
  } catch {
    return timeouts.normal
  }
}
