import type { Decision, InstanceState } from '@concordat/protocol/process'
import { instanceTopic } from '@concordat/protocol/process'
import type { EventLog, NewEvent } from '../events/log.ts'
import type { Transaction } from '../store/database.ts'
import { prepared } from '../store/prepared.ts'
import type { DecisionRow, ProcessValueRow } from '../store/process-schema.ts'
import type { AwaitedDecisions } from './awaited-decisions.ts'
import { valuesOfState } from './process-values.ts'

export interface FoldWritesDeps {
  readonly events: EventLog
  readonly awaited: AwaitedDecisions
}

/** What one transaction makes of instances, gathered and written together. */
export class FoldWrites {
  readonly #namespace: string
  readonly #now: string
  readonly #decisions: Omit<DecisionRow, 'seq'>[] = []
  readonly #events: NewEvent[] = []
  readonly #values: ProcessValueRow[] = []
  readonly #gone: { process: string; names: string[] }[] = []

  constructor(namespace: string, now: string) {
    this.#namespace = namespace
    this.#now = now
  }

  /** Notes the decisions on an instance, with their events. */
  addDecisions(process: string, decisions: readonly Decision[]): void {
    for (const { record, hash } of decisions) {
      const step = record.verdict === 'timeout' ? undefined : record
      this.#decisions.push({
        namespace: this.#namespace,
        process,
        n: record.n,
        verdict: record.verdict,
        step: step?.step ?? null,
        role: step?.role ?? null,
        author: step?.author ?? null,
        message: step?.message?.id ?? null,
        code: record.code ?? null,
        deadline: record.verdict === 'timeout' ? record.deadline : null,
        record: JSON.stringify(record),
        hash,
        time: record.t,
        created: this.#now,
      })
      // A tick is nothing but a look at the clock.
      if (step?.step === '$tick') continue
      const type = eventTypes[record.verdict]
      this.addEvent(type, process, step?.message?.id)
    }
  }

  addEvent(type: string, process: string, reference: string = process): void {
    this.#events.push({ type, reference, correlator: process, topic: instanceTopic(process) })
  }

  /** Notes what the instance is found by from now on, as far as that changed. */
  addValues(process: string, before: InstanceState | undefined, after: InstanceState): void {
    const changed = valuesOfState(before, after)
    if (changed.names.length === 0) return
    if (before) this.#gone.push({ process, names: changed.names })
    for (const { name, key } of changed.values)
      this.#values.push({ namespace: this.#namespace, process, name, key })
  }

  async flush(tx: Transaction, { events, awaited }: FoldWritesDeps): Promise<void> {
    const first = tx.sequence('decisions', this.#decisions.length)
    const decisions = this.#decisions.map((row, i) => ({ seq: first + i, ...row }))
    await tx.insertMany('decisions', decisions)
    // Before those who wait hear the event.
    tx.onCommit(() => awaited.note(decisions))
    for (const { process, names } of this.#gone)
      await dropValues(tx.db, { namespace: this.#namespace, process, names })
    await tx.insertMany('processValues', this.#values, { skipConflicts: true })
    await events.append(tx, this.#events)
  }
}

const dropValues = prepared(
  (db, given: { namespace: string; process: string; names: readonly string[] }) =>
    db
      .deleteFrom('processValues')
      .where('namespace', '=', given.namespace)
      .where('process', '=', given.process)
      .where('name', 'in', given.names),
)

const eventTypes = {
  accepted: 'process_step_accepted',
  rejected: 'process_step_rejected',
  void: 'process_step_voided',
  timeout: 'process_deadline_fired',
} as const
