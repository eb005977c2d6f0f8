import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startNetwork } from '../src/network.ts'
import type { PartyYaml } from '../src/party.ts'
import { createFireFly } from './support/firefly-client.ts'

const sparePer = { alice: 5, bob: 7 }
/** Gives each node two more keys to sign with. */
const withSpareKeys = (
  { plugins, ...yaml }: PartyYaml,
  name: string,
  { accounts }: { readonly accounts: readonly { readonly secret: string }[] },
): object => {
  const first = name === 'alice' ? sparePer.alice : sparePer.bob
  const keys = accounts.slice(first, first + 2).map(({ secret }) => ({ type: 'secret', secret }))
  const blockchain = plugins.blockchain.map((plugin) => ({
    ...plugin,
    evm: { ...plugin.evm, keys: [...plugin.evm.keys, ...keys] },
  }))
  return { ...yaml, plugins: { ...plugins, blockchain } }
}

const network = await startNetwork({ parties: ['alice', 'bob'], configure: withSpareKeys })
const alice = createFireFly(network.party('alice'))
const bob = createFireFly(network.party('bob'))
after(() => network[Symbol.asyncDispose]())

const confirm = { confirm: true }
const key = (i: number): string => network.anvil.accounts[i]?.address ?? ''
const untilBob = (fact: () => Promise<boolean>, what: string) =>
  network.party('bob').until(fact, what)

test('a child identity is claimed, verified by its parent, and known to both', async () => {
  const org = await alice.getOrganization('alice')
  const desk = await alice.createIdentity(
    {
      name: 'desk',
      key: key(5),
      parent: org?.id as never,
      description: 'Buys things',
      profile: { floor: 3 } as never,
    },
    confirm,
  )
  assert.equal(desk.did, 'did:firefly:desk')
  assert.equal(desk.type, 'custom')
  assert.equal(desk.parent, org?.id)
  assert.ok(desk.messages?.claim)
  await untilBob(async () => (await bob.getIdentity(desk.id ?? '')) !== undefined, 'the child')
  const seen = await bob.getIdentity(desk.id ?? '')
  assert.equal(seen?.description, 'Buys things')
  assert.deepEqual(seen?.profile, { floor: 3 })
  assert.equal(seen?.messages?.claim, desk.messages?.claim)
  assert.ok(seen?.messages?.verification)
  const [verifier] = await bob.getVerifiers(undefined, { identity: desk.id ?? '' })
  assert.equal(verifier?.value, key(5))
  assert.equal(verifier?.type, 'ethereum_address')
})

test('a grandchild is named by its parent’s DID, and both sign messages', async () => {
  const clerk = await alice.createIdentity(
    { name: 'clerk', key: key(6), parent: 'did:firefly:desk' as never },
    confirm,
  )
  await untilBob(async () => (await bob.getIdentity(clerk.id ?? '')) !== undefined, 'the child')
  const byAuthor = await alice.sendBroadcast(
    { header: { author: 'did:firefly:clerk' }, data: [{ value: 'signed' }] },
    confirm,
  )
  assert.equal(byAuthor.header?.key, key(6))
  const byKey = await alice.sendPrivateMessage(
    {
      header: { key: key(5) },
      group: { members: [{ identity: 'bob' }] },
      data: [{ value: 'signed' }],
    },
    confirm,
  )
  assert.equal(byKey.header?.author, 'did:firefly:desk')
  await untilBob(
    async () => (await bob.getMessage(byKey.header?.id ?? ''))?.state === 'confirmed',
    'the message',
  )
  await assert.rejects(
    alice.sendPrivateMessage({
      header: { author: 'did:firefly:clerk', group: byKey.header?.group ?? '' },
      data: [{ value: 'not a member' }],
    }),
    /CC20708/,
  )
  const back = await bob.sendPrivateMessage(
    { group: { members: [{ identity: 'did:firefly:clerk' }] }, data: [{ value: 'thanks' }] },
    confirm,
  )
  await network
    .party('alice')
    .until(
      async () => (await alice.getMessage(back.header?.id ?? ''))?.state === 'confirmed',
      'the answer',
    )
})

