import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commands } from './commands/index.ts'
import { run } from './run.ts'

async function call(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = []
  const err: string[] = []
  const code = await run({
    args,
    context: {
      print: (line) => out.push(line),
      cwd: '/nowhere',
      program: '',
      stop: new AbortController().signal,
    },
    complain: (line) => err.push(line),
  })
  return { code, out: out.join('\n'), err: err.join('\n') }
}

test('help lists every command that is not hidden, and explains each', async () => {
  const overview = await call('help')
  assert.equal(overview.code, 0)
  for (const { name, hidden, summary } of commands) {
    assert.equal(overview.out.includes(`  ${name} `), !hidden, name)
    const words = name.split(' ')
    const page = await call(...words, '--help')
    assert.equal(page.code, 0)
    assert.ok(page.out.startsWith(summary))
    assert.equal((await call('help', ...words)).out, page.out)
  }
  assert.equal((await call()).out, overview.out)
})

test('a wrong command line is one line and exit code 2', async () => {
  for (const args of [
    ['huh'],
    ['dev', '--huh'],
    ['dev', '--port', 'x'],
    ['help', 'huh'],
    ['keys'],
    ['init'],
    ['flow'],
    ['flow', 'huh'],
    ['flow', 'check'],
  ]) {
    const { code, err } = await call(...args)
    assert.equal(code, 2, args.join(' '))
    assert.match(err, /^concordat: [^\n]+$/)
  }
})

test('a failure is one line and exit code 1; --debug shows where it came from', async () => {
  const plain = await call('deploy', '--confirmations', '1')
  assert.equal(plain.code, 1)
  assert.equal(
    plain.err,
    'concordat: there is no such file or folder: /nowhere/config.yaml (ENOENT)',
  )
  const debug = await call('deploy', '--confirmations', '1', '--debug')
  assert.match(debug.err, /\n\s+at /)
})

test('the version is printed', async () => {
  assert.match((await call('--version')).out, /^concordat \d+\.\d+\.\d+ on Node \d+/)
})
