import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { adapters, namespace, withNamespace } from './config.fixture.ts'
import { configReference, parseConfig } from './config.ts'
import { loadConfig, parseConfigText } from './load.ts'

const read = (raw: unknown) => parseConfig(raw, { baseDir: '/base', adapters })

/** A reference to a secret, as it stands in a file. */
const secret = (kind: string, name: string): string => `$\{${kind}:${name}}`

test('whatever it is given, reading gives a configuration or faults, and never throws', () => {
  const keys = configReference(adapters).flatMap(({ path }) => path.replaceAll('[]', '').split('.'))
  const key = fc.oneof(fc.constantFrom(...new Set(keys)), fc.string())
  const words = fc.constantFrom(
    'evm',
    'sqlite3',
    'postgres',
    'mtls',
    'peer',
    'basic',
    'default',
    '',
    '-1',
    '10s',
  )
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      fc.oneof(words, fc.boolean(), fc.double(), fc.constant(null), fc.string()),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
    ),
  }))
  fc.assert(
    fc.property(fc.oneof(tree, fc.anything()), (raw) => {
      const result = read(raw)
      assert.ok(result.ok || result.faults.length > 0)
    }),
    { numRuns: 500 },
  )
})

test('whatever its text is, a file gives a configuration or faults, and never throws', () => {
  const piece = fc.constantFrom(
    'a: ',
    '&x ',
    '*x',
    '- ',
    '\n',
    '  ',
    '{',
    '}',
    '[',
    ']',
    '!!',
    '? ',
    '"',
    "'",
    '|',
    '%',
    secret('env', 'X'),
    secret('file', '/x'),
    '<<: ',
    'http',
    '\t',
    '\u0000',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((parts) => parts.join('')),
      ),
      (text) => {
        const result = parseConfigText(text, '/base', adapters)
        assert.ok(result.ok || result.faults.length > 0)
      },
    ),
    { numRuns: 500 },
  )
})

test('a file that contains itself or is nested very deep is refused', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  for (const text of ['a: &a\n  b: *a\n', `http: ${deep}`]) {
    assert.equal(parseConfigText(text, '/base', adapters).ok, false)
  }
})

test('secrets come from files beside the configuration, and from the environment', () => {
  const dir = mkdtempSync(join(tmpdir(), 'config-'))
  writeFileSync(join(dir, 'name'), 'org_from_file\n')
  const multiparty = {
    ...namespace.multiparty,
    org: { name: secret('file', 'name'), key: `x${secret('env', 'PATH')}` },
  }
  writeFileSync(join(dir, 'config.yaml'), stringify(withNamespace({ multiparty })))
  const org = loadConfig(join(dir, 'config.yaml'), adapters).namespaces[0]?.multiparty?.org
  assert.equal(org?.name, 'org_from_file')
  assert.ok(org?.key.startsWith('x') && org.key.length > 1)
})

test('a secret that is not there is a fault, and the whole list is one error', () => {
  const dir = mkdtempSync(join(tmpdir(), 'config-'))
  const multiparty = {
    ...namespace.multiparty,
    org: { name: secret('file', 'none'), key: secret('env', 'NOT_SET_ANYWHERE') },
  }
  writeFileSync(join(dir, 'config.yaml'), stringify(withNamespace({ multiparty })))
  assert.throws(
    () => loadConfig(join(dir, 'config.yaml'), adapters),
    (error: Error) =>
      error.message.startsWith('CC20401: ') &&
      error.message.includes('multiparty.org.name: file') &&
      error.message.includes('environment variable NOT_SET_ANYWHERE is not set'),
  )
  assert.throws(() => loadConfig(join(dir, 'absent.yaml'), adapters), /cannot be read \(ENOENT\)/)
})
