import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { parse } from 'yaml'
import { readBindings } from './bindings.ts'

function read(raw: unknown) {
  const faults: { path: string; problem: string; mend: string }[] = []
  const readForm = (path: string): string => {
    if (path === 'form.json') return '{ "order": ["price"] }'
    throw new Error('no such file')
  }
  const bindings = readBindings(raw, { path: '', faults, baseDir: '/' }, readForm)
  return { bindings, texts: faults.map(({ path, problem }) => `${path}: ${problem}`) }
}

test('people, programs and rules are bound to steps of a definition', () => {
  const secret = `whsec_${Buffer.alloc(24).toString('base64')}`
  const { bindings, texts } = read({
    groups: { buyers: ['ann', 'ben'], managers: ['mia'] },
    order: {},
    'order@1': {
      tasks: {
        counter: {
          assign: { group: 'buyers' },
          escalate: { after: 'PT8H', to: 'group:managers' },
          remind: ['P1D', '2h'],
          form: 'form.json',
          fourEyes: true,
        },
        accept: { assign: 'ann' },
      },
      deciders: { accept: { webhook: 'https://erp.example/decide', timeout: '5s', secret } },
      rules: [{ when: 'state.price <= 95.00', do: 'accept', input: { round: 'state.round' } }],
    },
  })
  assert.deepEqual(texts, [])
  assert.deepEqual([...(bindings.groups.get('buyers') ?? [])], ['ann', 'ben'])
  const [exact, any] = bindings.flows
  assert.deepEqual([exact?.name, exact?.version, any?.version], ['order', '1', ''])
  assert.deepEqual(exact?.tasks.get('counter'), {
    assign: { kind: 'group', group: 'buyers' },
    escalate: { afterMs: 8 * 3_600_000, to: { kind: 'group', group: 'managers' } },
    remindMs: [86_400_000, 7_200_000],
    form: '{"order":["price"]}',
    fourEyes: true,
  })
  assert.deepEqual(exact?.tasks.get('accept')?.assign, { kind: 'person', person: 'ann' })
  assert.equal(exact?.deciders.get('accept')?.timeoutMs, 5000)
  assert.equal(exact?.rules[0]?.input.get('round')?.text, 'state.round')
})

test('the example of the documents can be used as it is', async () => {
  const page = new URL('../../../../docs/process/people-and-programs.md', import.meta.url)
  const text = await readFile(page, 'utf8')
  const example = /^```yaml bindings\n([\s\S]*?)^```$/m.exec(text)?.[1]
  assert(example)
  const { bindings, texts } = read(parse(example))
  assert.deepEqual(texts, [])
  assert.equal(bindings.flows[0]?.deciders.get('accept')?.timeoutMs, 10_000)
})

test('what can not be used is named with its place', () => {
  const { texts } = read({
    'order@1': {
      task: {},
      tasks: {
        a: { assign: 'group:nobody' },
        b: { escalate: { after: 'soon', to: 'ann' } },
        c: { form: 'missing.json' },
        d: { assign: { group: 'x', person: 'y' } },
        e: { escalate: { after: '1h' } },
      },
      deciders: {
        a: { webhook: 'ftp://erp.example' },
        b: { webhook: 'https://erp.example', secret: 'abc', onTimeout: 'retry' },
        c: {},
      },
      rules: [{ when: 'state.', do: 'a' }, { when: 'input.price > 1', do: 'a' }, { do: 'a' }],
    },
  })
  const places = [
    'order@1.task',
    'order@1.tasks.b.escalate.after',
    'order@1.tasks.c.form',
    'order@1.tasks.d.assign',
    'order@1.tasks.e.escalate.to',
    'order@1.deciders.a.webhook',
    'order@1.deciders.b.secret',
    'order@1.deciders.b.onTimeout',
    'order@1.deciders.c.webhook',
    'order@1.rules[0].when',
    'order@1.rules[1].when',
    'order@1.rules[2].when',
    'order.tasks.a',
  ]
  assert.deepEqual(texts.map((text) => text.split(': ')[0]).sort(), places.sort())
})
