import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { NodeError } from '@concordat/protocol'
import { encodeAbiParameters, encodeDeployData, encodeFunctionData } from 'viem'
import { call, startAnvil } from '../../../../testkit/src/anvil.ts'
import { Book, newPin, read } from '../chain.conformance.ts'
import { type AnvilSite, startAnvilSite } from './test/anvil-site.ts'
import { bareAbi, bareBytecode } from './test/bare.generated.ts'

const limit = { timeout: 30_000 }
const code = (expected: string) => (error: unknown) =>
  error instanceof NodeError && error.code === expected

async function instantSite(...args: Parameters<typeof startAnvilSite>): Promise<AnvilSite> {
  const site = await startAnvilSite(...args)
  await site.rpc('evm_setAutomine', true)
  return site
}

const pinAt = (site: AnvilSite, address = site.guarded) => newPin(site, site.keys[0], address)

test('the chain node restarts on its port, and pins go on in order', limit, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'chain-'))
  t.after(() => rm(folder, { recursive: true }))
  const stateFile = join(folder, 'state.json')
  await using site = await instantSite({ chainId: 31337 }, { stateFile })
  const book = new Book()
  await using chain = await site.open(book.deps)
  const before = pinAt(site)
  const during = pinAt(site)
  const after = pinAt(site)
  const reading = read(chain, site.guarded, null, 3)
  await chain.submit(before)
  await book.ended([before.id])
  await site.anvil[Symbol.asyncDispose]()
  while (!chain.silence()) await setTimeout(5)
  // All that is needed to sign is known; but what is signed could not be taken back.
  await assert.rejects(chain.submit(during), code('CC20102'))
  assert.equal(book.entries.get(during.id), undefined)
  await using again = await startAnvil({ stateFile, port: site.anvil.port })
  while (chain.silence()) await setTimeout(5)
  await chain.submit(during)
  await chain.submit(after)
  const receipts = await book.ended([during.id, after.id])
  assert(receipts.every(({ status }) => status === 'succeeded'))
  assert.deepEqual(
    (await reading).events.map(({ txId }) => txId),
    [before, during, after].map((one) => one.method === 'pinBatch' && one.pin.txId),
  )
  assert.equal(await call(again.url, 'eth_chainId', []), '0x7a69')
})

test('a chain with another genesis is refused', limit, async () => {
  await using site = await instantSite()
  await using other = await startAnvilSite({}, { genesisTime: 1_700_000_000 })
  const book = new Book()
  await using chain = await site.open(book.deps)
  await chain.submit(pinAt(site))
  const { checkpoint } = await read(chain, site.guarded, null, 1)
  await using moved = await other.open(new Book().deps)
  await assert.rejects(read(moved, other.guarded, checkpoint, 1), code('CC20105'))
})

test('a nonce that another user of the key took is signed anew', limit, async () => {
  await using site = await instantSite()
  const book = new Book()
  await using chain = await site.open(book.deps)
  const [from] = site.keys
  const first = pinAt(site)
  await chain.submit(first)
  await book.ended([first.id])
  await site.rpc('eth_sendTransaction', { from, to: from, value: '0x1' })
  const second = pinAt(site)
  await chain.submit(second)
  const [receipt] = await book.ended([second.id])
  assert.equal(receipt?.status, 'succeeded')
  assert.equal(book.entries.get(second.id)?.nonce, 2)
})

test('a stuck transaction is sent again with a higher fee, and ends once', limit, async () => {
  await using site = await startAnvilSite({ gas: { stuckSeconds: 1 } })
  const book = new Book()
  await using chain = await site.open(book.deps)
  const submission = pinAt(site)
  await chain.submit(submission)
  const hashes = (): string[] => JSON.parse(book.entries.get(submission.id)?.record ?? '').hashes
  const isKnown = (hash = ''): Promise<unknown> => site.rpc('eth_getTransactionByHash', hash)
  while (hashes().length < 2 || !(await isKnown(hashes().at(-1)))) await book.deps.world.sleep(20)
  await site.mine(1)
  const [receipt] = await book.ended([submission.id])
  assert(receipt?.status === 'succeeded')
  assert(hashes().indexOf(receipt.transactionHash) > 0)
  const { events } = await read(chain, site.guarded, null, 1)
  assert.equal(events.length, 1)
})

