import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createPorts } from '../ports.ts'
import { callOne, headOf, readBlock } from './rpc.ts'
import { type ChainOptions, type RunningChain, runChain } from './run-chain.ts'

const mnemonic = 'test test test test test test test test test test test junk'

async function newOptions(blockTime?: number): Promise<ChainOptions> {
  const dir = mkdtempSync(join(tmpdir(), 'chain-'))
  const port = await createPorts([]).choose()
  return { dir, port, mnemonic, accounts: 3, ...(blockTime !== undefined && { blockTime }) }
}

async function pay({ facts }: RunningChain, value: number): Promise<void> {
  const [from, to] = facts.accounts.map(({ address }) => address)
  await callOne(facts.url, 'eth_sendTransaction', [{ from, to, value: `0x${value.toString(16)}` }])
}

/** The hash of the head, once the keeper has logged that block. */
async function loggedHead({ facts }: RunningChain, { dir }: ChainOptions): Promise<string> {
  const hash = (await readBlock(facts.url, await headOf(facts.url)))?.hash ?? ''
  while (!readFileSync(join(dir, 'blocks.jsonl'), 'utf8').includes(hash)) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  return hash
}

async function killHard({ facts, exited }: RunningChain): Promise<void> {
  process.kill(facts.pid, 'SIGKILL')
  await exited
}

test('a chain that was stopped goes on where it was', async () => {
  const options = await newOptions()
  let hash: string
  {
    await using chain = await runChain(options)
    await pay(chain, 1)
    hash = await loggedHead(chain, options)
  }
  await using again = await runChain(options)
  assert.equal(again.facts.head, 1)
  assert.equal(again.facts.replayed, 0)
  assert.equal((await readBlock(again.facts.url, 1))?.hash, hash)
})

test('a chain that was killed hard has every block again, with the same hash, twice over', async () => {
  const options = await newOptions()
  let blocks = 0
  for (let round = 0; round < 3; round++) {
    const chain = await runChain(options)
    assert.equal(chain.facts.head, blocks)
    assert.equal(chain.facts.lostFrom, undefined)
    for (let i = 1; i <= 5; i++) await pay(chain, i)
    blocks += 5
    const hash = await loggedHead(chain, options)
    await killHard(chain)
    const again = await runChain(options)
    assert.equal((await readBlock(again.facts.url, blocks))?.hash, hash)
    await killHard(again)
  }
})

test('a saved state cut short by the crash is replaced by the one before it', async () => {
  const options = await newOptions()
  const chain = await runChain(options)
  await pay(chain, 1)
  const hash = await loggedHead(chain, options)
  await killHard(chain)
  writeFileSync(join(options.dir, 'state.json'), '{"block":{"num')
  await using again = await runChain(options)
  assert.equal(again.facts.replayed, 1)
  assert.equal((await readBlock(again.facts.url, 1))?.hash, hash)
})

test('a block that cannot be made again is told', async () => {
  const options = await newOptions()
  const chain = await runChain(options)
  await pay(chain, 1)
  await pay(chain, 2)
  await loggedHead(chain, options)
  await killHard(chain)
  const file = join(options.dir, 'blocks.jsonl')
  const [first = '', second = ''] = readFileSync(file, 'utf8').split('\n')
  writeFileSync(
    join(options.dir, 'state.json'),
    readFileSync(join(options.dir, 'state.older.json')),
  )
  writeFileSync(file, `${first.replace(/"timestamp":\d+/, '"timestamp":4000000000')}\n${second}\n`)
  await using again = await runChain(options)
  assert.equal(again.facts.lostFrom, 1)
})

test('blocks come at their pace where one is asked for', async () => {
  const options = await newOptions(1)
  await using chain = await runChain(options)
  const before = await headOf(chain.facts.url)
  await pay(chain, 1)
  assert.equal(await headOf(chain.facts.url), before)
  await loggedHead(chain, options)
  const limit = Date.now() + 10_000
  while ((await headOf(chain.facts.url)) <= before && Date.now() < limit) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.ok((await headOf(chain.facts.url)) > before)
})
