import { formatTime, padTime } from '@concordat/protocol'
import { instanceTopic } from '@concordat/protocol/process'
import type { EventLog, NewEvent } from '../events/log.ts'
import type { World } from '../lib/world.ts'
import type { Transaction } from '../store/database.ts'
import type { TaskNoteRow, TaskRow, TaskWorkRow } from '../store/task-schema.ts'

export interface TaskWritesDeps {
  readonly namespace: string
  readonly world: Pick<World, 'now' | 'uuid'>
  readonly events: Pick<EventLog, 'append'>
}

export type TaskEvent = 'process_task_opened' | 'process_task_due' | 'process_task_closed'
export type WorkKind = 'submit' | 'decide' | 'rule' | 'remind' | 'escalate' | 'look'
/** What there is to do for one task; `look` is for an instance. */
export const workKinds: readonly WorkKind[] = ['submit', 'decide', 'rule', 'remind', 'escalate']
/** What is written beside a task: by a person, or by the node. */
export interface Note {
  readonly kind: string
  readonly actor?: string
  readonly words?: string
}

type Changes = Partial<
  Pick<
    TaskRow,
    | 'state'
    | 'groupName'
    | 'assignee'
    | 'n'
    | 'due'
    | 'submission'
    | 'problem'
    | 'decider'
    | 'endedBy'
  >
>

/** What one transaction makes of tasks, gathered and written together. */
export class TaskWrites {
  readonly #deps: TaskWritesDeps
  readonly #tx: Transaction
  readonly #opened = new Map<number, TaskRow>()
  readonly #changes = new Map<number, Changes>()
  readonly #notes: TaskNoteRow[] = []
  readonly #events: NewEvent[] = []
  readonly #dropped = new Map<string, ReadonlySet<string>>()
  readonly #work = new Map<string, TaskWorkRow>()
  /** The same time padded, and in milliseconds since 1970. */
  readonly now: string
  readonly ms: number

  private constructor(deps: TaskWritesDeps, tx: Transaction) {
    this.#deps = deps
    this.#tx = tx
    this.ms = deps.world.now()
    this.now = padTime(formatTime(this.ms))
  }

  /** Runs `work`, then writes what it made. */
  static async use<T>(
    deps: TaskWritesDeps,
    tx: Transaction,
    work: (writes: TaskWrites) => Promise<T>,
  ): Promise<T> {
    const writes = new TaskWrites(deps, tx)
    const result = await work(writes)
    await writes.#flush()
    return result
  }

  open(row: Omit<TaskRow, 'seq' | 'namespace' | 'id' | 'created' | 'updated'>): TaskRow {
    const { namespace, world } = this.#deps
    const seq = this.#tx.sequence('tasks', 1)
    const times = { created: this.now, updated: this.now }
    const opened = { seq, namespace, id: world.uuid(), ...row, ...times }
    this.#opened.set(seq, opened)
    this.tell('process_task_opened', opened)
    return opened
  }

  change(row: TaskRow, changes: Changes, ...notes: readonly Note[]): TaskRow {
    const changed = { ...row, ...changes, updated: this.now }
    if (this.#opened.has(row.seq)) this.#opened.set(row.seq, changed)
    else this.#changes.set(row.seq, { ...this.#changes.get(row.seq), ...changes })
    this.note(row, ...notes)
    return changed
  }

  note({ id }: Pick<TaskRow, 'id'>, ...notes: readonly Note[]): void {
    const { namespace } = this.#deps
    for (const { kind, actor = null, words = null } of notes) {
      const seq = this.#tx.sequence('taskNotes', 1)
      this.#notes.push({ seq, namespace, task: id, kind, actor, words, created: this.now })
    }
  }

  tell(type: TaskEvent, { id, process }: Pick<TaskRow, 'id' | 'process'>): void {
    const topic = instanceTopic(process)
    this.#events.push({ type, reference: id, correlator: process, topic })
  }

  /** Has something done not before `due`, in milliseconds; replaces what was planned of the kind. */
  plan(row: Pick<TaskRow, 'id' | 'seq'>, kind: WorkKind, due: number): void {
    if (this.#opened.get(row.seq)?.id !== row.id) this.drop(row, kind)
    const { namespace } = this.#deps
    const { id: task } = row
    this.#work.set(`${task}/${kind}`, { namespace, task, kind, due, attempts: 0, started: null })
  }

  /** Forgets what was planned, of some kinds. */
  drop({ id }: Pick<TaskRow, 'id'>, ...kinds: readonly WorkKind[]): void {
    for (const kind of kinds) this.#work.delete(`${id}/${kind}`)
    this.#dropped.set(id, new Set([...(this.#dropped.get(id) ?? []), ...kinds]))
  }

  async #flush(): Promise<void> {
    const { db } = this.#tx
    await this.#tx.insertMany('tasks', [...this.#opened.values()])
    for (const [changes, seqs] of groupByChange(this.#changes)) {
      const set = { ...changes, updated: this.now }
      await db.updateTable('tasks').set(set).where('seq', 'in', seqs).execute()
    }
    for (const [task, kinds] of this.#dropped)
      await db
        .deleteFrom('taskWork')
        .where('namespace', '=', this.#deps.namespace)
        .where('task', '=', task)
        .where('kind', 'in', [...kinds])
        .execute()
    await this.#tx.insertMany('taskNotes', this.#notes)
    await this.#tx.insertMany('taskWork', [...this.#work.values()])
    await this.#deps.events.append(this.#tx, this.#events)
  }
}

/** Rows that are changed alike, together. */
function groupByChange(changes: ReadonlyMap<number, Changes>): Iterable<[Changes, number[]]> {
  const groups = new Map<string, [Changes, number[]]>()
  for (const [seq, change] of changes) {
    const key = JSON.stringify(change)
    const group = groups.get(key)
    if (group) group[1].push(seq)
    else groups.set(key, [change, [seq]])
  }
  return groups.values()
}
