import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { NodeError } from '@concordat/protocol'
import { recoverTransactionAddress } from 'viem'
import { startAnvil } from '../../../../testkit/src/anvil.ts'
import { createLocalSigner } from './local-signer.ts'
import type { SignableTransaction } from './signer.ts'
import { openSigner } from './signers.ts'

const secret = 'ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'
const address = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'
const transaction: SignableTransaction = {
  type: 'eip1559',
  chainId: 31337,
  nonce: 3,
  gas: 50_000n,
  maxFeePerGas: 2_000_000_000n,
  maxPriorityFeePerGas: 1n,
  to: '0x70997970c51812dc3a010c7d01b50e0d17dc79c8',
  data: '0x1234',
}

test('a secret signs, from the configuration and from a file', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'keys-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, 'key')
  await writeFile(file, `0x${secret}\n`)
  for (const source of [{ type: 'secret', secret } as const, { type: 'file', file } as const]) {
    const signer = await openSigner(source)
    assert.deepEqual(await signer.addresses(), [address])
    const raw = await signer.sign(address, transaction)
    assert(raw.startsWith('0x02'))
    const serializedTransaction = `0x02${raw.slice(4)}` as const
    const signedBy = await recoverTransactionAddress({ serializedTransaction })
    assert.equal(signedBy.toLowerCase(), address)
    await assert.rejects(
      signer.sign(`0x${'00'.repeat(20)}`, transaction),
      (error) => error instanceof NodeError && error.code === 'CC20107',
    )
  }
  await writeFile(file, 'not a secret')
  await assert.rejects(openSigner({ type: 'file', file }), {
    message: `${file}: a secret key has 64 hex digits`,
  })
})

test('a signing service signs what it is asked to, and nothing else is believed', async () => {
  await using anvil = await startAnvil({ accounts: 2 })
  const signer = await openSigner({ type: 'remote', url: anvil.url })
  assert.deepEqual(
    await signer.addresses(),
    anvil.accounts.map((account) => account.address),
  )
  const local = createLocalSigner(secret)
  assert.equal(await signer.sign(address, transaction), await local.sign(address, transaction))
  const { to = '0x', data } = transaction
  const legacy = { type: 'legacy', chainId: 31337, nonce: 0, gas: 21_000n, gasPrice: 7n } as const
  const asked = { ...legacy, data, ...(to && { to }) }
  assert.equal(await signer.sign(address, asked), await local.sign(address, asked))
  const picky = await openSigner({ type: 'remote', url: anvil.url, addresses: [address] })
  assert.deepEqual(await picky.addresses(), [address])
  const other = anvil.accounts[1]?.address ?? ''
  await assert.rejects(picky.sign(other, transaction), /CC20107/)
})
