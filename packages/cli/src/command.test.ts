import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineCommand, helpOf, parseOptions } from './command.ts'
import { Failure } from './failure.ts'

const sample = {
  name: 'sample',
  summary: 'Do something',
  options: {
    file: { type: 'string', short: 'f', placeholder: 'FILE', description: 'A file' },
    seed: { type: 'string', multiple: true, description: 'Seeds' },
    loud: { type: 'boolean', description: 'Loudly' },
  },
} as const

test('options come with their values, and with empty ones where they are left out', () => {
  const given = parseOptions(sample, ['-f', 'a.yaml', '--seed', 'x', '--seed=y', '--loud'])
  assert.deepEqual(given.values, { file: 'a.yaml', seed: ['x', 'y'], loud: true })
  assert.deepEqual(parseOptions(sample, []).values, { file: undefined, seed: [], loud: false })
})

test('what is not understood points to the help', () => {
  for (const args of [['--huh'], ['--file'], ['stray'], ['--loud=yes'], ['-x']]) {
    assert.throws(
      () => parseOptions(sample, args),
      (error: Failure) =>
        error instanceof Failure &&
        error.exitCode === 2 &&
        error.message.endsWith('see: concordat help sample'),
      args.join(' '),
    )
  }
})

test('the help page names every option', () => {
  const page = helpOf(defineCommand({ ...sample, run: async () => 0 }))
  assert.equal(
    page,
    [
      'Do something',
      '',
      'Usage: concordat sample [options]',
      '',
      'Options:',
      '  -f, --file FILE  A file',
      '  --seed           Seeds',
      '  --loud           Loudly',
    ].join('\n'),
  )
})
