import Type, { type Static } from 'typebox'
import { Hash, oneOf, Time, UserJson, Uuid } from './scalars.ts'

const Did = Type.String()
const Texts = Type.Record(Type.String(), Type.Array(Did))

/** A fault or warning of a definition: its code, where it is, what is wrong, how to mend it. */
export const FlowFault = Type.Object({
  code: Type.String(),
  path: Type.String(),
  message: Type.String(),
  mend: Type.String(),
})
export type FlowFault = Static<typeof FlowFault>

/** One thing that another definition changes. */
export const FlowDifference = Type.Object({
  kind: oneOf(['added', 'removed', 'changed']),
  /** JSON path: in the old one if it is removed, else in the new. */
  path: Type.String(),
  /** A sentence. */
  text: Type.String(),
  /** False if only words for people differ. */
  binding: Type.Boolean(),
})
export type FlowDifference = Static<typeof FlowDifference>

export const flowOutcomes = ['loaded', 'unsupported', 'refused', 'taken'] as const

/** A process definition that was agreed on: it came in the shared order, to all or to one group. */
export const Flow = Type.Object({
  /** SHA-256 of the canonical JSON. */
  hash: Hash,
  name: Type.String(),
  version: Type.String(),
  title: Type.Optional(Type.String()),
  /** `taken`: an earlier definition has its name and version; it can be used by its hash all the same. */
  state: oneOf(flowOutcomes),
  author: Did,
  message: Uuid,
  group: Type.Optional(Hash),
  created: Time,
  faults: Type.Optional(Type.Array(FlowFault)),
  warnings: Type.Optional(Type.Array(FlowFault)),
  /** Who has said that they take part in its processes. */
  adoptedBy: Type.Array(Did),
  definition: UserJson,
})
export type Flow = Static<typeof Flow>

export const processStates = [
  'waiting',
  'open',
  'running',
  'closed',
  'parked',
  'halted',
  'refused',
] as const

/** An instance as of its last decision, alike at every party. */
export const Process = Type.Object({
  id: Uuid,
  flow: Hash,
  name: Type.String(),
  version: Type.String(),
  group: Hash,
  topic: Type.String(),
  creator: Did,
  message: Uuid,
  /**
   * `waiting`: something pinned before its creation is not decided yet; `open`: parties have to join; `parked`: it uses
   * what this version does not know; `refused`: there can be no such instance.
   */
  status: oneOf(processStates),
  reason: Type.Optional(Type.String()),
  /** DIDs by role. */
  parties: Texts,
  /** Parties that have not joined. */
  awaited: Type.Array(Did),
  stages: Type.Record(Type.String(), Type.Object({ stage: Type.String(), since: Time })),
  state: UserJson,
  /** Those that have not fired. */
  deadlines: Type.Record(Type.String(), Time),
  operations: Type.Record(
    Type.String(),
    Type.Object({ status: Type.String(), by: Did, n: Type.Integer() }),
  ),
  /** Number and hash of the last decision: parties with the same have the same history. */
  n: Type.Integer(),
  hash: Hash,
  /** Ledger time of the last decision. */
  clock: Time,
  created: Time,
  updated: Time,
})
export type Process = Static<typeof Process>

export const decisionVerdicts = ['accepted', 'rejected', 'void', 'timeout'] as const

/** The decision that made another step impossible. */
export const DecisionWinner = Type.Object({
  n: Type.Integer(),
  message: Type.Optional(Uuid),
  author: Type.Optional(Did),
  step: Type.Optional(Type.String()),
  deadline: Type.Optional(Type.String()),
})

/** One decision, as every party has it. */
export const ProcessDecision = Type.Object({
  process: Uuid,
  n: Type.Integer(),
  verdict: oneOf(decisionVerdicts),
  step: Type.Optional(Type.String()),
  role: Type.Optional(Type.String()),
  author: Type.Optional(Did),
  message: Type.Optional(Uuid),
  /** Why not: `CONFLICT` if another came first, a rule's own code, or one of the language's. */
  code: Type.Optional(Type.String()),
  /** With `CONFLICT`: what it would have been refused for. */
  rule: Type.Optional(Type.String()),
  winner: Type.Optional(DecisionWinner),
  /** With `DUPLICATE`: the decision on the same intent. */
  of: Type.Optional(Type.Integer()),
  deadline: Type.Optional(Type.String()),
  due: Type.Optional(Time),
  output: Type.Optional(UserJson),
  effects: Type.Optional(UserJson),
  /** Ledger time. */
  time: Time,
  /** Of this decision and of all before it; absent of one that was only tried out. */
  hash: Type.Optional(Hash),
})
export type ProcessDecision = Static<typeof ProcessDecision>

/** A new instance as a caller gives it. */
export const ProcessInput = Type.Object({
  /** Its UUID; made by the node if absent. The same again is the same instance. */
  id: Type.Optional(Uuid),
  /** Hash of a definition, `name`, or `name@version`; the newest that all its parties have adopted if there is no version. */
  flow: Type.String(),
  /** Identities by role: a DID, or the name or id of an organisation; one or a list. */
  parties: Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())])),
})
export type ProcessInput = Static<typeof ProcessInput>

/** A step as a caller gives it. */
export const StepInput = Type.Object({
  input: Type.Optional(UserJson),
  /** Needed only if the party has several that may do it. */
  role: Type.Optional(Type.String()),
  /** One wish: the same again is decided once. Made by the node if absent. */
  intent: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  /** Count the step only if nothing has changed since this decision. */
  expect: Type.Optional(Type.Object({ n: Type.Integer({ minimum: 0 }) })),
  /** Acts for another identity of this node. */
  author: Type.Optional(Type.String()),
  key: Type.Optional(Type.String()),
})
export type StepInput = Static<typeof StepInput>

/** What became of a submitted step; without `verdict` it is not decided yet. */
export const StepAnswer = Type.Object({
  process: Uuid,
  step: Type.String(),
  /** Absent for a dry run that names none. */
  intent: Type.Optional(Type.String()),
  message: Type.Optional(Uuid),
  decision: Type.Optional(ProcessDecision),
})
export type StepAnswer = Static<typeof StepAnswer>
