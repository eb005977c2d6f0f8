import { formatTime, padTime } from '@concordat/protocol'
import { instanceTopic } from '@concordat/protocol/process'
import type { EventLog } from '../events/log.ts'
import type { World } from '../lib/world.ts'
import type { Transaction } from '../store/database.ts'
import type { TaskNoteRow, TaskRow, TaskWorkRow } from '../store/task-schema.ts'

export interface TaskWritesDeps {
  readonly namespace: string
  readonly world: Pick<World, 'now' | 'uuid'>
  readonly events: Pick<EventLog, 'append'>
}

export type TaskEvent = 'process_task_opened' | 'process_task_due' | 'process_task_closed'
export type WorkKind = 'submit' | 'decide' | 'rule' | 'remind' | 'escalate'
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

/** What one transaction makes of tasks. */
export class TaskWrites {
  readonly #deps: TaskWritesDeps
  readonly #tx: Transaction
  /** The same time padded, and in milliseconds since 1970. */
  readonly now: string
  readonly ms: number

  constructor(deps: TaskWritesDeps, tx: Transaction) {
    this.#deps = deps
    this.#tx = tx
    this.ms = deps.world.now()
    this.now = padTime(formatTime(this.ms))
  }

  async open(
    row: Omit<TaskRow, 'seq' | 'namespace' | 'id' | 'created' | 'updated'>,
  ): Promise<TaskRow> {
    const { namespace, world } = this.#deps
    const seq = this.#tx.sequence('tasks', 1)
    const times = { created: this.now, updated: this.now }
    const opened = { seq, namespace, id: world.uuid(), ...row, ...times }
    await this.#tx.insertMany('tasks', [opened])
    await this.tell('process_task_opened', opened)
    return opened
  }

  async change(row: TaskRow, changes: Changes, ...notes: readonly Note[]): Promise<TaskRow> {
    const set = { ...changes, updated: this.now }
    await this.#tx.db.updateTable('tasks').set(set).where('seq', '=', row.seq).execute()
    await this.note(row, ...notes)
    return { ...row, ...set }
  }

  async note({ id }: Pick<TaskRow, 'id'>, ...notes: readonly Note[]): Promise<void> {
    const { namespace } = this.#deps
    const first = this.#tx.sequence('taskNotes', notes.length)
    const rows: TaskNoteRow[] = notes.map(({ kind, actor = null, words = null }, i) => ({
      seq: first + i,
      namespace,
      task: id,
      kind,
      actor,
      words,
      created: this.now,
    }))
    await this.#tx.insertMany('taskNotes', rows)
  }

  async tell(type: TaskEvent, { id, process }: Pick<TaskRow, 'id' | 'process'>): Promise<void> {
    const event = { type, reference: id, correlator: process, topic: instanceTopic(process) }
    await this.#deps.events.append(this.#tx, [event])
  }

  /** Has something done not before `due`, in milliseconds; replaces what was planned of the kind. */
  async plan({ id }: Pick<TaskRow, 'id'>, kind: WorkKind, due: number): Promise<void> {
    await this.drop({ id }, kind)
    const { namespace } = this.#deps
    const work: TaskWorkRow = { namespace, task: id, kind, due, attempts: 0, started: null }
    await this.#tx.insertMany('taskWork', [work])
  }

  /** Forgets what was planned: one kind, or all. */
  async drop({ id }: Pick<TaskRow, 'id'>, kind?: WorkKind): Promise<void> {
    await this.#tx.db
      .deleteFrom('taskWork')
      .where('namespace', '=', this.#deps.namespace)
      .where('task', '=', id)
      .$if(kind !== undefined, (query) => query.where('kind', '=', kind ?? ''))
      .execute()
  }
}
