/** Constants of flow/1: a change of any of them is a change of the language. */
export const FOLD_LIMITS = {
  /** Decisions that a loser may be measured against. */
  snapshots: 64,
  /** Deadlines that one event may fire; more halt the instance. */
  timeouts: 64,
  /** UTF-16 units of the canonical text of the whole document. */
  document: 256 * 1024,
  /** Lists and maps inside lists and maps, in one field. */
  depth: 32,
  /** Members of one role, and of all. */
  parties: 200,
} as const
