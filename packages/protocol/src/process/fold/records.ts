import type { EffectKind } from '../definition/types.ts'
import type { Json, JsonMap } from '../values/value.ts'
import type { MessageRef } from './payload.ts'

/** Codes that flow/1 itself gives; a rule of a definition gives its own. */
export const stepCodes = [
  /** A rejected step failed because of another that came first: `rule` says how, `winner` who. */
  'CONFLICT',
  /** All tracks have ended. */
  'CLOSED',
  /** Some party has not joined yet. */
  'NOT_STARTED',
  'ALREADY_JOINED',
  /** This definition asks each party to join; to adopt it is not enough. */
  'JOIN_NEEDED',
  'UNKNOWN_STEP',
  /** The author is not in this role, or the role may not do this. */
  'NOT_AUTHORISED',
  'INPUT_SCHEMA',
  /** A disclosure is none of those claimed. */
  'SEAL_MISMATCH',
  /** Something has changed since the decision that the author named. */
  'EXPECT_FAILED',
  'WRONG_STAGE',
  /** The effect whose end is reported was not asked for, or has ended. */
  'NOT_REQUESTED',
  /** The effect whose end is reported is another party's. */
  'NOT_PERFORMER',
  'RULE_FUEL',
  /** What the step sets, tells or asks for cannot be computed, or does not fit the document. */
  'EFFECT_FAILED',
] as const
export type StepCode = (typeof stepCodes)[number]

/** Why an event counts for nothing. */
export const voidCodes = ['GAP', 'MALFORMED', 'WRONG_EPOCH', 'DUPLICATE'] as const
export type VoidCode = (typeof voidCodes)[number]

/** The decision that made a step impossible. */
export type Winner =
  | { readonly n: number; readonly message: string; readonly author: string; readonly step: string }
  | { readonly n: number; readonly deadline: string }

/** What one party's node is to do, once, because a step was accepted. */
export interface EffectRequest {
  readonly id: string
  readonly kind: EffectKind
  /** DID of the party that does it. */
  readonly by: string
  readonly with: JsonMap
}

interface RecordBase {
  /** From 1, without holes. */
  readonly n: number
  /** Unix seconds; never less than before. */
  readonly t: number
  /** Hash of the instance's shared state afterwards. */
  readonly s: string
}

export interface StepRecord extends RecordBase {
  readonly verdict: 'accepted' | 'rejected' | 'void'
  readonly author: string
  readonly message?: MessageRef
  readonly step?: string
  readonly role?: string
  /** Of a rejection or a void: one of ours, or that of a rule. */
  readonly code?: string
  /** With CONFLICT: what it would have been refused for. */
  readonly rule?: string
  readonly winner?: Winner
  /** With DUPLICATE: the decision on this intent. */
  readonly of?: number
  readonly output?: { readonly [name: string]: Json }
  readonly effects?: readonly EffectRequest[]
}

export interface TimeoutRecord extends RecordBase {
  readonly verdict: 'timeout'
  readonly deadline: string
  readonly due: number
  /** EFFECT_FAILED if its assignments could not be computed; its stages move all the same. */
  readonly code?: 'EFFECT_FAILED'
}

/** One decision, as every member writes it. */
export type DecisionRecord = StepRecord | TimeoutRecord

export interface Decision {
  readonly record: DecisionRecord
  /** Hash of the record and of all before it. */
  readonly hash: string
}
