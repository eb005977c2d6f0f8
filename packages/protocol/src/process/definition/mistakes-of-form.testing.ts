import type { FaultCode } from './fault-table.ts'
import { drop, type Mistake, mistake, put } from './mistake.testing.ts'

const nest = (depth: number): unknown => {
  let value: unknown = 1
  for (let i = 0; i < depth; i++) value = [value]
  return value
}
const text = { type: 'string' }
const choice = (kind: string) => ({
  type: 'object',
  required: ['kind'],
  properties: { kind: { const: kind } },
})
/** Each definition names the one before twice. */
const doubling = (levels: number) => ({
  type: 'object',
  properties: { x: { $ref: `#/$defs/s${levels}` } },
  $defs: Object.fromEntries(
    Array.from({ length: levels + 1 }, (_, i) => [
      `s${i}`,
      i === 0
        ? text
        : { properties: { a: { $ref: `#/$defs/s${i - 1}` }, b: { $ref: `#/$defs/s${i - 1}` } } },
    ]),
  ),
})
const chain = (levels: number) => ({
  type: 'object',
  properties: { x: { $ref: `#/$defs/s${levels}` } },
  $defs: Object.fromEntries(
    Array.from({ length: levels + 1 }, (_, i) => [
      `s${i}`,
      i === 0 ? text : { items: { $ref: `#/$defs/s${i - 1}` } },
    ]),
  ),
})
const numbered = (count: number, value: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, value]))

const ofTheDocument: readonly Mistake[] = [
  mistake('NOT_JSON', '$.state.round.default', (d) => ({
    ...d,
    state: { round: { default: 1.5 } },
  })),
  mistake('NOT_JSON', '$.title', (d) => ({ ...d, title: '\ud800' })),
  mistake('NOT_JSON', '$.title', (d) => ({ ...d, title: undefined })),
  mistake('NOT_JSON', '$', () => new Date(0)),
  mistake('NOT_JSON', '$.roles', (d) => ({ ...d, roles: new Map() })),
  put('TOO_DEEP', '$.state.round.default[0]', 'state.round.default', nest(40)),
  mistake('TOO_LARGE', '$', (d) => ({ ...d, description: 'x'.repeat(300_000) })),
  mistake('TOO_LARGE', '$', (d) => ({
    ...d,
    state: { ...numbered(40, { schema: { title: 'ü'.repeat(4000) } }) },
  })),
  mistake('UNKNOWN_FLOW', '$.flow', (d) => ({ ...d, flow: 'flow/2', colour: 1 })),
]

const ofTheFormat: readonly Mistake[] = [
  mistake('WRONG_TYPE', '$', () => []),
  mistake('WRONG_TYPE', '$', () => null),
  mistake('WRONG_TYPE', '$.steps', (d) => ({ ...d, steps: [] })),
  put('WRONG_TYPE', '$.steps.agree.by', 'steps.agree.by', 'buyer'),
  mistake('WRONG_TYPE', '$.version', (d) => ({ ...d, version: 1 })),
  put('WRONG_TYPE', '$.steps.agree.auto', 'steps.agree.auto', 'yes'),
  put('WRONG_TYPE', '$.roles.helper.max', 'roles.helper.max', '3'),
  drop('MISSING_KEY', '$', 'steps'),
  drop('MISSING_KEY', '$.steps.agree', 'steps.agree.by'),
  put('UNKNOWN_KEY', '$.steps.agree', 'steps.agree.wehn', []),
  mistake('UNKNOWN_KEY', '$', (d) => ({ ...d, ['__proto__']: {}, extra: 1 })),
  mistake('BAD_TEXT', '$.name', (d) => ({ ...d, name: 'Offer' })),
  mistake('BAD_TEXT', '$.steps["a b"]', (d) => {
    d.steps['a b'] = d.steps.agree
  }),
  mistake('BAD_TEXT', '$.steps.__proto__', (d) => {
    Object.defineProperty(d.steps, '__proto__', { value: d.steps.agree, enumerable: true })
  }),
  put('BAD_TEXT', '$.steps.agree.when[0].code', 'steps.agree.when.0.code', 'told'),
  mistake('TOO_LONG', '$.title', (d) => ({ ...d, title: 'x'.repeat(201) })),
  put('TOO_LONG', '$.steps.agree.when[0].rule', 'steps.agree.when.0.rule', 'x'.repeat(5000)),
  mistake('TOO_MANY', '$.roles', (d) => ({ ...d, roles: numbered(33, { one: true }) })),
  mistake('TOO_MANY', '$.stages', (d) => ({ ...d, stages: numbered(9, d.stages.main) })),
  mistake('TOO_MANY', '$.steps', (d) => ({ ...d, steps: numbered(101, d.steps.agree) })),
  mistake('TOO_MANY', '$.deadlines', (d) => ({ ...d, deadlines: numbered(41, d.deadlines.never) })),
  mistake('TOO_MANY', '$.steps.agree.when', (d) => {
    d.steps.agree.when = Array(33).fill(d.steps.agree.when[0])
  }),
  put('TOO_FEW', '$.steps.agree.by', 'steps.agree.by', []),
  mistake('NOT_A_CHOICE', '$.flow', (d) => ({ ...d, flow: 'flow-1' })),
  put('NOT_A_CHOICE', '$.govern.consent', 'govern.consent', 'once'),
  put('NOT_UNIQUE', '$.stages.main.values[1]', 'stages.main.values.1', 'draft'),
  put('OUT_OF_RANGE', '$.roles.helper.min', 'roles.helper.min', 0),
  put('EXACTLY_ONE', '$.steps.agree.trigger', 'steps.agree.trigger.api', true),
  drop('EXACTLY_ONE', '$.deadlines.never', 'deadlines.never.after'),
  put('EXACTLY_ONE', '$.deadlines.lapse', 'deadlines.lapse.after', 'P1D'),
  put('EXACTLY_ONE', '$.roles.buyer', 'roles.buyer.many', true),
]

