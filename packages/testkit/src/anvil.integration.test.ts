import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { call, startAnvil } from './anvil.ts'

test('starts on a free port, names its accounts, stops without a trace', async () => {
  const anvil = await startAnvil({ accounts: 12, chainId: 4242 })
  assert.equal(await call(anvil.url, 'eth_chainId', []), '0x1092')
  assert.equal(anvil.accounts.length, 12)
  assert.match(anvil.accounts[11]?.secret ?? '', /^0x[0-9a-f]{64}$/)
  await anvil[Symbol.asyncDispose]()
  assert.deepEqual(await anvil.exited, { code: 0, signal: null })
  assert.throws(() => process.kill(anvil.pid, 0))
})

test('keeps its chain in a file between starts', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'anvil-'))
  t.after(() => rm(folder, { recursive: true }))
  const stateFile = join(folder, 'state.json')
  const first = await startAnvil({ stateFile })
  await call(first.url, 'anvil_mine', ['0x3'])
  const genesis = await call(first.url, 'eth_getBlockByNumber', ['0x0', false])
  await first[Symbol.asyncDispose]()
  await using second = await startAnvil({ stateFile, port: first.port })
  assert.equal(await call(second.url, 'eth_blockNumber', []), '0x3')
  assert.deepEqual(await call(second.url, 'eth_getBlockByNumber', ['0x0', false]), genesis)
})

test('says when its port is taken, and when it is killed', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  t.after(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  assert(port)
  await assert.rejects(startAnvil({ port }), { message: `port ${port} is in use` })
  await using anvil = await startAnvil()
  await anvil.kill()
  assert.deepEqual(await anvil.exited, { code: null, signal: 'SIGKILL' })
})

test('says why it ended, when it ends before it listens', async () => {
  await assert.rejects(startAnvil({ mnemonic: 'not a phrase' }), /anvil ended/)
})
