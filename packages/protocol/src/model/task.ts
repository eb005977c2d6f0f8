import Type, { type Static } from 'typebox'
import { Process, ProcessDecision, StepAnswer } from './process.ts'
import { Hash, oneOf, Time, UserJson, Uuid } from './scalars.ts'

export const taskStates = ['open', 'claimed', 'confirming', 'sent', 'done', 'gone'] as const
export const deciderStates = ['asked', 'later', 'person'] as const

/** What is to be sent for a task, or was. */
export const TaskSubmission = Type.Object({
  step: Type.String(),
  input: UserJson,
  /** One wish: however often it is sent, it is decided once. */
  intent: Type.String(),
  /** Who decided it: a person, `decider` or `rule`. */
  by: Type.String(),
  /** The second person, where two are needed. */
  confirmedBy: Type.Optional(Type.String()),
})
export type TaskSubmission = Static<typeof TaskSubmission>

/** A step that a party of this node can take. Nobody else is told who works on it. */
export const InboxTask = Type.Object({
  id: Uuid,
  process: Uuid,
  flow: Hash,
  name: Type.String(),
  version: Type.String(),
  /** Of the definition, or `$join`: the process waits for the party's consent. */
  step: Type.String(),
  role: Type.Optional(Type.String()),
  /** DID of the party whose task it is. */
  party: Type.String(),
  title: Type.Optional(Type.String()),
  /**
   * `confirming`: a second person has to agree; `sent`: its step is on its way; `done`: the party took the step; `gone`: it
   * is possible no more, because of what another did, or of time.
   */
  state: oneOf(taskStates),
  priority: Type.Optional(Type.String()),
  /** The people it is for; anybody if absent. */
  group: Type.Optional(Type.String()),
  /** The person who has it. */
  assignee: Type.Optional(Type.String()),
  /** The decision since which the step is possible. */
  since: Type.Integer(),
  /** When a deadline ends the stage in which it is possible. */
  due: Type.Optional(Time),
  submission: Type.Optional(TaskSubmission),
  /** Why what was to be sent did not count. */
  problem: Type.Optional(Type.String()),
  /** What the automated decider makes of it; `person`: it has left the task to people. */
  decider: Type.Optional(oneOf(deciderStates)),
  /** Number of the decision that ended it. */
  endedBy: Type.Optional(Type.Integer()),
  created: Time,
  updated: Time,
})
export type InboxTask = Static<typeof InboxTask>

/** What has happened to a task, and what people say about it. */
export const TaskNote = Type.Object({
  kind: Type.String(),
  actor: Type.Optional(Type.String()),
  text: Type.Optional(Type.String()),
  created: Time,
})
export type TaskNote = Static<typeof TaskNote>

/** A task with what is needed to decide it. */
export const InboxTaskDetail = Type.Object({
  ...InboxTask.properties,
  help: Type.Optional(Type.String()),
  /** JSON Schema of the step's input. */
  input: UserJson,
  /** How to show its form: this node's own, else the definition's. */
  form: Type.Optional(UserJson),
  fourEyes: Type.Boolean(),
  /** The process as of its last decision. */
  view: Process,
  /** The last decisions, newest first. */
  decisions: Type.Array(ProcessDecision),
  /** Oldest first. */
  history: Type.Array(TaskNote),
})
export type InboxTaskDetail = Static<typeof InboxTaskDetail>

const actor = Type.Optional(Type.String({ minLength: 1, maxLength: 256 }))

/** Who acts; with sign-in it is the user who is signed in. */
export const TaskActor = Type.Object({ actor })
export type TaskActor = Static<typeof TaskActor>

export const TaskDelegation = Type.Object({
  actor,
  /** A person, or `group:` and the name of a group. */
  to: Type.String({ minLength: 1, maxLength: 256 }),
})
export type TaskDelegation = Static<typeof TaskDelegation>

export const TaskCompletion = Type.Object({ actor, input: Type.Optional(UserJson) })
export type TaskCompletion = Static<typeof TaskCompletion>

export const TaskComment = Type.Object({
  actor,
  text: Type.String({ minLength: 1, maxLength: 4096 }),
})
export type TaskComment = Static<typeof TaskComment>

/** A task, and what became of its step so far. */
export const TaskAnswer = Type.Object({ task: InboxTask, answer: Type.Optional(StepAnswer) })
export type TaskAnswer = Static<typeof TaskAnswer>
