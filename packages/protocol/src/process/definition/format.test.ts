import assert from 'node:assert/strict'
import { test } from 'node:test'
import Schema from 'typebox/schema'
import { templates } from '../templates/templates.ts'
import type { FaultCode } from './fault-table.ts'
import { definitionSchema } from './format.ts'
import { loadDefinition } from './load.ts'
import type { Mistake } from './mistake.testing.ts'
import { mistakesOfForm } from './mistakes-of-form.testing.ts'
import { mistakesOfMeaning } from './mistakes-of-meaning.testing.ts'
import { plain } from './plain.testing.ts'
import { loadYaml } from './read-yaml.ts'
import { everything } from './sealed.testing.ts'

assert.ok(typeof definitionSchema === 'object')
const editor = Schema.Compile(definitionSchema)

const spoilt = ({ base, spoil }: Mistake): unknown => {
  const sound = structuredClone(base === 'everything' ? everything : plain)
  const changed = spoil(sound)
  return changed === undefined ? sound : changed
}

/** Told of the shape alone, which an editor can see. */
const OF_SHAPE: readonly FaultCode[] = [
  'WRONG_TYPE',
  'MISSING_KEY',
  'UNKNOWN_KEY',
  'BAD_TEXT',
  'TOO_LONG',
  'TOO_MANY',
  'TOO_FEW',
  'NOT_A_CHOICE',
  'NOT_UNIQUE',
  'OUT_OF_RANGE',
  'EXACTLY_ONE',
  'UNKNOWN_FLOW',
  'SCHEMA_KEYWORD',
  'SCHEMA_TYPE',
  'SCHEMA_FORMAT',
]

/** These an editor's schema language cannot say: a keyword beside another, or one for the top only. */
const BEYOND_EDITORS = [
  { $ref: '#/$defs/a', maxLength: 3, $defs: { a: { type: 'string' } } },
  { items: { $defs: {} } },
].map((schema) => {
  const document: { state: { price: { schema: object } } } = structuredClone(plain)
  document.state.price.schema = schema
  return JSON.stringify(document)
})

test('an editor takes every sound definition', () => {
  for (const document of [plain, everything]) assert.ok(editor.Check(document))
  for (const text of Object.values(templates)) assert.ok(editor.Check(loadYaml(text).document))
})

test('an editor marks every mistake of shape, and no other way of writing', () => {
  for (const mistake of [...mistakesOfForm, ...mistakesOfMeaning]) {
    const document = spoilt(mistake)
    const { faults } = loadDefinition(document)
    const { code, at } = mistake
    // What it marks, the loader refuses too.
    if (!editor.Check(document)) assert.notEqual(faults.length, 0, `${code} ${at}`)
    const beside = code === 'SCHEMA_KEYWORD' && BEYOND_EDITORS.includes(JSON.stringify(document))
    if (OF_SHAPE.includes(code) && !beside) {
      assert.ok(!editor.Check(document), `${code} ${at}`)
    }
  }
})
