import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  identityRows,
  openTestDatabase,
  registerAll,
  type TestIdentity,
} from './directory.testing.ts'
import { Directory } from './directory.ts'

const org: TestIdentity = { id: 'o1', type: 'org', name: 'org_1', key: '0x01' }
const department: TestIdentity = {
  id: 'o2',
  type: 'org',
  name: 'department',
  parent: 'o1',
  key: '0x02',
}
const clerk: TestIdentity = { id: 'c1', type: 'custom', name: 'clerk', parent: 'o2', key: '0x03' }
const node: TestIdentity = {
  id: 'n1',
  type: 'node',
  name: 'node_1',
  parent: 'o1',
  key: 'peer1/node_1',
}
const stranger: TestIdentity = { id: 'o3', type: 'org', name: 'stranger', key: '0x04' }
const all = [org, department, clerk, node, stranger]

async function open() {
  const database = await openTestDatabase()
  const directory = await Directory.load('default', database)
  return { database, directory }
}

test('an identity is found by its id, its DID, its key, and its type and name', async () => {
  const { database, directory } = await open()
  await using _ = database
  await registerAll(database, directory, all)
  const found = [
    directory.byId('c1'),
    directory.byDid('did:firefly:clerk'),
    directory.byVerifier('ethereum_address', '0x03'),
    directory.byTypeAndName('custom', 'clerk'),
  ]
  for (const known of found) assert.equal(known?.row.id, 'c1')
  assert.equal(directory.byVerifier('dx_peer_id', '0x03'), undefined)
  assert.equal(directory.byTypeAndName('org', 'clerk'), undefined)
  assert.deepEqual(
    directory.nodes().map(({ row }) => row.name),
    ['node_1'],
  )
})

test('what was registered is there after a restart, and only in its namespace', async () => {
  const { database, directory } = await open()
  await using _ = database
  await registerAll(database, directory, all)
  const again = await Directory.load('default', database)
  for (const { id } of all) assert.deepEqual(again.byId(id), directory.byId(id))
  const other = await Directory.load('other', database)
  assert.equal(other.byId('o1'), undefined)
})

test('a rolled-back registration is forgotten by reloading', async () => {
  const { database, directory } = await open()
  await using _ = database
  const rolledBack = database.transaction(async (tx) => {
    const { identity, verifier } = identityRows(org, 1)
    await directory.register(tx, identity, verifier)
    throw new Error('rolled back')
  })
  await assert.rejects(rolledBack, { message: 'rolled back' })
  await directory.reload()
  assert.equal(directory.byId('o1'), undefined)
  assert.equal(directory.byDid('did:firefly:org/org_1'), undefined)
  assert.equal(directory.byVerifier('ethereum_address', '0x01'), undefined)
})

test('an update changes description and profile, and nothing that was fixed at registration', async () => {
  const { database, directory } = await open()
  await using _ = database
  await registerAll(database, directory, [org])
  const { identity } = identityRows(org, 1)
  await database.transaction((tx) =>
    directory.update(tx, { ...identity, description: 'first of all', profile: '{"a":1}' }),
  )
  const known = directory.byId('o1')
  assert.equal(known?.row.description, 'first of all')
  assert.equal(known?.verifier.value, '0x01')
  const again = await Directory.load('default', database)
  assert.equal(again.byId('o1')?.row.profile, '{"a":1}')
})

test('ancestors are followed upwards, not across', async () => {
  const { database, directory } = await open()
  await using _ = database
  await registerAll(database, directory, all)
  assert.equal(directory.isSelfOrAncestor('did:firefly:clerk', 'c1'), true)
  assert.equal(directory.isSelfOrAncestor('did:firefly:org/org_1', 'c1'), true)
  assert.equal(directory.isSelfOrAncestor('did:firefly:clerk', 'o1'), false)
  assert.equal(directory.isSelfOrAncestor('did:firefly:org/stranger', 'c1'), false)
  assert.equal(directory.isSelfOrAncestor('did:firefly:org/org_1', 'nobody'), false)
})

test('an identity is reached at its own node, or at that of its nearest ancestor with one', async () => {
  const { database, directory } = await open()
  await using _ = database
  const second: TestIdentity = {
    ...node,
    id: 'n2',
    name: 'node_2',
    parent: 'o2',
    key: 'peer2/node_2',
  }
  await registerAll(database, directory, all)
  assert.equal(directory.nodeOf('c1')?.row.id, 'n1')
  await registerAll(database, directory, [second])
  assert.equal(directory.nodeOf('c1')?.row.id, 'n2')
  assert.equal(directory.nodeOf('o1')?.row.id, 'n1')
  assert.equal(directory.nodeOf('o3'), undefined)
})

test('identities that are each other’s parents end the search all the same', async () => {
  const { database, directory } = await open()
  await using _ = database
  await registerAll(database, directory, [
    { ...org, parent: 'o2' },
    { ...department, parent: 'o1' },
  ])
  assert.equal(directory.isSelfOrAncestor('did:firefly:org/stranger', 'o1'), false)
  assert.equal(directory.nodeOf('o1'), undefined)
})

test('a node receives for its owner and those below, whoever else states its id', async () => {
  const { database, directory } = await open()
  await using _ = database
  const impostor: TestIdentity = {
    id: 'n2',
    type: 'node',
    name: 'another',
    parent: 'o3',
    key: 'peer2/another',
  }
  await registerAll(database, directory, [...all, impostor])
  const nodeFor = (did: string, id: string) => directory.nodeFor(did, id)?.row.name
  assert.equal(nodeFor('did:firefly:org/org_1', 'n1'), 'node_1')
  assert.equal(nodeFor('did:firefly:clerk', 'n1'), 'node_1')
  assert.equal(nodeFor('did:firefly:org/org_1', 'n2'), undefined)
  assert.equal(nodeFor('did:firefly:org/stranger', 'n2'), 'another')
  assert.equal(nodeFor('did:firefly:org/nobody', 'n1'), undefined)
  assert.equal(nodeFor('did:firefly:org/org_1', 'o1'), undefined)
})
