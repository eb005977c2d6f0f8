import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Database } from '../store/database.ts'
import { openTestDatabase, registerAll } from './directory.testing.ts'
import { Directory } from './directory.ts'
import { lookUp, resolveSigner, type SignerDeps, type SignerInput } from './signer.ts'

const ORG_ID = 'f1ba9a4c-5a28-4ab1-9c0c-3f0a2b8e7d11'
const chain = {
  verifierType: 'ethereum_address',
  normaliseKey: (key: string) => (key.startsWith('0x') ? key : `0x${key}`).toLowerCase(),
}

let database: Database
let directory: Directory

before(async () => {
  database = await openTestDatabase()
  directory = await Directory.load('default', database)
  await registerAll(database, directory, [
    { id: ORG_ID, type: 'org', name: 'org_1', key: '0xaa' },
    { id: 'c1', type: 'custom', name: 'clerk', parent: ORG_ID, key: '0xbb' },
    { id: 'n1', type: 'node', name: 'node_1', parent: ORG_ID, key: 'peer1/node_1' },
  ])
})
after(() => database[Symbol.asyncDispose]())

const resolve = (input: SignerInput, change: Partial<SignerDeps> = {}) =>
  resolveSigner(
    {
      namespace: 'default',
      directory,
      chain,
      rootOrg: { name: 'org_1', key: 'AA' },
      defaultKey: undefined,
      ...change,
    },
    input,
  )

const ORG = 'did:firefly:org/org_1'
const CLERK = 'did:firefly:clerk'

test('who is not named is our organisation, with its key or the namespace’s', () => {
  assert.deepEqual(resolve({}), { author: ORG, key: '0xaa' })
  assert.deepEqual(resolve({ author: '', key: '' }), { author: ORG, key: '0xaa' })
  assert.deepEqual(resolve({}, { defaultKey: 'CC' }), { author: ORG, key: '0xcc' })
})

test('our organisation must be registered before it is the default', () => {
  assert.throws(() => resolve({}, { rootOrg: { name: 'org_2', key: '0xaa' } }), { code: 'FF10218' })
  assert.throws(() => resolve({}, { rootOrg: undefined }), { code: 'FF10354' })
})

test('a key speaks for its owner, however it is written', () => {
  assert.deepEqual(resolve({ key: 'BB' }), { author: CLERK, key: '0xbb' })
  assert.deepEqual(resolve({ key: '0xbb', author: 'clerk' }), { author: CLERK, key: '0xbb' })
  assert.deepEqual(resolve({ key: '0xbb', author: CLERK }), { author: CLERK, key: '0xbb' })
})

test('a key of someone else, or of nobody, is refused', () => {
  assert.throws(() => resolve({ key: '0xbb', author: ORG }), { code: 'FF10355' })
  assert.throws(() => resolve({ key: '0xdd' }), { code: 'FF10356' })
  assert.throws(() => resolve({ key: '0xdd', author: CLERK }), { code: 'FF10356' })
})

test('an author signs with the key of its registration; a node does not sign', () => {
  assert.deepEqual(resolve({ author: CLERK }), { author: CLERK, key: '0xbb' })
  assert.deepEqual(resolve({ author: 'org_1' }), { author: ORG, key: '0xaa' })
  assert.throws(() => resolve({ author: 'did:firefly:node/node_1' }), { code: 'FF10353' })
  assert.throws(() => resolve({ author: 'did:firefly:nobody' }), { code: 'FF10206' })
})

test('an identity is looked up by DID, by an organisation’s id or by its bare name', () => {
  assert.equal(lookUp(directory, CLERK).row.id, 'c1')
  assert.equal(lookUp(directory, `did:firefly:org/${ORG_ID}`).row.did, ORG)
  assert.equal(lookUp(directory, 'org_1').row.did, ORG)
  assert.throws(() => lookUp(directory, 'clerk'), { code: 'FF10206' })
})

test('without a chain nothing can be signed', () => {
  assert.throws(() => resolve({}, { chain: undefined }), { code: 'FF10414' })
})
