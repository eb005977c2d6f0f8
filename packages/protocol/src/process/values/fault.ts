/** Why a rule was refused when it was read. `at` of the fault says where. */
export type SyntaxFaultCode =
  | 'RULE_SYNTAX'
  | 'RULE_TOO_LONG'
  | 'RULE_TOO_BIG'
  | 'RULE_TOO_DEEP'
  | 'BAD_LITERAL'
  | 'BAD_PATTERN'
  | 'UNSUPPORTED'
  | 'UNKNOWN_FUNCTION'
  | 'UNKNOWN_CALENDAR'
  | 'WRONG_ARGUMENTS'

const evaluationFaultCodes = [
  'NO_OVERLOAD',
  'NO_VARIABLE',
  'NO_KEY',
  'DUPLICATE_KEY',
  'OUT_OF_RANGE',
  'DIVIDE_BY_ZERO',
  'INT_OVERFLOW',
  'DECIMAL_OVERFLOW',
  'BAD_NUMBER',
  'BAD_DURATION',
  'NOT_JSON',
  'TOO_DEEP',
] as const

const exhaustionCodes = ['FUEL', 'MEMORY'] as const

/** Why a rule has no value here. `&&`, `||`, `all` and `exists` may absorb these, as CEL says. */
export type EvaluationFaultCode = (typeof evaluationFaultCodes)[number]

/** What stops a rule at once; nothing absorbs it. */
export type ExhaustionCode = (typeof exhaustionCodes)[number]

/** All that can be wrong with a rule or a value: closed, and part of flow/1. */
export type RuleFaultCode = SyntaxFaultCode | EvaluationFaultCode | ExhaustionCode

/** The one error of rules and values. */
export class RuleFault extends Error {
  override readonly name = 'RuleFault'
  readonly code: RuleFaultCode
  /** UTF-16 offset into the rule's text; -1 if the fault came up while evaluating. */
  readonly at: number

  constructor(code: RuleFaultCode, at = -1, reason = '') {
    super(reason === '' ? code : `${code}: ${reason}`)
    this.code = code
    this.at = at
  }

  /** True for faults that nothing absorbs. */
  get final(): boolean {
    return this.code === 'FUEL' || this.code === 'MEMORY'
  }
}

const faults: ReadonlyMap<string, RuleFault> = new Map(
  [...evaluationFaultCodes, ...exhaustionCodes].map((code) => [code, new RuleFault(code)]),
)

/** The fault of this code. One object serves every throw: a hostile rule must not cost stack traces. */
export const fault = (code: EvaluationFaultCode | ExhaustionCode): RuleFault =>
  faults.get(code) ?? new RuleFault(code)
