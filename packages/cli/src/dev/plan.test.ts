import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readNetwork, writeNetwork } from './network.ts'
import { type DevOptions, type RawDevOptions, toDevOptions } from './options.ts'
import { planNetwork } from './plan.ts'
import type { Ports } from './ports.ts'
import { accountsInAll, divideAccounts, toStackJson, toStackState } from './stack-files.ts'

const raw: RawDevOptions = {
  data: undefined,
  parties: undefined,
  port: undefined,
  'spi-port': undefined,
  'block-time': undefined,
  database: undefined,
  reset: false,
}
const options = (changes: Partial<RawDevOptions> = {}): DevOptions =>
  toDevOptions({ ...raw, ...changes }, '/srv')
const ports = (): Ports => {
  let next = 30_000
  return { choose: async () => next++ }
}

test('options are checked', () => {
  assert.deepEqual(options({ parties: 'a, b', port: '7000', 'block-time': '2' }), {
    dataDir: '/srv/.concordat',
    reset: false,
    parties: ['a', 'b'],
    port: 7000,
    blockTime: 2,
  })
  const wrong: Partial<RawDevOptions>[] = [
    { parties: 'a,,b' },
    { parties: 'a,a' },
    { parties: 'a b' },
    { parties: Array.from({ length: 25 }, (_, i) => `p${i}`).join() },
    { port: '0' },
    { port: '65536' },
    { port: '50x' },
    { 'spi-port': '-1' },
    { 'block-time': '0' },
    { 'block-time': '1.5' },
    { database: 'oracle' },
    { database: 'postgres://' },
  ]
  for (const change of wrong) {
    assert.throws(
      () => options(change),
      /see: concordat help dev|write sqlite/,
      JSON.stringify(change),
    )
  }
})

test('a new network has three parties, with APIs on 5000 and after', async () => {
  const network = await planNetwork(undefined, options(), ports())
  assert.deepEqual(
    network.parties.map(({ name, nodeName, apiPort, spiPort }) => [
      name,
      nodeName,
      apiPort,
      spiPort,
    ]),
    [
      ['org_0', 'node_0', 5000, undefined],
      ['org_1', 'node_1', 5001, undefined],
      ['org_2', 'node_2', 5002, undefined],
    ],
  )
  assert.equal(network.chain.mnemonic.split(' ').length, 12)
  assert.equal(network.database, 'sqlite')
})

test('the next start keeps ports, keys and places, and takes new parties in', async () => {
  const before = await planNetwork(undefined, options({ parties: 'a,b' }), ports())
  const other: Ports = { choose: async () => 40_000 }
  assert.deepEqual(await planNetwork(before, options(), other), before)
  const more = await planNetwork(before, options({ parties: 'c,b,a', port: '6000' }), other)
  assert.deepEqual(
    more.parties.map(({ name, apiPort }) => [name, apiPort]),
    [
      ['a', 6000],
      ['b', 6001],
      ['c', 6002],
    ],
  )
  assert.equal(more.parties[0]?.exchangePort, before.parties[0]?.exchangePort)
  assert.deepEqual(more.chain, before.chain)
})

test('a party cannot be left out, nor the database changed', async () => {
  const before = await planNetwork(undefined, options({ parties: 'a,b' }), ports())
  await assert.rejects(planNetwork(before, options({ parties: 'a' }), ports()), /has party b too/)
  const changed = options({ database: 'postgres://localhost/x' })
  await assert.rejects(planNetwork(before, changed, ports()), /has another database/)
})

test('a network is kept between starts; a file that is none is told with its mend', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'network-'))
  assert.equal(readNetwork(dir), undefined)
  const network = await planNetwork(
    undefined,
    options({ 'spi-port': '7000', 'block-time': '1' }),
    ports(),
  )
  writeNetwork(dir, network)
  assert.deepEqual(readNetwork(dir), network)
  writeFileSync(join(dir, 'network.json'), '{"version":1')
  assert.throws(() => readNetwork(dir), /begin anew with --reset/)
})

test("the stack files say what FireFly's tools look for, with ten spare accounts or more", async () => {
  const network = await planNetwork(undefined, options({ parties: 'a,b' }), ports())
  const all = Array.from({ length: accountsInAll(24) }, (_, i) => ({
    address: `0x${i}`,
    secret: `0xs${i}`,
  }))
  const accounts = divideAccounts(all, 2)
  const state = JSON.parse(JSON.stringify(toStackState(accounts)))
  assert.deepEqual(state.accounts.slice(0, 2), [
    { address: '0x0', privateKey: '0xs0' },
    { address: '0x1', privateKey: '0xs1' },
  ])
  assert.ok(accounts.spare.length >= 10)
  assert.equal(state.accounts.length, 2 + accounts.spare.length)
  const whose = [...accounts.parties, ...accounts.spare, accounts.deployer].map(
    ({ address }) => address,
  )
  assert.equal(new Set(whose).size, whose.length)
  const stack = JSON.parse(JSON.stringify(toStackJson(network)))
  assert.equal(stack.blockchainProvider, 'ethereum')
  assert.deepEqual(stack.members[1], {
    id: '1',
    index: 1,
    orgName: 'b',
    nodeName: 'b_node',
    exposedFireflyPort: 5001,
    exposedFireflyAdminPort: 0,
    exposedConnectorPort: network.chain.port,
    fireflyHostname: '127.0.0.1',
    useHttps: false,
  })
})
