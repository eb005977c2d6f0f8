import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSyncs } from './sync-bindings.ts'

const read = (raw: unknown) => {
  const faults: { path: string; problem: string; mend: string }[] = []
  const syncs = readSyncs(raw, { path: 'sync', faults, baseDir: '/' })
  return { syncs, texts: faults.map(({ path, problem }) => `${path}: ${problem}`) }
}

test('a system is told of the steps it names, or of all', () => {
  const { syncs, texts } = read({
    erp: { on: ['accepted:invoice'], push: 'https://erp.local/invoices', every: 'PT15M' },
    archive: { push: 'http://archive.local/', format: 'csv', every: '2s' },
  })
  assert.deepEqual(texts, [])
  const common = { secret: '' }
  assert.deepEqual(syncs, [
    {
      ...common,
      name: 'erp',
      steps: ['invoice'],
      push: 'https://erp.local/invoices',
      everyMs: 900_000,
      format: 'jsonl',
    },
    {
      ...common,
      name: 'archive',
      steps: [],
      push: 'http://archive.local/',
      everyMs: 2000,
      format: 'csv',
    },
  ])
})

test('what is wrong is named with its place', () => {
  const { texts } = read({
    a: { push: 'ftp://x/' },
    b: { push: 'http://x/', on: ['rejected:pay'] },
    c: { push: 'http://x/', every: 'often' },
    d: { push: 'http://x/', secret: 'hush' },
    e: { push: 'http://x/', every: '10ms' },
    f: {},
  })
  const places = texts.map((text) => text.split(':')[0])
  assert.deepEqual(places, [
    'sync.a.push',
    'sync.b.on',
    'sync.c.every',
    'sync.d.secret',
    'sync.e.every',
    'sync.f.push',
  ])
})
