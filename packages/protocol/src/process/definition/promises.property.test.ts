import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { loadDefinition } from './load.ts'

const ROLES = ['a', 'b', 'c'] as const
const STAGES = ['s0', 's1', 's2', 's3', 's4'] as const

const role = fc.constantFrom(...ROLES)
const someRoles = fc.uniqueArray(role, { minLength: 1 })
const stage = fc.constantFrom(...STAGES)
const move = fc.record({ from: stage, to: stage, by: someRoles })
const timer = fc.record({ from: stage, to: stage })
const graph = fc.record({
  moves: fc.array(move, { minLength: 3, maxLength: 12 }),
  timers: fc.array(timer, { maxLength: 3 }),
  final: fc.uniqueArray(stage, { minLength: 1, maxLength: 2 }),
})

test('if one party falls silent, a process without doubts still comes to an end', () => {
  let sound = 0
  fc.assert(
    fc.property(graph, fc.nat(), ({ moves, timers: all, final }, seed) => {
      const used = new Set(['s0', ...final, ...moves.flatMap(({ from, to }) => [from, to])])
      const timers = all.filter(({ from, to }) => used.has(from) && used.has(to))
      const { outcome, warnings } = loadDefinition({
        flow: 'flow/1',
        name: 'graph',
        version: '1.0.0',
        roles: Object.fromEntries(ROLES.map((name) => [name, { one: true }])),
        stages: { main: { initial: 's0', values: [...used], final } },
        steps: Object.fromEntries(
          moves.map(({ from, to, by }, i) => [
            `m${i}`,
            { by, in: { main: from }, to: { main: to } },
          ]),
        ),
        deadlines: Object.fromEntries(
          timers.map(({ from, to }, i) => [
            `t${i}`,
            { track: 'main', stage: from, after: 'P1D', to: { main: to } },
          ]),
        ),
      })
      // Steps and roles without use do no harm.
      const harmless = ['UNREACHABLE_STEP', 'UNREACHABLE_STAGE', 'IDLE_ROLE']
      if (outcome !== 'loaded' || warnings.some(({ code }) => !harmless.includes(code))) return
      sound++
      for (const silent of ROLES) {
        const ways = [...moves.filter(({ by }) => by.some((one) => one !== silent)), ...timers]
        assert.ok(endsBy(ways, final, seed), `without ${silent}`)
      }
    }),
    { numRuns: 3000 },
  )
  assert.ok(sound > 50, `${sound} were without doubts`)
})

/** A walk that takes each way sooner or later. */
function endsBy(
  ways: readonly { readonly from: string; readonly to: string }[],
  final: readonly string[],
  seed: number,
): boolean {
  let at = 's0'
  let chance = seed
  for (let i = 0; i < 5000; i++) {
    if (final.some((stage) => stage === at)) return true
    const open = ways.filter(({ from }) => from === at)
    chance = (Math.imul(chance, 1_664_525) + 1_013_904_223) >>> 0
    at = open[Math.floor((chance / 2 ** 32) * open.length)]?.to ?? at
  }
  return false
}

const audience = fc.option(someRoles, { nil: undefined })
const FIELDS = ['f0', 'f1', 'f2', 'f3'] as const
const FIELD_NAMES: readonly string[] = FIELDS
const field = fc.constantFrom(...FIELDS)

test('a value is refused exactly if somebody who may read it may not read what it is made of', () => {
  const planted = fc.record({
    fields: fc.tuple(audience, audience, audience, audience),
    sealed: audience,
    target: field,
    reads: fc.uniqueArray(fc.oneof(field, fc.constant('input' as const)), { minLength: 1 }),
    way: fc.constantFrom('to', 'if', 'index', 'branch', 'macro'),
  })
  fc.assert(
    fc.property(planted, ({ fields, sealed, target, reads, way }) => {
      const names = reads.map((name) => (name === 'input' ? 'input.x' : `state.${name}`))
      const truth = names.map((name) => `${name} == "x"`).join(' && ')
      const set = {
        to: { set: target, to: names.map((name) => `string(${name})`).join(' + ') },
        if: { set: target, to: '"x"', if: truth },
        index: { set: `${target}[${names.join(' + ')}]`, to: '"x"' },
        branch: { set: target, to: `${truth} ? "x" : "y"` },
        macro: { set: target, to: `string([${names.join(', ')}].exists(state, state == "x"))` },
      }[way]
      const state = FIELDS.map((name, i) => {
        const visible = fields[i]
        return [name, { schema: { type: 'string' }, ...(visible && { visible }) }]
      })
      const { faults } = loadDefinition({
        flow: 'flow/1',
        name: 'leak',
        version: '1.0.0',
        roles: Object.fromEntries(ROLES.map((name) => [name, { one: true }])),
        state: Object.fromEntries(state),
        stages: { main: { initial: 's0', values: ['s0', 's1'], final: ['s1'] } },
        steps: {
          go: {
            by: [...ROLES],
            input: { type: 'object', properties: { x: { type: 'string' } } },
            ...(sealed && { visible: { x: sealed } }),
            do: [set],
            to: { main: 's1' },
          },
        },
      })
      const audienceOf = (name: string): readonly string[] =>
        (name === 'input' ? sealed : fields[FIELD_NAMES.indexOf(name)]) ?? ROLES
      const leaks = audienceOf(target).some((reader) =>
        reads.some((name) => !audienceOf(name).includes(reader)),
      )
      const told = faults.filter(({ code }) => code !== 'NOT_YET')
      assert.deepEqual(
        told.map(({ code }) => code),
        leaks ? ['LEAK_SET'] : [],
      )
    }),
    { numRuns: 2000 },
  )
})
