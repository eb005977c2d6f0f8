import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createInstance, type InstanceState, loadDefinition } from '@concordat/protocol/process'
import { ownTurn, turnsAtDeadline, turnsAtStep } from './turns.ts'

const start = (to: string): InstanceState => {
  const { definition } = loadDefinition({
    flow: 'flow/1',
    name: 'turns',
    version: '1.0.0',
    govern: { consent: 'standing' },
    roles: { asker: { one: true }, judge: { many: true } },
    stages: { main: { initial: 'asked', values: ['asked', 'late', 'over'], final: ['over'] } },
    steps: {
      answer: { by: ['judge', 'asker'], in: { main: 'asked' }, to: { main: 'over' } },
      collect: { by: ['asker'], in: { main: 'late' }, to: { main: 'over' } },
      forgive: { by: ['asker'], in: { main: 'late' }, to: { main: 'over' } },
    },
    deadlines: { slow: { track: 'main', stage: 'asked', after: 'P1D', to: { main: to } } },
  })
  assert(definition)
  const instance = '6ec0a1f5-0ad2-4cd7-8bb4-0e5b9a4f7a10'
  const members = ['did:firefly:org/a', 'did:firefly:org/b', 'did:firefly:org/z']
  const [a = '', b = '', z = ''] = members
  const made = createInstance(
    definition,
    { instance, definition: definition.hash, parties: { asker: [z], judge: [b, a] } },
    { author: z, time: 1000, members, adopted: members },
  )
  assert(made.outcome === 'created')
  return made.state
}

const names = (turns: readonly string[]) => turns.map((did) => did.at(-1)).join('')

test('who may act once a deadline has fired sees to it first', () => {
  assert.equal(names(turnsAtDeadline(start('late'))), 'zab')
})

test('where nobody gains by it, all follow in the order of their names', () => {
  assert.equal(names(turnsAtDeadline(start('over'))), 'abz')
})

test('a step on a schedule is first for the first role that may take it', () => {
  assert.equal(names(turnsAtStep(start('late'), 'answer')), 'abz')
  assert.equal(names(turnsAtStep(start('late'), 'collect')), 'z')
})

test('a node takes the turn of the first of its parties', () => {
  const isOurs = (did: string) => did !== 'did:a'
  assert.deepEqual(ownTurn(['did:a', 'did:b', 'did:z'], isOurs), { did: 'did:b', before: 1 })
  assert.equal(ownTurn(['did:a'], isOurs), undefined)
})
