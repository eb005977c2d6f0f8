import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { templates } from '../templates/templates.ts'
import { faultTable } from './fault-table.ts'
import type { Fault } from './faults.ts'
import { definitionHash } from './hash.ts'
import { loadDefinition } from './load.ts'
import { mistakesOfForm } from './mistakes-of-form.testing.ts'
import { mistakesOfMeaning } from './mistakes-of-meaning.testing.ts'
import { plain } from './plain.testing.ts'
import { loadYaml } from './read-yaml.ts'
import { everything } from './sealed.testing.ts'

const findings = (document: unknown): readonly Fault[] => {
  const { faults, warnings } = loadDefinition(document)
  return [...faults, ...warnings]
}

const mistakes = [...mistakesOfForm, ...mistakesOfMeaning]

/** Where codes of faults and doubts are told. */
const told = (document: unknown): string[] =>
  findings(document).map(({ code, path }) => `${code} ${path}`)

test('a sound definition loads without faults or doubts', () => {
  assert.deepEqual(told(plain), [])
  const { definition } = loadDefinition(plain)
  assert.equal(definition?.hash, definitionHash(plain))
  const offer = definition?.steps.get('offer')
  assert.deepEqual([...(offer?.by ?? [])], ['buyer', 'seller'])
  assert.deepEqual(
    offer?.assignments.map(({ field, index, condition }) => [field, index?.text, condition?.text]),
    [
      ['price', undefined, undefined],
      ['until', undefined, undefined],
      ['notes', 'me', 'has(input.note)'],
      ['round', undefined, undefined],
    ],
  )
  assert.deepEqual(definition?.deadlines.get('never')?.due, { after: 777_600n })
})

test('a role or stage that a macro names anew is not compared with those of the definition', () => {
  const document = structuredClone(plain)
  const rule = '["x"].all(role, role == "x") && role == "buyer" && stage.main in ["open", me]'
  document.steps.agree.when = [{ code: 'TOLD', rule }]
  assert.deepEqual(told(document), [])
})

test('every feature that is not carried out is refused by its name, and nothing else is', () => {
  const { outcome, faults } = loadDefinition(everything)
  assert.equal(outcome, 'unsupported')
  assert.deepEqual(new Set(faults.map(({ code }) => code)), new Set(['NOT_YET']))
  assert.deepEqual(
    faults.map(({ path }) => path),
    [
      '$.govern.gap',
      '$.govern.migrate',
      '$.govern.join',
      '$.govern.leave',
      '$.govern.clock.quorum',
      '$.migrate',
      '$.children',
      '$.roles.regulator.late',
      '$.state.celsius.visible',
      '$.state.log.visible',
      '$.steps.send.spawn',
      '$.steps.send.trigger.chain',
      '$.steps.send.effects[0].kind',
      '$.steps.measure.visible',
      '$.steps.measure.receipt',
      '$.steps.measure.when[0].attest',
      '$.steps.deliver.trigger.oracle',
      '$.steps.recall.trigger.child',
      '$.steps.recall.when[0].proof',
    ],
  )
})

describe('each mistake is found where it is', () => {
  for (const [index, { code, at, base, spoil }] of mistakes.entries()) {
    test(`${index + 1}: ${code} at ${at}`, () => {
      const sound = structuredClone(base === 'everything' ? everything : plain)
      const before = told(sound)
      const changed = spoil(sound)
      const spoilt = changed === undefined ? sound : changed
      const after = findings(spoilt)
      const found = after.find((fault) => fault.code === code && fault.path === at)
      assert.ok(found, `${told(spoilt).join('; ')}`)
      assert.ok(!before.includes(`${code} ${at}`))
      const { kind } = faultTable[code]
      const { outcome } = loadDefinition(spoilt)
      if (base !== 'everything') {
        const outcomes = { doubt: 'loaded', fault: 'refused', unsupported: 'unsupported' } as const
        assert.equal(outcome, outcomes[kind])
      }
      for (const words of [found.message, found.mend]) {
        assert.match(words, /^["A-Z].*[.?]$/s)
        assert.doesNotMatch(words, /\{\w+\}|undefined|\[object/)
      }
    })
  }
})

test('no fault is without a mistake that shows it', () => {
  const shown = new Set<string>(mistakes.map(({ code }) => code))
  const missing = Object.keys(faultTable).filter((code) => !shown.has(code))
  assert.deepEqual(missing, ['YAML_SYNTAX'])
  for (const text of ['a: [1', 'a: 1\na: 2', 'a: *b', `${'['.repeat(30_000)}`]) {
    assert.deepEqual(
      loadYaml(text).result.faults.map(({ code }) => code)[0],
      'YAML_SYNTAX',
      text.slice(0, 20),
    )
  }
})

/** A change of a hash here is a change of a template: give it a new version. */
const hashes = {
  approval: '33a1bd664a5e36cf21d9d2b8ce7f9d113b6faf6006b0995760becf77cb430ce8',
  'letter-of-credit': '0132e1c6c496d1bf7ee5e34ebf8d9b5cb152d7fdc419e18c9d0482cd0a88a155',
  'purchase-order': 'f7220d35f44eb042ff8a9baac7cba09e1347684d0e2cfc386992b0b9582c5b24',
  rfq: '09e3e31dab08dad799de78a2187cbcdd2856031f0ba09980ec5a5ea0833b4003',
}

test('every template loads, and its hash stays', () => {
  for (const [name, text] of Object.entries(templates)) {
    const { result } = loadYaml(text)
    assert.equal(result.outcome, 'loaded', JSON.stringify(result.faults))
    assert.equal(result.definition?.document.name, name)
  }
  const actual = Object.entries(templates).map(([name, text]) => [
    name,
    loadYaml(text).result.definition?.hash,
  ])
  assert.deepEqual(Object.fromEntries(actual), hashes)
})

test('only the purchase order leaves a party waiting for another without end', () => {
  for (const [name, text] of Object.entries(templates)) {
    const { warnings } = loadYaml(text).result
    const stages = warnings.map(
      ({ code, message }) => `${code} ${/(?:after|from) "(\w+)"/.exec(message)?.[1]}`,
    )
    const expected = [
      ...['draft', 'agreed', 'delivered', 'disputed'].map((stage) => `ONE_ROLE_EXIT ${stage}`),
      // If the seller never says that it was paid.
      ...['invoiced', 'disputed'].map((stage) => `NO_END_WITHOUT ${stage}`),
    ]
    assert.deepEqual(stages, name === 'purchase-order' ? expected : [], name)
  }
})
