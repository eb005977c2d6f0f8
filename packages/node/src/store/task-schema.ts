/** The tables of the task inbox, which is this node's own: nobody else is told of it. Conventions are those of `schema.ts`. */
export interface TaskTables {
  tasks: TaskRow
  taskNotes: TaskNoteRow
  taskWork: TaskWorkRow
}

/** A step that a party of this node can take, or could. */
export interface TaskRow {
  seq: number
  namespace: string
  /** UUID, of this node alone. */
  id: string
  process: string
  flow: string
  name: string
  version: string
  step: string
  /** Null for `$join`. */
  role: string | null
  /** DID of the party whose task it is. */
  party: string
  title: string | null
  /** `open`, `claimed`, `confirming`, `sent`; `done` and `gone` are ends. */
  state: string
  priority: string | null
  /** The group of people it is for; null for all. */
  groupName: string | null
  /** The person who has it. */
  assignee: string | null
  /** The decision since which the step's stages hold. */
  since: number
  /** The decision since which it stands as it does: grows when a step sent for it is decided and it stays open. */
  n: number
  due: string | null
  /** `TaskSubmission` as JSON: what is to be sent, or was. */
  submission: string | null
  /** Why what was to be sent did not count. */
  problem: string | null
  /** What the automated decider makes of it: `asked`, `later`; `person` if it has left the task to people. */
  decider: string | null
  /** The decision that ended it; null while it is open. */
  endedBy: number | null
  created: string
  updated: string
}

/** What has happened to a task, and what people say about it. */
export interface TaskNoteRow {
  seq: number
  namespace: string
  task: string
  kind: string
  /** A person; null if it was the node. */
  actor: string | null
  words: string | null
  created: string
}

/** What the node has to do for a task. */
export interface TaskWorkRow {
  namespace: string
  /** The task's id; of `look` the process's. */
  task: string
  /** `submit`, `decide`, `rule`, `remind`, `escalate`, `look`. */
  kind: string
  /** Milliseconds since 1970: not before. */
  due: number
  attempts: number
  /** When it was first tried, in milliseconds since 1970. */
  started: number | null
}
