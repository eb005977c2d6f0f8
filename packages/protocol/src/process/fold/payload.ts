import type { JsonMap } from '../values/value.ts'

/** What an author has seen of an instance: decision `n`, after which its hash was `h`. */
export interface Seen {
  readonly n: number
  readonly h: string
}

/** A step as its author submitted it, whichever form it came in. */
export interface SubmittedStep {
  readonly instance: string
  /** Hash of the definition. */
  readonly definition: string
  readonly epoch: number
  /** Of the definition, or a control step such as `$join`. */
  readonly step: string
  readonly role?: string
  /** One wish of one author; however often it comes, it is decided once. */
  readonly intent: string
  readonly seen?: Seen
  /** The step is to count only if nothing has changed since decision `n`. */
  readonly expect?: { readonly n: number }
  readonly input: JsonMap
  /** True if a disclosure is none of those that the claim lists. */
  readonly broken: boolean
}

/** What a message on an instance's topic says, or that its place was used up by none. */
export type Payload =
  | { readonly kind: 'step'; readonly step: SubmittedStep }
  | { readonly kind: 'tick'; readonly instance: string }
  | { readonly kind: 'void'; readonly code: 'GAP' | 'MALFORMED' }
  /** Of a version that this one does not know. */
  | { readonly kind: 'unknown'; readonly instance: string; readonly version: string }

/** The next event of an instance, in the order of the chain. */
export interface SpineEvent {
  /** Unix seconds of its block. */
  readonly time: number
  /** DID of the member whose pin it was. */
  readonly author: string
  /** Absent if the place was used up without one. */
  readonly message?: MessageRef
  readonly payload: Payload
}

export interface MessageRef {
  readonly id: string
  readonly hash: string
}
