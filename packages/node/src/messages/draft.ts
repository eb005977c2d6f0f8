import {
  type BlobRef,
  type Data,
  type DataInput,
  type DataRef,
  hashData,
  hashDataRefs,
  hashMessageHeader,
  isName,
  type Message,
  type MessageHeader,
  NodeError,
  RawJson,
  validateTopics,
} from '@concordat/protocol'

/** A message ready to be written, with the data it brings along. */
export interface Draft {
  readonly message: Message
  readonly data: readonly Data[]
  /** Estimated bytes in a batch. */
  readonly size: number
}

export interface Place {
  readonly namespace: string
  readonly networkName: string
  /** RFC 3339 with nanoseconds, trimmed, as hashed. */
  readonly created: string
  readonly uuid: () => string
}

/** What a draft refers to: data already stored, or new with this message. */
export interface DraftData {
  readonly kind: 'stored' | 'new'
  readonly data: Data
}

export interface DraftHeader {
  readonly id?: string
  readonly type: string
  readonly txtype: string
  readonly author: string
  readonly key: string
  readonly cid?: string | undefined
  readonly tag?: string | undefined
  readonly topics?: readonly string[] | undefined
  readonly group?: string | undefined
  readonly idempotencyKey?: string | undefined
}

const PER_MESSAGE = 1024
const PER_DATA = 256

/** Seals a message: ids, times and hashes exactly as they will be pinned. Pure. */
export function draftMessage(place: Place, input: DraftHeader, items: readonly DraftData[]): Draft {
  const topics = input.topics && input.topics.length > 0 ? [...input.topics] : ['default']
  validateTopics(topics)
  if (input.tag && !isName(input.tag)) throw new NodeError('FF00140', { field: 'header.tag' })
  const refs = items.map(({ data }) => ({ id: data.id, hash: data.hash }))
  refuseTwice(refs)
  const header: MessageHeader = {
    id: input.id ?? place.uuid(),
    ...(input.cid && { cid: input.cid }),
    type: input.type,
    txtype: input.txtype,
    author: input.author,
    key: input.key,
    created: place.created,
    namespace: place.networkName,
    ...(input.group && { group: input.group }),
    topics,
    ...(input.tag && { tag: input.tag }),
    datahash: hashDataRefs(refs),
  }
  const message: Message = {
    header,
    localNamespace: place.namespace,
    hash: hashMessageHeader(header),
    state: 'ready',
    data: refs,
    ...(input.idempotencyKey && { idempotencyKey: input.idempotencyKey }),
  }
  return {
    message,
    data: items.flatMap(({ kind, data }) => (kind === 'new' ? [data] : [])),
    size: items.reduce(
      (sum, { data }) => sum + PER_DATA + (data.value?.text.length ?? 0),
      PER_MESSAGE,
    ),
  }
}

/** A message names each data once. */
function refuseTwice(refs: readonly DataRef[]): void {
  const seen = new Set<string>()
  for (const [index, { id }] of refs.entries()) {
    if (seen.has(id)) throw new NodeError('FF00129', { index })
    seen.add(id)
  }
}

/** What is known of a blob when data is made of it. */
export interface NewBlob {
  readonly hash: string
  readonly size: number
  /** With its path, if it has one. */
  readonly name?: string
}

/** Data made of an inline or uploaded value, of a blob, or of both. */
export function draftData(place: Place, input: DataInput, blob?: NewBlob): Data {
  const text = valueText(input.value)
  if (text === undefined && !blob) throw new NodeError('FF00109', {})
  return {
    id: place.uuid(),
    validator: input.validator ?? 'json',
    namespace: place.namespace,
    hash: hashData({
      ...(text !== undefined && { value: text }),
      ...(blob && { blobHash: blob.hash }),
    }),
    created: place.created,
    ...(input.datatype && { datatype: input.datatype }),
    ...(text !== undefined && { value: new RawJson(text) }),
    ...(blob && { blob: toBlobRef(blob) }),
  }
}

function toBlobRef({ hash, size, name = '' }: NewBlob): BlobRef {
  const slash = name.lastIndexOf('/')
  if (slash <= 0) return { hash, size, name }
  return { hash, size, name, path: `${name.startsWith('/') ? '' : '/'}${name.slice(0, slash)}` }
}

/** Canonical text; a JSON null counts as no value. */
export function valueText(value: unknown): string | undefined {
  const text =
    value instanceof RawJson ? value.text : value === undefined ? undefined : JSON.stringify(value)
  return text === undefined || text === 'null' ? undefined : text
}
