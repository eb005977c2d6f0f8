import type { Decision, InstanceState } from '@concordat/protocol/process'
import type { Transaction } from '../store/database.ts'
import type { ProcessRow } from '../store/process-schema.ts'

/** What decisions made of an instance. */
export interface Folded {
  /** As it is afterwards. */
  readonly process: ProcessRow
  /** Absent if the instance was created. */
  readonly before?: InstanceState | undefined
  readonly state: InstanceState
  /** In order; none for a creation. */
  readonly decisions: readonly Decision[]
}

/** Told in the transaction that decides, so that what it writes is there if and only if the decisions are. */
export interface FoldListener {
  onFolded(tx: Transaction, folded: Folded): Promise<void>
}
