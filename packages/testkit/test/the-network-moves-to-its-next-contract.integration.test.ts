import assert from 'node:assert/strict'
import { createLocalSigner, createSystemWorld, deployContract } from '@concordat/node'
import type { MultipartyStatus, NamespaceStatus, Operation } from '@concordat/protocol'
import { encodeSubmission } from '../../node/src/chain/evm/calls.ts'
import { call } from '../src/anvil.ts'
import type { Network } from '../src/network.ts'
import type { Party, PartyYaml } from '../src/party.ts'
import { tellOnEachDialect } from './support/dialects.ts'
import { pendingTransactions } from './support/mempool.ts'
import { assertAgree, broadcast, sendPrivate, untilState } from './support/outcome.ts'
import { createRest, space } from './support/rest.ts'

/** Further contracts, by the chain they are on: what the parties write into their configurations. */
const further = new Map<string, string[]>()

/** Where the first contract of a chain ended, as members tell a newcomer. */
const ends = new Map<string, string>()

function withFurther(yaml: PartyYaml, chainUrl: string): object {
  const [namespace] = yaml.namespaces.predefined
  if (!namespace) return yaml
  const contract = [
    ...namespace.multiparty.contract.map((first) => ({
      ...first,
      ...(namespace.multiparty.org.name === 'dave' && { finalEvent: ends.get(chainUrl) }),
    })),
    ...(further.get(chainUrl) ?? []).map((address) => ({
      location: { address },
      firstEvent: 'newest',
    })),
  ]
  const predefined = [{ ...namespace, multiparty: { ...namespace.multiparty, contract } }]
  return { ...yaml, namespaces: { ...yaml.namespaces, predefined } }
}

/** Puts one more contract on the chain, and has every party start again with it. */
async function agreeOnNext({ anvil, parties }: Network): Promise<string> {
  const { address } = await deployContract({
    url: anvil.url,
    signer: createLocalSigner(anvil.accounts.at(-1)?.secret ?? ''),
    confirmations: 0,
    world: createSystemWorld(),
    signal: AbortSignal.timeout(30_000),
  })
  further.set(anvil.url, [...(further.get(anvil.url) ?? []), address])
  for (const party of parties) await restart(party)
  return address.toLowerCase()
}

async function restart(party: Party): Promise<void> {
  await party.stop()
  await party.start()
}

const addressOf = (contract: object | undefined): string =>
  /0x[0-9a-f]{40}/i.exec(JSON.stringify(contract))?.[0].toLowerCase() ?? ''

const contractsOf = async (party: Party) =>
  (await party.get<NamespaceStatus>('status')).multiparty.contract

const terminate = (party: Party) =>
  createRest(party).call('POST', `${space}/network/action`, { type: 'terminate' })

async function untilMoved(parties: readonly Party[], index: number): Promise<void> {
  for (const party of parties)
    await party.until(
      async () => (await contractsOf(party))?.active.index === index,
      `the network is at contract ${index}`,
    )
}

async function refusesWithoutNext({ parties }: Network): Promise<void> {
  const [alice] = parties
  assert(alice)
  const { status, body } = await terminate(alice)
  assert.equal(status, 400)
  assert.match((body as { error: string }).error, /^CC20006: .*no contract after contract 0/)
  await untilState(parties, await broadcast(alice, {}), 'confirmed')
}

/** Anyone may call the contract; only a registered organisation is heard. */
async function ignoresStrangers(network: Network): Promise<void> {
  const { parties, anvil, contract } = network
  const [alice] = parties
  assert(alice)
  await agreeOnNext(network)
  const from = anvil.accounts[9]?.address ?? ''
  for (const action of ['firefly:terminate', 'firefly:dance']) {
    const data = encodeSubmission({
      id: '',
      key: from,
      contract: { address: contract },
      method: 'networkAction',
      action,
      payload: '',
    })
    await call(anvil.url, 'eth_sendTransaction', [{ from, to: contract, data, gas: '0x1e8480' }])
  }
  await untilState(parties, await broadcast(alice, {}), 'confirmed')
  for (const party of parties) assert.equal((await contractsOf(party))?.active.index, 0)
}

