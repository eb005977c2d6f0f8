import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { parse } from 'yaml'
import { readBindings } from './bindings.ts'
import { readLinks } from './link-bindings.ts'

const read = (raw: unknown) => {
  const faults: { path: string; problem: string; mend: string }[] = []
  const links = readLinks(raw, { path: 'links', faults, baseDir: '/' })
  return { links, texts: faults.map(({ path, problem }) => `${path}: ${problem}`) }
}

test('what follows from an end is an instance or a step', () => {
  const { links, texts } = read({
    settle: {
      stage: { main: 'paid' },
      when: 'state.price > 100',
      create: { flow: 'settlement@1', parties: { payer: 'parties.buyer[0]' } },
    },
    tell: { submit: { process: 'state.parent', step: 'report', input: { child: 'process' } } },
  })
  assert.deepEqual(texts, [])
  const [settle, tell] = links
  assert.deepEqual([...(settle?.stages ?? [])], [['main', 'paid']])
  assert.equal(settle?.when?.text, 'state.price > 100')
  assert(settle?.does.kind === 'create')
  assert.equal(settle.does.flow, 'settlement@1')
  assert.equal(settle.does.parties.get('payer')?.text, 'parties.buyer[0]')
  assert(tell?.does.kind === 'step')
  assert.deepEqual([tell.does.step, tell.does.role], ['report', undefined])
})

test('the example of the documents can be used as it is', async () => {
  const page = new URL('../../../../docs/process/systems.md', import.meta.url)
  const example = /^```yaml bindings\n([\s\S]*?)^```$/m.exec(await readFile(page, 'utf8'))?.[1]
  assert(example)
  const place = { path: '', faults: [], baseDir: '/' }
  const { flows } = readBindings(parse(example), place, () => '{}')
  assert.deepEqual(place.faults, [])
  const [flow] = flows
  assert.deepEqual(
    flow?.links.map(({ name, does }) => [name, does.kind]),
    [
      ['settle', 'create'],
      ['book', 'step'],
    ],
  )
  assert.equal(flow?.syncs[0]?.everyMs, 900_000)
})

test('what is wrong is named with its place', () => {
  const { texts } = read({
    both: { create: { flow: 'x' }, submit: { process: '""', step: 'y' } },
    neither: {},
    stranger: { create: { flow: 'x', parties: { payer: 'input.who' } } },
    broken: { submit: { process: 'state.', step: 'y' } },
    nameless: { create: { parties: {} } },
  })
  assert.equal(texts.length, 5, texts.join('\n'))
  for (const [i, path] of ['both', 'neither', 'stranger', 'broken', 'nameless'].entries())
    assert.match(texts[i] ?? '', new RegExp(`^links.${path}`))
})
