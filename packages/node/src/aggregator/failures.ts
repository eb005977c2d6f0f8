import type { World } from '../lib/world.ts'
import type { PinRow } from '../store/schema.ts'
import type { ContextKind } from './work-list.ts'

/** A context whose settling throws, again and again. */
export interface Failure {
  readonly context: string
  readonly kind: ContextKind
  /** At which pin it threw last. */
  readonly pin: PinRow | undefined
  readonly error: unknown
  /** When it threw first, in milliseconds since 1970. */
  readonly since: number
  readonly attempts: number
  /** Not tried again before. */
  readonly due: number
}

const FIRST_DELAY_MS = 100
const MAX_DELAY_MS = 30_000

/** Contexts that can't be settled as they are: each is tried again by itself, later and later, and holds up no other. */
export class Failures {
  readonly #world: Pick<World, 'now'>
  readonly #failures = new Map<string, Failure>()

  constructor(world: Pick<World, 'now'>) {
    this.#world = world
  }

  get all(): readonly Failure[] {
    return [...this.#failures.values()]
  }

  /** When the next may be tried: milliseconds since 1970, infinite when there is none. */
  get nextDue(): number {
    return Math.min(...this.all.map(({ due }) => due))
  }

  has(context: string): boolean {
    return this.#failures.has(context)
  }

  mayTry(context: string): boolean {
    return (this.#failures.get(context)?.due ?? 0) <= this.#world.now()
  }

  note(failed: Pick<Failure, 'context' | 'kind' | 'pin' | 'error'>): void {
    const now = this.#world.now()
    const { since = now, attempts = 0 } = this.#failures.get(failed.context) ?? {}
    const due = now + Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempts, 16))
    this.#failures.set(failed.context, { ...failed, since, attempts: attempts + 1, due })
  }

  /** It was settled, or waits for something it can name. */
  forget(context: string): void {
    this.#failures.delete(context)
  }

  /** All may be tried at once. */
  retry(): void {
    for (const [context, failure] of this.#failures)
      this.#failures.set(context, { ...failure, due: 0 })
  }
}
