import type { SubscriptionOptions } from '@concordat/protocol'
import { parseDuration } from '@concordat/protocol'
import type { Pace } from './dispatcher.ts'

/** What a subscription gets when it doesn't say. */
export interface PaceDefaults {
  /** Most events of a batch. FireFly's `subscription.defaults.batchSize`, 50. */
  readonly batchSize: number
  /** FireFly's `subscription.defaults.batchTimeout`, 50 ms. */
  readonly batchTimeoutMs: number
}

export const defaultPace: PaceDefaults = { batchSize: 50, batchTimeoutMs: 50 }

export function paceOf(options: SubscriptionOptions, defaults: PaceDefaults): Pace {
  const batch = options.batch ?? false
  const timeout = options.batchTimeout
  return {
    batch,
    readAhead: options.readAhead ?? (batch ? defaults.batchSize : 0),
    batchTimeoutMs: timeout === undefined ? defaults.batchTimeoutMs : parseDuration(timeout),
  }
}
