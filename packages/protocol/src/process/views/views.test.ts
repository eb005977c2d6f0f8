import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { BpmnModdle } from 'bpmn-moddle'
import Schema from 'typebox/schema'
import { loadDefinition } from '../definition/load.ts'
import type { LoadedDefinition } from '../definition/loaded.ts'
import { plain } from '../definition/plain.testing.ts'
import { loadYaml } from '../definition/read-yaml.ts'
import type { Definition } from '../definition/types.ts'
import { isValid } from '../schema/is-valid.ts'
import { templates } from '../templates/templates.ts'
import type { Json } from '../values/value.ts'
import { diffDefinitions } from './diff-definitions.ts'
import { publicSchema } from './public-schema.ts'
import { toBpmn } from './to-bpmn.ts'
import { toMermaid } from './to-mermaid.ts'
import { toOpenApi } from './to-openapi.ts'
import { toTypes } from './to-types.ts'

function load(document: unknown): LoadedDefinition {
  const { definition, faults } = loadDefinition(document)
  assert.ok(definition !== undefined, JSON.stringify(faults))
  return definition
}

const nasty = `</x> "quoted" & 'so' */ $\{x} \`y\` \u0001 \n --> [*]`

/** Two tracks whose names run into each other, and texts that mean something elsewhere. */
const twoTracks = {
  ...plain,
  title: nasty,
  description: nasty,
  stages: {
    a: { initial: 'b_c', values: ['b_c', 'end'], final: ['b_c', 'end'] },
    a_b: { initial: 'c', values: ['c', 'state'], final: ['state'] },
  },
  steps: {
    Way_a_1: {
      title: nasty,
      help: nasty,
      by: ['buyer', 'seller', 'helper'],
      in: { a_b: 'c' },
      to: { a_b: 'state', a: 'end' },
    },
    note: {
      by: ['helper'],
      in: { a: 'b_c' },
      do: [{ set: 'notes[me]', to: '1' }],
      when: [{ code: 'NASTY', rule: 'true', message: nasty }],
    },
  },
  deadlines: {
    late: { title: nasty, track: 'a_b', stage: 'c', due: 'state.until', to: { a_b: 'state' } },
    nudge: {
      track: 'a',
      stage: 'b_c',
      after: 'PT1H',
      do: [{ set: 'round', to: 'state.round + 1' }],
    },
  },
}

const all: readonly (readonly [string, LoadedDefinition])[] = [
  ...Object.entries(templates).map(([name, text]): [string, LoadedDefinition] => [
    name,
    load(loadYaml(text).document),
  ]),
  ['plain', load(plain)],
  ['two tracks', load(twoTracks)],
]

test('a state diagram shows stages, steps and deadlines', () => {
  assert.equal(
    toMermaid(load(plain).document),
    `stateDiagram-v2
  state "draft" as t0_draft
  state "open" as t0_open
  state "agreed" as t0_agreed
  state "gone" as t0_gone
  [*] --> t0_draft
  t0_draft --> t0_open : offer (buyer, seller)
  t0_draft --> t0_gone : never (after P9D)
  t0_open --> t0_open : offer (buyer, seller)
  t0_open --> t0_agreed : agree (buyer, seller, helper)
  t0_open --> t0_gone : lapse (when due)
  t0_agreed --> [*]
  t0_gone --> [*]
`,
  )
})

test('a state diagram of several tracks keeps them apart', () => {
  assert.equal(
    toMermaid(load(twoTracks).document),
    `stateDiagram-v2
  state "tracks" as tracks {
    state "b_c" as t0_b_c
    state "end" as t0_end
    [*] --> t0_b_c
    t0_b_c --> t0_end : Way_a_1 (buyer, seller, helper)
    t0_b_c --> t0_b_c : note (helper)
    t0_b_c --> t0_b_c : nudge (after PT1H)
    t0_end --> t0_end : Way_a_1 (buyer, seller, helper)
    t0_b_c --> [*]
    t0_end --> [*]
    --
    state "c" as t1_c
    state "state" as t1_state
    [*] --> t1_c
    t1_c --> t1_state : Way_a_1 (buyer, seller, helper)
    t1_c --> t1_state : late (when due)
    t1_state --> [*]
  }
`,
  )
})

test('a choreography is read by a BPMN tool without a warning, and drawn in full', async () => {
  for (const [name, { document }] of all) {
    const { warnings, rootElement, elementsById } = await new BpmnModdle().fromXML(toBpmn(document))
    assert.deepEqual(warnings, [], name)
    const drawn = new Set<unknown>()
    for (const { plane } of rootElement.diagrams) {
      for (const { bpmnElement } of plane.planeElement) drawn.add(bpmnElement.id)
    }
    const parts = Object.values(elementsById)
    for (const { id, $type } of parts) {
      if (/(Event|Gateway|Task|SequenceFlow)$/.test($type))
        assert.ok(drawn.has(id), `${name} ${id}`)
    }
    const tasks = parts.filter(({ $type }) => $type === 'bpmn:ChoreographyTask')
    const steps = new Set(tasks.map((task) => task.messageFlowRef[0]?.messageRef.name))
    assert.deepEqual(steps, new Set(Object.keys(document.steps)), name)
    for (const task of tasks) {
      assert.equal(task.participantRef.length, 2)
      assert.equal(task.initiatingParticipantRef, task.participantRef[0])
      assert.equal(task.incoming.length, 1)
      assert.equal(task.outgoing.length, 1)
    }
  }
})

