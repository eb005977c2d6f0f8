import type { Transaction } from '../store/database.ts'
import type { Instance } from './instance.ts'

/** Snapshots of instances that are kept in memory, together. */
const MAX_WEIGHT = 50_000

/**
 * The instances used last, in memory. What a transaction changes is seen by that transaction alone until it is durable,
 * and forgotten if it fails.
 */
export class Instances {
  readonly #known = new Map<string, Instance>()
  readonly #changed = new WeakMap<Transaction, Map<string, Instance>>()
  #weight = 0

  get(id: string, tx?: Transaction): Instance | undefined {
    const changed = tx && this.#changed.get(tx)?.get(id)
    if (changed) return changed
    const known = this.#known.get(id)
    if (known) {
      this.#known.delete(id)
      this.#known.set(id, known)
    }
    return known
  }

  /** Remembers what was read. */
  keep(instance: Instance): void {
    const { id } = instance.row
    this.#forget(id)
    this.#known.set(id, instance)
    this.#weight += weightOf(instance)
    for (const oldest of this.#known.keys()) {
      if (this.#weight <= MAX_WEIGHT || oldest === id) break
      this.#forget(oldest)
    }
  }

  /** Remembers what a transaction makes of an instance. */
  change(tx: Transaction, instance: Instance): void {
    const changed = this.#changed.get(tx)
    if (changed) {
      changed.set(instance.row.id, instance)
      return
    }
    const fresh = new Map([[instance.row.id, instance]])
    this.#changed.set(tx, fresh)
    tx.onCommit(() => {
      for (const each of fresh.values()) this.keep(each)
    })
  }

  #forget(id: string): void {
    const known = this.#known.get(id)
    if (!known) return
    this.#known.delete(id)
    this.#weight -= weightOf(known)
  }
}

const weightOf = ({ state }: Instance): number => 1 + (state?.snapshots.length ?? 0)
