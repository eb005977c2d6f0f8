import type { BlockKind } from '@concordat/protocol'
import type { PinRow } from '../store/schema.ts'

/** Why a context stands still: the pin whose turn it is, and what it waits for. */
export interface Block {
  readonly kind: BlockKind
  readonly pin: PinRow
  readonly message?: string
  readonly author?: string
  /** Who should have what is missing: a DID. */
  readonly holder?: string
  readonly detail: string
  /** Pins that come first (`seq`): when one of them is settled, the context is looked at again. */
  readonly after?: readonly number[]
}
