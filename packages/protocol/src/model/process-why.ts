import Type, { type Static } from 'typebox'
import { BlockedTopic } from './blocked.ts'
import { processStates } from './process.ts'
import { oneOf, Time, Uuid } from './scalars.ts'

/** A step that a party could take now, up to what it puts in. */
export const OpenStep = Type.Object({
  /** Of the definition, or `$join`: the process waits for the party's consent. */
  step: Type.String(),
  role: Type.Optional(Type.String()),
  /** The decision since which it is possible. */
  since: Type.Integer(),
  /** When a deadline ends the stage in which it is possible. */
  due: Type.Optional(Time),
})
export type OpenStep = Static<typeof OpenStep>

/** What a process waits for. */
export const ProcessWhy = Type.Object({
  process: Uuid,
  status: oneOf(processStates),
  /** In a sentence. */
  text: Type.String(),
  /** Parties that have to join before anything counts. */
  awaited: Type.Array(Type.String()),
  /** What is pinned for it and can't be decided, as in `/blocked`. */
  blocked: Type.Array(BlockedTopic),
  /** The deadline that comes first. */
  next: Type.Optional(Type.Object({ deadline: Type.String(), due: Time })),
  /** Whose turn it is: the parties that could take a step now. */
  turns: Type.Array(Type.Object({ party: Type.String(), steps: Type.Array(OpenStep) })),
})
export type ProcessWhy = Static<typeof ProcessWhy>
