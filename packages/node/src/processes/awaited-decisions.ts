import type { DecisionRow } from '../store/process-schema.ts'

/** The decision on a message, once it is committed. */
export interface AwaitedDecision extends Disposable {
  readonly row: DecisionRow | undefined
}

/** Hands decisions over to those who wait for them, as they are committed: nobody need read them again. */
export class AwaitedDecisions {
  readonly #awaited = new Map<string, Set<{ row: DecisionRow | undefined }>>()

  /** Looks out for the decision on a message from now on, until disposed. */
  await(message: string): AwaitedDecision {
    const all = this.#awaited.get(message) ?? new Set()
    const own = { row: undefined, [Symbol.dispose]: () => this.#forget(message, own) }
    this.#awaited.set(message, all.add(own))
    return own
  }

  /** Decisions of one commit. */
  note(rows: readonly DecisionRow[]): void {
    if (this.#awaited.size === 0) return
    for (const row of rows)
      for (const each of this.#awaited.get(row.message ?? '') ?? []) each.row = row
  }

  #forget(message: string, own: { row: DecisionRow | undefined }): void {
    const all = this.#awaited.get(message)
    all?.delete(own)
    if (all?.size === 0) this.#awaited.delete(message)
  }
}
