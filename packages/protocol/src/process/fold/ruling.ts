import type { Consequences } from './apply.ts'
import type { StepCode, VoidCode, Winner } from './records.ts'
import type { Situation } from './state.ts'

/** What becomes of one event. */
export type Ruling =
  | { readonly verdict: 'accepted'; readonly situation?: Situation; readonly told?: Told }
  | {
      readonly verdict: 'rejected'
      /** One of ours, or that of a rule. */
      readonly code: string
      readonly rule?: string
      readonly winner?: Winner
    }
  | { readonly verdict: 'void'; readonly code: VoidCode; readonly of?: number }
  /** No verdict: this version does not know what the event uses. */
  | { readonly verdict: 'parked'; readonly feature: string }

/** What an accepted step tells and asks for. */
export type Told = Pick<Consequences, 'output' | 'effects'>

export const reject = (code: StepCode): Ruling => ({ verdict: 'rejected', code })
