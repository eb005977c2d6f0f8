import type { MessageHeader } from '@concordat/protocol'
import type { Transaction } from '../store/database.ts'

/** Where a pin stands on the chain: the same at every member. Ordered by its fields, first to last. */
export interface PinPosition {
  /** Index of the contract among those of the namespace. */
  readonly contract: number
  readonly block: number
  /** Index of the transaction in its block. */
  readonly transaction: number
  readonly log: number
  /** Index of the pin in its event. */
  readonly pin: number
}

/** A data item as far as its hash fixes it. */
export interface SettledData {
  readonly id: string
  readonly hash: string
  /**
   * The value's JSON text; undefined when there is none. The hash of a blob alone is that of its content, so an author can
   * send one member a value and another the same text as a blob: both have the text here.
   */
  readonly value: string | undefined
  /** The blob's hash, where there is a blob besides the value, or one that is no value. */
  readonly blob: string | undefined
}

/** Why a pin's place was used up without a message. */
export const voidReasons = [
  /** Its batch is another than the one it names. */
  'UNREADABLE',
  /** Its batch has no message at its index. */
  'NO_MESSAGE',
  /** The message there is of another member, group or topic, or not private. */
  'MISMATCH',
  /** A message on a process's topic may have no other topic. */
  'MALFORMED',
  /** The message was settled at an earlier pin. */
  'REPEATED',
] as const
export type VoidReason = (typeof voidReasons)[number]

export interface SettledMessage {
  readonly kind: 'message'
  readonly header: MessageHeader
  /** Of the header. */
  readonly hash: string
  /** In the message's order. */
  readonly data: readonly SettledData[]
}

export type SettledOutcome = SettledMessage | { readonly kind: 'void'; readonly reason: VoidReason }

/** A member's next pin on a private context, settled: all of it follows from pins and payloads, alike at every member. */
export interface SettledPin {
  readonly position: PinPosition
  /** The block's time, in milliseconds since 1970. */
  readonly timestamp: number
  /** The member's DID: by its key the pin was made, whatever the payload says. */
  readonly author: string
  readonly signer: string
  /** Hash of the group. */
  readonly group: string
  readonly topic: string
  /** Which of the member's pins on this context it is, from 0. */
  readonly nonce: number
  readonly batch: string
  readonly batchHash: string
  readonly outcome: SettledOutcome
}

/** A broadcast that was confirmed, as of its first pin. */
export interface SettledBroadcast extends Omit<SettledMessage, 'kind'> {
  readonly position: PinPosition
  /** The block's time, in milliseconds since 1970. */
  readonly timestamp: number
  readonly batch: string
}

/** What wants to know of settled pins. */
export interface SettledPinHook {
  /** Whether a topic is wanted; nothing is read or kept for others. */
  readonly wants: (topic: string) => boolean
  /**
   * Told in the transaction that settles the pins, each context's in its order, once each. If it throws, nothing is
   * settled, and all of it is tried again.
   */
  readonly onPinSettled: (tx: Transaction, settled: readonly SettledPin[]) => Promise<void>
  /** Told in the same way of broadcasts on wanted topics, before the pins of the same transaction. */
  readonly onBroadcastSettled?: (
    tx: Transaction,
    settled: readonly SettledBroadcast[],
  ) => Promise<void>
}

/** Topics of processes: what is judged on them rests on nothing but chain and payloads. */
export const isProcessTopic = (topic: string): boolean => topic.startsWith('ffp-')
