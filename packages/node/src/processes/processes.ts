import type { Flow, Process, ProcessDecision, ProcessInput } from '@concordat/protocol'
import type { JsonMap, Task } from '@concordat/protocol/process'
import type { Wait } from '../namespace.ts'
import type { StepExchange } from './lines/step-exchange.ts'

/** A step as somebody wants it submitted. */
export interface StepWish {
  readonly process: string
  readonly step: string
  readonly input: JsonMap
  readonly role?: string | undefined
  /** One wish of one author; made if absent. */
  readonly intent?: string | undefined
  readonly expect?: { readonly n: number } | undefined
  readonly author?: string | undefined
  readonly key?: string | undefined
}

/** What became of it so far; without `decision` it is on its way. */
export interface StepResult {
  readonly process: string
  readonly step: string
  readonly intent: string
  /** Id of the message that carries it; absent if it was not worth sending. */
  readonly message?: string
  readonly decision?: ProcessDecision
}

/** What one party could do. */
export interface Turn {
  /** DID. */
  readonly party: string
  readonly tasks: readonly Task[]
}

/** What callers may ask the process engine to do. Reads that are plain queries go to the tables. */
export interface ProcessCommands extends StepExchange {
  /** Tells all, or the members of one group, of a definition. Throws CC21001 with the faults of one that is not sound. */
  propose(
    input: { readonly definition: unknown; readonly members?: readonly string[] | undefined },
    wait: Wait,
  ): Promise<Flow>
  /** Says for this party that it takes part in processes of a definition. */
  adopt(flow: string, wait: Wait): Promise<Flow>
  /** Begins an instance. With `confirm` resolves when its creation is decided here. */
  create(input: ProcessInput, wait: Wait): Promise<Process>
  /**
   * Submits a step, or says at once why it can't count: then nothing is sent. With `confirm` resolves with the decision.
   */
  submit(wish: StepWish, wait: Wait): Promise<StepResult>
  /** What would be decided if it were the next event, now. Nothing is sent. */
  tryOut(wish: StepWish): Promise<ProcessDecision>
  /** Whose turn it is: the parties that could take a step now, up to what they would put in. */
  turns(process: string): Promise<readonly Turn[]>
}
