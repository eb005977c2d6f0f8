import {
  type BatchData,
  type BatchMessage,
  type BatchPayload,
  batchPayloadJson,
  broadcastContext,
  type Group,
  hashData,
  hashDataRefs,
  hashGroup,
  hashManifest,
  hashMessageHeader,
  type MessageHeader,
  manifestOf,
  maskedPin,
  orgDid,
  RawJson,
  sha256Hex,
  transportWrapperJson,
} from '@concordat/protocol'
import type { ChainEvent } from '../chain/chain.ts'
import { toProtocolId } from '../chain/protocol-id.ts'

export const NAMESPACE = 'default'
export const CREATED = '2026-01-01T00:00:00Z'

export interface TestParty {
  readonly name: string
  readonly did: string
  readonly key: string
  readonly id: string
  readonly nodeId: string
  readonly peer: string
}

export const uuidOf = (what: string): string => {
  const hex = sha256Hex(what)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

export const testParty = (name: string): TestParty => ({
  name,
  did: orgDid(name),
  key: `0x${sha256Hex(name).slice(0, 40)}`,
  id: uuidOf(`org ${name}`),
  nodeId: uuidOf(`node ${name}`),
  peer: `${name}/${name}-node`,
})

export function testGroup(name: string, members: readonly TestParty[]): Group {
  const identity = {
    namespace: NAMESPACE,
    name,
    members: members
      .map(({ did, nodeId }) => ({ identity: did, node: nodeId }))
      .sort((a, b) => (a.identity < b.identity ? -1 : 1)),
  }
  return { ...identity, hash: hashGroup(identity) }
}

export interface TestMessage {
  readonly id: string
  readonly topics: readonly string[]
  /** Makes it a definition. */
  readonly definition?: { readonly tag: string; readonly text: string }
  /** Per topic, the nonce its pin is made with; private only. */
  readonly nonces?: readonly number[]
  /** What else it carries than a definition: items that `hashData` can hash. */
  readonly data?: readonly Pick<BatchData, 'value' | 'blob' | 'datatype'>[]
  readonly header?: Partial<MessageHeader>
}

export interface TestBatch {
  readonly id: string
  readonly author: TestParty
  readonly group: Group | undefined
  readonly payload: BatchPayload
  readonly content: Uint8Array
  readonly payloadRef: string
  /** As they belong on the chain. */
  readonly contexts: readonly string[]
}

export function testBatch(
  id: string,
  author: TestParty,
  group: Group | undefined,
  messages: readonly TestMessage[],
  { txType = 'batch_pin' } = {},
): TestBatch {
  const parts = messages.map((message) => toParts(message, author, group))
  const payload: BatchPayload = {
    id,
    type: group ? 'private' : 'broadcast',
    namespace: NAMESPACE,
    node: author.nodeId,
    ...(group && { group: group.hash }),
    created: CREATED,
    author: author.did,
    key: author.key,
    hash: '',
    payload: {
      tx: { type: txType, id: uuidOf(`tx ${id}`) },
      messages: parts.map(({ message }) => message),
      data: parts.flatMap(({ data }) => data),
    },
  }
  const sealed = { ...payload, hash: hashManifest(manifestOf(payload)) }
  const text = group ? transportWrapperJson({ batch: sealed }) : batchPayloadJson(sealed)
  return {
    id,
    author,
    group,
    payload: sealed,
    content: Buffer.from(text),
    payloadRef: group ? '' : sha256Hex(text),
    contexts: messages.flatMap(({ topics, nonces }) =>
      topics.map((topic, i) =>
        group
          ? maskedPin(topic, group.hash ?? '', author.did, nonces?.[i] ?? 0)
          : broadcastContext(topic),
      ),
    ),
  }
}

function toParts(
  { id, topics, definition, data: items = [], header: other = {} }: TestMessage,
  author: TestParty,
  group: Group | undefined,
): { message: BatchMessage; data: BatchData[] } {
  const given = definition ? [{ value: new RawJson(definition.text) }] : items
  const data = given.map((item, i) => toData(`data ${i} of ${id}`, item))
  const refs = data.map((item) => ({ id: item.id, hash: item.hash }))
  const header = {
    id,
    type: group ? 'private' : definition ? 'definition' : 'broadcast',
    txtype: 'batch_pin',
    author: author.did,
    key: author.key,
    created: CREATED,
    namespace: NAMESPACE,
    ...(group?.hash && { group: group.hash }),
    topics: [...topics],
    ...(definition && { tag: definition.tag }),
    datahash: hashDataRefs(refs),
    ...other,
  }
  return { message: { header, hash: hashMessageHeader(header), data: refs }, data }
}

const toData = (name: string, item: Pick<BatchData, 'value' | 'blob' | 'datatype'>): BatchData => ({
  id: uuidOf(name),
  validator: 'json',
  hash: hashData({
    ...(item.value && { value: item.value.text }),
    ...(item.blob && { blobHash: item.blob.hash }),
  }),
  created: CREATED,
  ...item,
})

export interface TestPin {
  readonly batch: TestBatch
  readonly signer: string
  /** What the chain says, where it is not what the batch says. */
  readonly batchId?: string
  readonly contexts?: readonly string[]
  readonly action?: string
}

export const toEvent = ({ batch, signer, ...other }: TestPin, block: number): ChainEvent => ({
  protocolId: toProtocolId(block, 0, 0),
  blockNumber: block,
  blockHash: sha256Hex(`block ${block}`),
  transactionHash: sha256Hex(`transaction ${block}`),
  transactionIndex: 0,
  logIndex: 0,
  timestamp: 1_767_225_600 + block,
  signer,
  action: other.action ?? 'firefly:batch_pin',
  txId: batch.payload.payload.tx.id ?? '',
  batchId: other.batchId ?? batch.id,
  batchHash: batch.payload.hash,
  payloadRef: batch.payloadRef,
  contexts: other.contexts ?? batch.contexts,
  contract: '0x00',
})
