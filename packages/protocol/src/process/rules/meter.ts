import { fault } from '../values/fault.ts'
import { RULE_LIMITS } from './limits.ts'

export interface MeterLimits {
  readonly fuel: number
  readonly stepFuel: number
  readonly memory: number
}

/** Counts the work of all rules of one step. Each evaluation starts with a rule's share of what is left. */
export class Meter {
  readonly #limits: MeterLimits
  #left: number
  #share = 0
  #fuel = 0
  #memory = 0

  constructor(limits: MeterLimits) {
    this.#limits = limits
    this.#left = limits.stepFuel
  }

  /** Work done so far, over all rules. */
  get spent(): number {
    return this.#limits.stepFuel - this.#left + (this.#share - Math.max(this.#fuel, 0))
  }

  /** Called by `Rule.evaluate`: a new rule begins. */
  begin(): void {
    this.#left -= this.#share - Math.max(this.#fuel, 0)
    this.#share = Math.min(this.#limits.fuel, this.#left)
    this.#fuel = this.#share
    this.#memory = this.#limits.memory
  }

  /** Throws FUEL if less is left. */
  spend(units: number): void {
    this.#fuel -= units
    if (this.#fuel < 0) throw fault('FUEL')
  }

  /** Throws MEMORY if less is left. */
  allocate(units: number): void {
    this.#memory -= units
    if (this.#memory < 0) throw fault('MEMORY')
  }
}

/** A meter for the rules of one step, with flow/1's limits unless told otherwise. */
export const createMeter = (limits: Partial<MeterLimits> = {}): Meter =>
  new Meter({ ...RULE_LIMITS, ...limits })
