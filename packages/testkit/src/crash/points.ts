/**
 * Where a node writes something that outlives it, or tells someone. At each it can be killed before, when nothing of it
 * was done, or after, when nothing that follows from it was.
 */
export const places = [
  /** The answer to a message that was accepted. */
  'reply',
  /** Commit: messages that callers sent. */
  'commit-accepted',
  /** Commit: batches, cut, with all that sending them needs. */
  'commit-sealed',
  /** Commit: batches that were handed to the chain. */
  'commit-sent',
  /** Commit: a payload pushed by a member. */
  'commit-payload',
  /** Commit: a batch of another member, taken in. */
  'commit-taken-in',
  /** Commit: pins read from the chain. */
  'commit-pins',
  /** Commit: messages that became final, with their events. */
  'commit-decided',
  /** Commit: decisions on the steps of a process, with the pins that brought them. */
  'commit-process',
  /** Commit: what reached its receiver. */
  'commit-delivered',
  /** Commit: how far a subscription was acknowledged. */
  'commit-offset',
  /** A private batch sent to a member. */
  'send-batch',
  /** A broadcast payload sent to a member. */
  'send-payload',
  /** A private batch that a member sent. */
  'receive-batch',
  /** A signed transaction, written down. */
  'journal',
  /** A pin handed to the chain. */
  'submit',
  /** The end of a transaction, told by the chain. */
  'receipt',
  /** Pins read from the chain, with the checkpoint. */
  'page',
  /** An event handed to a client. */
  'event',
  /** A client's acknowledgement of an event. */
  'ack',
] as const

export type Place = (typeof places)[number]
export type Point = `${Place}:before` | `${Place}:after`

export const isCommit = (place: Place): boolean => place.startsWith('commit-')

/** Every point at which a node can be killed. */
export const points: readonly Point[] = places.flatMap((place): Point[] => [
  `${place}:before`,
  `${place}:after`,
])

export const isPoint = (text: string): text is Point => points.some((point) => point === text)