test('an OpenAPI document has a route for each step, with its input', () => {
  for (const [, definition] of all) {
    const api = toOpenApi(definition, 'http://127.0.0.1:5000/api/v1/namespaces/default')
    const text = JSON.stringify(api)
    for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      assert.match(text, new RegExp(`"${name}":\\{"type":"object"`))
    }
    for (const step of definition.steps.keys()) {
      assert.ok(text.includes(`"/processes/{id}/steps/${step}":`))
    }
    assert.ok(text.includes(definition.hash))
  }
})

test('a public schema takes what the profile takes', () => {
  const order = load(loadYaml(templates['letter-of-credit']).document)
  const input = order.steps.get('issue')?.input ?? false
  const sound = { amount: '1.5', currency: 'EUR', expiry: 2, latestShipment: 1, required: ['a'] }
  const cases: readonly Json[] = [
    sound,
    { ...sound, amount: '1,5' },
    { ...sound, amount: '01' },
    { ...sound, currency: 'CHF' },
    { ...sound, required: [] },
    { ...sound, more: 1 },
    {},
  ]
  const published = publicSchema(input)
  assert.ok(typeof published === 'object' && published !== null)
  const answers = cases.map((json) => Schema.Check(published, json))
  assert.deepEqual(
    answers,
    cases.map((json) => isValid(input, json)),
  )
  assert.deepEqual(answers, [true, false, false, false, false, false, false])
})

test('types of every definition compile, and hold callers to the definition', () => {
  const folder = mkdtempSync(join(tmpdir(), 'types-'))
  try {
    for (const [name, definition] of all) {
      writeFileSync(join(folder, `${name.replace(' ', '-')}.ts`), toTypes(definition))
    }
    writeFileSync(
      join(folder, 'use.ts'),
      `import { type RfqProcess, type RfqStages, type RfqSteps, rfqHash } from './rfq.ts'
export const hash: string = rfqHash
export const reveal: RfqSteps['reveal'] = { role: 'supplier', input: { salt: 's', price: '1.5', days: 3 } }
// @ts-expect-error a decimal is a text
export const wrong: RfqSteps['reveal']['input'] = { salt: 's', price: 1.5, days: 3 }
// @ts-expect-error only the buyer asks
export const role: RfqSteps['ask']['role'] = 'supplier'
export const stage: RfqStages['main'] = 'open'
// @ts-expect-error there is no such stage
export const none: RfqStages['main'] = 'closed'
export const same: RfqProcess['steps']['reveal'] = reveal
`,
    )
    const options = [
      '--noEmit',
      '--strict',
      '--allowImportingTsExtensions',
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--types',
      '',
    ]
    const tsc = join(import.meta.dirname, '../../../../../node_modules/.bin/tsc')
    const files = ['use.ts', ...all.map(([name]) => `${name.replace(' ', '-')}.ts`)]
    execFileSync(tsc, [...options, ...files], { cwd: folder, encoding: 'utf8' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

// biome-ignore lint/suspicious/noExplicitAny: changed freely
const changed = (change: (document: any) => void): Definition => {
  const document = structuredClone(plain)
  change(document)
  return load(document).document
}

test('a difference between versions is said in words', () => {
  const after = changed((d) => {
    d.version = '1.1.0'
    d.title = 'Offers'
    d.govern.consent = 'standing'
    d.roles.helper.max = 5
    d.state.price.schema.maxLength = 9
    d.state.help = { schema: true }
    d.steps.offer.when.reverse()
    d.steps.offer.when[1].rule = 'input.price > 1'
    d.steps.offer.when[1].message = 'More.'
    d.steps.offer.do.pop()
    d.steps.agree.by.pop()
    d.steps.agree.task.priority = 'low'
    d.steps.title = { by: ['buyer'], in: { main: 'open' }, help: 'Now.' }
    delete d.deadlines.lapse.do
    d.deadlines.never.after = 'P8D'
  })
  const told = diffDefinitions(load(plain).document, after)
  assert.deepEqual(told.map(({ text, binding }) => (binding ? text : `(${text})`)).sort(), [
    '"govern", consent: "each" becomes "standing".',
    '"version": "1.0.0" becomes "1.1.0".',
    '("title" is now "Offers".)',
    '(Step "agree", task, priority: "high" becomes "low".)',
    '(Step "offer", rule PRICE_POSITIVE, message: "Name a price." becomes "More.".)',
    'Deadline "lapse", assignment notes["lapsed"] is gone.',
    'Deadline "never", after: "P9D" becomes "P8D".',
    'Field "help" is new.',
    'Field "price", schema, maxLength is now 9.',
    'Role "helper", max: 3 becomes 5.',
    'Step "agree", by: "helper" is gone.',
    'Step "offer", assignment round is gone.',
    'Step "offer", rule PRICE_POSITIVE: "input.price > 0" becomes "input.price > 1".',
    'Step "offer", when: the order is now IN_TIME, PRICE_POSITIVE.',
    'Step "title" is new.',
  ])
  const back = diffDefinitions(after, load(plain).document)
  assert.equal(back.length, told.length)
})

test('no difference is told between equal definitions, whatever the order of keys', () => {
  for (const [, { document }] of all) {
    const entries = Object.entries(document).reverse()
    const other = load(JSON.parse(JSON.stringify(Object.fromEntries(entries))))
    assert.deepEqual(diffDefinitions(document, other.document), [])
  }
})
