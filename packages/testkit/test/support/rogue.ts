import assert from 'node:assert/strict'
import {
  type TestBatch,
  type TestMessage,
  type TestParty,
  testBatch,
  testParty,
  uuidOf,
} from '../../../node/src/aggregator/chain-fixtures.testing.ts'
import { encodeSubmission } from '../../../node/src/chain/evm/calls.ts'
import { call } from '../../src/anvil.ts'
import type { Network } from '../../src/network.ts'
import type { Party } from '../../src/party.ts'

/** Someone who talks to the contract without a node, from any account of the chain. */
export function createRogue(network: Network) {
  const send = async (from: string, data: string): Promise<string> => {
    const parameters = [{ from, to: network.contract, data, gas: '0x1e8480' }]
    return String(await call(network.anvil.url, 'eth_sendTransaction', parameters))
  }
  return {
    /** Pins a batch in the name of an account; `other` is what to say instead of what is true. */
    pin: (from: string, batch: TestBatch, other: Partial<RoguePin> = {}): Promise<string> =>
      send(
        from,
        encodeSubmission({
          id: batch.id,
          key: from,
          contract: { address: network.contract },
          method: 'pinBatch',
          pin: {
            txId: batch.payload.payload.tx.id ?? '',
            batchId: batch.id,
            batchHash: batch.payload.hash,
            payloadRef: batch.payloadRef,
            contexts: batch.contexts,
            ...other,
          },
        }),
      ),
    send,
  }
}

interface RoguePin {
  readonly txId: string
  readonly batchId: string
  readonly batchHash: string
  readonly payloadRef: string
  readonly contexts: readonly string[]
}

/** A registered party as it is known to the others. */
export async function asAuthor(party: Party): Promise<TestParty> {
  const [org] = await party.get<{ id: string }[]>(`network/organizations?did=${party.did}`)
  const nodes = await party.get<{ id: string; name: string }[]>('network/nodes')
  const node = nodes.find(({ name }) => name === `${party.name}-node`)
  assert(org && node)
  return {
    name: party.name,
    did: party.did,
    key: party.key,
    id: org.id,
    nodeId: node.id,
    peer: `${party.name}/${party.name}-node`,
  }
}

/** An account that nobody registered, and the name it goes by. */
export const asStranger = (name: string, key: string): TestParty => ({ ...testParty(name), key })

let batches = 0
export const nextBatch = (author: TestParty, messages: readonly TestMessage[]): TestBatch =>
  testBatch(uuidOf(`rogue batch ${++batches}`), author, undefined, messages)

/** Puts a broadcast payload where a party's node serves it to those who ask. */
export async function lay(party: Party, { payloadRef, content }: TestBatch): Promise<void> {
  await party.namespace.database.transaction(async (tx) => {
    await tx.insertMany('payloads', [
      {
        hash: payloadRef,
        content,
        size: content.length,
        created: '2026-01-01T00:00:00.000000000Z',
        encoding: 'plain',
      },
    ])
  })
}
