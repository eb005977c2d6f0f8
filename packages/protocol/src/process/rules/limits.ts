/** Constants of flow/1: a change of any of them is a change of the language. */
export const RULE_LIMITS = {
  /** UTF-16 units of a rule's text. */
  length: 4096,
  /** Nodes of a rule's syntax tree. */
  nodes: 500,
  /** Expressions inside expressions: brackets, arguments, branches. */
  depth: 24,
  /** Units of work for one rule. */
  fuel: 20_000,
  /** Units of work for all rules of one step. */
  stepFuel: 200_000,
  /** List elements, map entries and text units that one rule may build. */
  memory: 20_000,
  /** Lists and maps inside lists and maps. */
  valueDepth: 32,
} as const