/** What was pinned too late for the old contract is pinned by the next one. */
async function losesNothing(network: Network): Promise<void> {
  const { parties, anvil, contract } = network
  const [alice, bob, carol] = parties
  assert(alice && bob && carol)
  const sent = [await broadcast(alice, { value: 'before' })]
  await untilState(parties, sent[0] ?? '', 'confirmed')
  await call(anvil.url, 'evm_setAutomine', [false])
  assert.equal((await terminate(alice)).status, 202)
  await pendingTransactions(network, 1)
  const late = [
    await broadcast(bob, { value: 'late' }),
    await sendPrivate(bob, [alice], { value: 'late, to one' }),
    await broadcast(alice, { value: 'late, by the one who moved' }),
  ]
  await pendingTransactions(network, 4)
  await call(anvil.url, 'evm_setAutomine', [true])
  await call(anvil.url, 'evm_mine', [])
  await untilMoved(parties, 1)
  for (const id of late) await untilState([alice, bob], id, 'confirmed')
  for (const party of parties)
    sent.push(await broadcast(party, { value: `after, by ${party.name}` }))
  sent.push(await sendPrivate(alice, [bob], { value: 'after, to one' }))
  for (const id of sent) await untilState([alice, bob], id, 'confirmed')
  const next = further.get(anvil.url)?.[0]?.toLowerCase()
  for (const party of parties) {
    const contracts = await contractsOf(party)
    assert.equal(addressOf(contracts?.active), next)
    const [left, ...more] = contracts?.terminated ?? []
    assert.deepEqual(more, [])
    assert.equal(left?.index, 0)
    assert.equal(addressOf(left), contract.toLowerCase())
    assert.match(left?.info.finalEvent ?? '', /^\d{12}\/\d{6}\/\d{6}$/)
  }
  const [action] = await alice.get<Operation[]>('operations?type=blockchain_network_action')
  await alice.until(async () => {
    const { status } = await alice.get<Operation>(`operations/${action?.id}`)
    return status === 'Succeeded'
  }, 'the action has succeeded')
  await assertAgree(parties)
}

async function staysWhereItIs({ parties }: Network): Promise<void> {
  const look = () =>
    Promise.all(
      parties.map(async (party) => {
        const { namespace, multiparty } = await party.get<NamespaceStatus>('status')
        return { created: namespace.created, contract: multiparty.contract }
      }),
    )
  const before = await look()
  for (const party of parties) await restart(party)
  assert.deepEqual(await look(), before)
  const [alice] = parties
  assert(alice)
  await untilState(parties, await broadcast(alice, { value: 'after a restart' }), 'confirmed')
  const { contracts } = await alice.get<MultipartyStatus>('status/multiparty')
  assert.equal(contracts?.active.status, 'synced')
}

/** All pins of a contract come before those of the next: also for one who reads both later. */
async function takesNewcomersAlong(network: Network): Promise<void> {
  const { parties } = network
  const [alice] = parties
  assert(alice)
  const [left] = (await contractsOf(alice))?.terminated ?? []
  ends.set(network.anvil.url, left?.info.finalEvent ?? '')
  const dave = await network.join('dave')
  await untilMoved([dave], 1)
  await untilState(parties, await broadcast(dave, { value: 'new here' }), 'confirmed')
  const outcomes = await assertAgree(parties)
  const [all] = outcomes.map(({ order }) => order.get('news all'))
  assert.deepEqual(outcomes.at(-1)?.order.get('news all'), all)
  const rows = await dave.namespace.database.read
    .selectFrom('pins')
    .select(['contract', 'protocolId'])
    .orderBy('seq')
    .execute()
  const places = rows.map(({ contract, protocolId }) => `${contract}/${protocolId}`)
  assert.deepEqual(places, places.toSorted())
}

/** A party that was not told of the next contract stops, says so, and goes on once it has been. */
async function stopsWhoIsNotTold(network: Network): Promise<void> {
  const { parties, anvil } = network
  const [alice, bob] = parties
  assert(alice && bob)
  const before = further.get(anvil.url) ?? []
  await agreeOnNext(network)
  const all = further.get(anvil.url) ?? []
  further.set(anvil.url, before)
  await restart(bob)
  further.set(anvil.url, all)
  assert.equal((await terminate(alice)).status, 202)
  const others = parties.filter((party) => party !== bob)
  await untilMoved(others, 2)
  const status = () => createRest(bob).call('GET', `${space}/status`)
  await bob.until(async () => (await status()).status === 412, 'the namespace stops')
  assert.match(
    ((await status()).body as { error: string }).error,
    /^FF10446: .*FF10396: The network moved to contract 2, which is not configured/,
  )
  const missed = await broadcast(alice, { value: 'missed' })
  await restart(bob)
  await untilState(parties, missed, 'confirmed')
  await assertAgree(parties)
}

tellOnEachDialect(
  {
    parties: ['alice', 'bob', 'carol'],
    configure: (yaml, _party, { url }) => withFurther(yaml, url),
  },
  {
    'nobody leaves a contract without a next one': refusesWithoutNext,
    "a stranger's word does not end a contract": ignoresStrangers,
    'the network moves on, and nothing accepted is lost': losesNothing,
    'a restart changes nothing about it': staysWhereItIs,
    'a newcomer reads one contract after the other': takesNewcomersAlong,
    'whoever was not told of the next contract stops until it is': stopsWhoIsNotTold,
  },
)