const notYet: readonly Mistake[] = [
  put('NOT_YET', '$.govern.gap', 'govern.gap', { quorum: 'all', window: 'P1D' }),
  put('NOT_YET', '$.steps.agree.receipt', 'steps.agree.receipt', {
    by: ['buyer'],
    quorum: 1,
    within: 'P1D',
  }),
  put('NOT_YET', '$.steps.offer.visible', 'steps.offer.visible', {
    note: ['buyer', 'seller', 'helper', 'auditor'],
  }),
  put('NOT_YET', '$.steps.offer.effects[0].kind', 'steps.offer.effects.0.kind', 'contract.invoke'),
  put('NOT_YET', '$.steps.offer.effects[0].within', 'steps.offer.effects.0.within', 'P1D'),
]

const price = '$.state.price.schema'
const schema = (code: FaultCode, at: string, value: unknown): Mistake =>
  put(code, at, 'state.price.schema', value)

const ofSchemas: readonly Mistake[] = [
  schema('WRONG_TYPE', `${price}.items`, { items: 5 }),
  schema('SCHEMA_KEYWORD', price, { type: 'string', pattern: '^(a+)+$' }),
  schema('SCHEMA_KEYWORD', price, { anyOf: [text, text] }),
  schema('SCHEMA_KEYWORD', price, { typ: 'string' }),
  schema('SCHEMA_KEYWORD', price, { $ref: '#/$defs/a', maxLength: 3, $defs: { a: text } }),
  schema('SCHEMA_KEYWORD', `${price}.items`, { items: { $defs: {} } }),
  schema('SCHEMA_VALUE', `${price}.maxLength`, { maxLength: -1 }),
  schema('SCHEMA_VALUE', `${price}.required`, { required: ['a', 'a'] }),
  schema('SCHEMA_VALUE', `${price}.required`, { required: ['a'], additionalProperties: false }),
  schema('SCHEMA_VALUE', `${price}.properties`, { properties: null }),
  schema('SCHEMA_VALUE', `${price}.enum`, { enum: [] }),
  schema('SCHEMA_VALUE', `${price}.oneOf`, { oneOf: {} }),
  schema('SCHEMA_VALUE', `${price}.type`, { type: [] }),
  schema('SCHEMA_VALUE', `${price}.format`, { type: 'integer', format: 'decimal' }),
  schema('SCHEMA_TYPE', `${price}.type`, { type: 'number' }),
  schema('SCHEMA_FORMAT', `${price}.format`, { type: 'string', format: 'email' }),
  schema('SCHEMA_REF', `${price}.$ref`, { $ref: 'https://x.test/s.json' }),
  schema('SCHEMA_REF', `${price}.$ref`, { $ref: '#/$defs/constructor', $defs: {} }),
  schema('SCHEMA_RECURSION', `${price}.$defs.a.items.$ref`, {
    $defs: { a: { items: { $ref: '#/$defs/a' } } },
  }),
  schema('SCHEMA_TOO_LARGE', price, doubling(14)),
  mistake('SCHEMA_TOO_LARGE', '$.state.x10.schema', (d) => ({
    ...d,
    state: { ...numbered(60, { schema: doubling(9) }) },
  })),
  schema('SCHEMA_TOO_DEEP', price, chain(20)),
  schema('SCHEMA_CHOICE', `${price}.oneOf`, { oneOf: [choice('a'), choice('a')] }),
  schema('SCHEMA_CHOICE', `${price}.oneOf`, { oneOf: [choice('a'), text] }),
  schema('SCHEMA_LIMITS', price, { minLength: 3, maxLength: 2 }),
  put('SCHEMA_INPUT', '$.steps.offer.input', 'steps.offer.input', text),
  put('DEFAULT_INVALID', '$.state.round.default', 'state.round.default', -1),
  put('DEFAULT_INVALID', '$.state.price.default', 'state.price.default', '1e3'),
]

/** In the document, its format and its schemas. */
export const mistakesOfForm: readonly Mistake[] = [
  ...ofTheDocument,
  ...ofTheFormat,
  ...notYet,
  ...ofSchemas,
]
