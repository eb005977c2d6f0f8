import type { ProfileSchemaObject } from './types.ts'

/** Why the profile does without these, and what does their work. */
export const REFUSED_KEYWORDS: Readonly<Record<string, string>> = {
  allOf: 'Write one schema with all of it.',
  anyOf: 'Use "oneOf" with a constant that tells the choices apart, or a list of types.',
  contains: 'Write a rule, such as "input.list.exists(x, x == 1)".',
  contentEncoding: 'Use a "format".',
  dependentRequired: 'Write a rule, such as "!has(input.a) || has(input.b)".',
  dependentSchemas: 'Use "oneOf" with a constant that tells the choices apart.',
  else: 'Write a rule instead.',
  exclusiveMaximum: 'Use "maximum": numbers are whole.',
  exclusiveMinimum: 'Use "minimum": numbers are whole.',
  if: 'Write a rule instead.',
  maxProperties: 'Write a rule, such as "size(input.map) <= 10".',
  minProperties: 'Write a rule, such as "size(input.map) >= 1".',
  multipleOf: 'Write a rule, such as "input.n % 5 == 0".',
  not: 'Say what is allowed, or write a rule.',
  pattern: 'Use "format", "enum" or lengths, or a rule with "matches".',
  patternProperties: 'Use "properties" and "additionalProperties".',
  prefixItems: 'Use an object with "properties".',
  propertyNames: 'Write a rule, such as "keys(input.map).all(k, size(k) < 40)".',
  unevaluatedItems: 'Use "items".',
  unevaluatedProperties: 'Use "additionalProperties".',
  uniqueItems: 'Write a rule, such as "distinct(input.list) == input.list".',
  $dynamicRef: 'Use "$ref" to "#/$defs/<name>".',
}

export const MAX_COUNT = 1_000_000
export const MAX_ENUM = 200

const isWhole = (value: unknown): boolean => typeof value === 'number'
const isCount = (value: unknown): boolean =>
  typeof value === 'number' && value >= 0 && value <= MAX_COUNT
const isText = (value: unknown): boolean => typeof value === 'string'
const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every(isText) && new Set(value).size === value.length
const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isSchema = (value: unknown): boolean => typeof value === 'boolean' || isObject(value)

type Keyword = Exclude<keyof ProfileSchemaObject, 'type' | 'format' | '$ref'>

/** What each keyword must be; `type`, `format` and `$ref` have checks of their own. */
export const keywords: Readonly<Record<Keyword, readonly [string, (value: unknown) => boolean]>> = {
  title: ['a text', isText],
  description: ['a text', isText],
  default: ['a value', () => true],
  const: ['a value', () => true],
  enum: [
    `a list of 1 to ${MAX_ENUM} values`,
    (value) => Array.isArray(value) && value.length > 0 && value.length <= MAX_ENUM,
  ],
  required: ['a list of names, none of them twice', isTexts],
  properties: ['an object of schemas', isObject],
  additionalProperties: ['true, false or a schema', isSchema],
  items: ['a schema', isSchema],
  minItems: ['a whole number from 0 on', isCount],
  maxItems: ['a whole number from 0 on', isCount],
  minLength: ['a whole number from 0 on', isCount],
  maxLength: ['a whole number from 0 on', isCount],
  minimum: ['a whole number', isWhole],
  maximum: ['a whole number', isWhole],
  oneOf: [
    'a list of 2 to 20 schemas',
    (value) => Array.isArray(value) && value.length >= 2 && value.length <= 20,
  ],
  $defs: ['an object of schemas', isObject],
}

export const isKeyword = (key: string): key is Keyword => Object.hasOwn(keywords, key)

/** Names to suggest for a keyword that is not known. */
export const keywordNames: readonly string[] = [...Object.keys(keywords), 'type', 'format', '$ref']
