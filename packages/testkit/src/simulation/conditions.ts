import type { Chance } from './chance.ts'

/** What a run is like: drawn from its seed, each hardship there or not, so that they are met alone and together. */
export interface Conditions {
  readonly delayMs: { readonly min: number; readonly max: number }
  readonly loss: number
  readonly duplicates: number
  /** Whether the chain mines transactions in another order than they came. */
  readonly reorder: boolean
  readonly confirmations: number
  readonly reorganisations: boolean
  /** Blocks by which a node's view of the chain may fall behind. */
  readonly maxLag: number
  readonly partitions: boolean
  readonly crashes: boolean
  readonly restarts: boolean
  /** Whether one party starts and registers when the others are at work already. */
  readonly newcomer: boolean
  readonly sendersPerParty: number
  readonly messagesPerSender: number
  /** Longest pause of a sender between two messages, in milliseconds. */
  readonly pauseMs: number
  /** Whether broadcasts and private messages have several topics at times. */
  readonly manyTopics: boolean
  /** Whether private messages go out without pins at times. */
  readonly unpinned: boolean
  /** Whether a stranger copies pins that wait for a block, and pins what does not exist. */
  readonly stranger: boolean
  /** Whether messages carry files at times. */
  readonly blobs: boolean
  /** Whether parties define datatypes, and use them. */
  readonly datatypes: boolean
  /** Whether a party sends each receiver another payload for one pin. */
  readonly forger: boolean
  /** Whether parties agree on processes, and take steps in them. */
  readonly processes: boolean
}

export function drawConditions(chance: Chance): Conditions {
  const max = chance.pick([0, 5, 50, 400, 3_000])
  const confirmations = chance.pick([0, 0, 1, 2, 4])
  return {
    delayMs: { min: 0, max },
    loss: chance.pick([0, 0, 0.05, 0.3]),
    duplicates: chance.pick([0, 0, 0.1, 0.4]),
    reorder: chance.happens(0.7),
    confirmations,
    reorganisations: confirmations > 0 && chance.happens(0.7),
    maxLag: chance.pick([0, 0, 1, 5]),
    partitions: chance.happens(0.4),
    crashes: chance.happens(0.6),
    restarts: chance.happens(0.3),
    newcomer: chance.happens(0.4),
    sendersPerParty: chance.whole(1, 3),
    messagesPerSender: chance.whole(2, 7),
    pauseMs: chance.pick([0, 20, 500, 3_000]),
    manyTopics: chance.happens(0.5),
    unpinned: chance.happens(0.3),
    stranger: chance.happens(0.5),
    blobs: chance.happens(0.4),
    datatypes: chance.happens(0.5),
    forger: chance.happens(0.3),
    processes: chance.happens(0.4),
  }
}