test('what the chain refuses for good fails, and its nonce is used up', limit, async () => {
  await using site = await instantSite({ gas: { limit: 900_000_000 } })
  const book = new Book()
  const refused = pinAt(site)
  {
    await using chain = await site.open(book.deps)
    await chain.submit(refused)
    const [receipt] = await book.ended([refused.id])
    assert.equal(receipt?.status, 'failed')
    assert.match(receipt.error, /gas/)
  }
  await using chain = await site.open(book.deps)
  assert.equal(book.entries.get(refused.id)?.state, 'failed')
  assert.equal(await site.rpc('eth_getTransactionCount', site.keys[0], 'latest'), '0x1')
  assert.equal((await chain.head()).chainId, '31337')
})

test('a contract without a profile takes its depth from the configuration', limit, async () => {
  await using site = await instantSite({ confirmations: 1 })
  const bare = await site.deploy(encodeDeployData({ abi: bareAbi, bytecode: bareBytecode }))
  const book = new Book()
  await using chain = await site.open(book.deps)
  assert.deepEqual(await chain.profile({ address: bare }), { networkVersion: 2 })
  await assert.rejects(chain.profile({ address: site.contract }), code('CC20401'))
  await assert.rejects(chain.profile({ address: site.keys[0] }), code('CC20401'))
  const submission = pinAt(site, bare)
  await chain.submit(submission)
  assert.equal(book.receipts.size, 0)
  await site.mine(1)
  const [receipt] = await book.ended([submission.id])
  const { events } = await read(chain, bare, null, 1)
  assert(receipt?.status === 'succeeded')
  assert.equal(events[0]?.protocolId, receipt.protocolId)
})

test('a pin from inside another contract is its signer’s, and named as such', limit, async () => {
  await using site = await instantSite()
  const bare = await site.deploy(encodeDeployData({ abi: bareAbi, bytecode: bareBytecode }))
  await using chain = await site.open(new Book().deps)
  const uuids = `0x${'4'.repeat(32)}${'3'.repeat(32)}` as const
  const hash = `0x${'e'.repeat(64)}` as const
  const types = [
    { type: 'bytes32' },
    { type: 'bytes32' },
    { type: 'string' },
    { type: 'bytes32[]' },
  ]
  const pin = encodeAbiParameters(types, [uuids, hash, 'Qm', [hash]])
  const target = `0x${site.guarded.slice(2)}` as const
  const data = encodeFunctionData({ abi: bareAbi, functionName: 'forward', args: [target, pin] })
  await site.rpc('eth_sendTransaction', { from: site.keys[0], to: bare, data })
  const [event] = (await read(chain, site.guarded, null, 1)).events
  assert.equal(event?.action, 'firefly:contract_invoke_pin')
  assert.equal(event.signer, site.keys[0])
  assert.equal(event.txId, '44444444-4444-4444-4444-444444444444')
  assert.deepEqual(event.contexts, ['e'.repeat(64)])
})

test('long stretches are read in pages, smaller when the node refuses', limit, async () => {
  await using site = await instantSite({ maxBlockRange: 7 })
  const book = new Book()
  await using chain = await site.open(book.deps)
  const all = Array.from({ length: 5 }, () => pinAt(site))
  for (const one of all) {
    await chain.submit(one)
    await site.mine(9)
  }
  await book.ended(all.map(({ id }) => id))
  const { events } = await read(chain, site.guarded, null, 5)
  assert.equal(new Set(events.map(({ txId }) => txId)).size, 5)
})