test('a profile is replaced as a whole', async () => {
  const [desk] = await alice.getIdentities({ name: 'desk' })
  const changed = await alice.updateIdentity(desk?.id ?? '', {
    description: 'Sells things',
    profile: { room: 'b' } as never,
  })
  assert.deepEqual(changed.profile, { room: 'b' })
  await untilBob(
    async () => (await bob.getIdentity(desk?.id ?? ''))?.description === 'Sells things',
    'the change',
  )
  const seen = await bob.getIdentity(desk?.id ?? '')
  assert.deepEqual(seen?.profile, { room: 'b' })
  assert.ok(seen?.messages?.update)
  assert.equal(seen?.messages?.claim, desk?.messages?.claim)
  await assert.rejects(alice.updateIdentity(desk?.id ?? '', {}), /FF10480/)
})

test('an organisation updates itself, and a node keeps its peer id', async () => {
  const node = await alice.getNode('alice-node')
  const profile = (node?.profile ?? {}) as object
  const changed = await alice.updateIdentity(node?.id ?? '', {
    description: 'Runs in the cellar',
    profile: { ...profile, id: 'mine' } as never,
  })
  assert.equal(changed.profile?.id, node?.profile?.id)
  const sent = await alice.sendPrivateMessage(
    { group: { members: [{ identity: 'bob' }] }, data: [{ value: 'still here' }] },
    confirm,
  )
  await untilBob(
    async () => (await bob.getMessage(sent.header?.id ?? ''))?.state === 'confirmed',
    'a message after the change',
  )
})

test('identities are found by DID, with their keys and documents', async () => {
  const party = network.party('bob')
  const desk = await party.get<{ id: string; verifiers: { type: string; value: string }[] }>(
    'identities/did:firefly:desk?fetchverifiers',
  )
  assert.deepEqual(desk.verifiers, [{ type: 'ethereum_address', value: key(5) }])
  const document = await party.get<{ id: string; verificationMethod: object[] }>(
    `identities/${desk.id}/did`,
  )
  assert.equal(document.id, 'did:firefly:desk')
  assert.deepEqual(
    document.verificationMethod.map((method) => 'blockchainAcountId' in method && method),
    document.verificationMethod,
  )
  assert.deepEqual(await party.get('network/diddocs/did:firefly:desk'), document)
  const found = await bob.getIdentities({ type: 'custom', sort: 'name' })
  assert.deepEqual(
    found.map(({ did }) => did),
    ['did:firefly:clerk', 'did:firefly:desk'],
  )
  assert.deepEqual(
    await alice.resolveVerifier({
      type: 'ethereum_address',
      value: key(5).toUpperCase().replace('0X', '0x'),
    }),
    {
      type: 'ethereum_address',
      value: key(5),
    },
  )
})

test('wrong claims are refused with a reason', async () => {
  const parent = 'did:firefly:org/alice' as never
  const refused = (claim: Parameters<typeof alice.createIdentity>[0], reason: RegExp) =>
    assert.rejects(alice.createIdentity(claim), reason)
  await refused({ name: 'desk', key: key(5), parent }, /FF10193/)
  await refused({ name: 'nobody', key: key(8), parent: 'did:firefly:none' as never }, /FF10214/)
  await refused({ name: 'keyless', parent }, /FF10352/)
  await refused({ name: 'not a name!', key: key(5), parent }, /FF00140/)
  await refused({ name: 'orphan', key: key(5) }, /FF10214/)
  await assert.rejects(
    alice.updateIdentity('01a209f7-cd4e-7000-a2a9-5fc408c1fa5f', { profile: {} as never }),
    /FF10358/,
  )
  assert.equal(await alice.getIdentity('01a209f7-cd4e-7000-a2a9-5fc408c1fa5f'), undefined)
})

test('a key that is another identity’s makes no second one, at either party', async () => {
  const claim = { name: 'double', key: key(5), parent: 'did:firefly:org/alice' as never }
  const answer = await alice.createIdentity(claim).catch((error: Error) => error)
  if (answer instanceof Error) assert.match(answer.message, /FF10407|FF10193/)
  else {
    for (const [client, party] of [
      [alice, network.party('alice')],
      [bob, network.party('bob')],
    ] as const) {
      const message = answer.messages?.claim ?? ''
      await party.until(
        async () => (await client.getMessage(message))?.state === 'rejected',
        'the rejection',
      )
    }
  }
  assert.deepEqual(await bob.getIdentities({ name: 'double' }), [])
})
