import { parseUuid } from '@concordat/protocol'
import { readWrapper } from '../aggregator/receiver.ts'
import type { ExchangeHandlers, PeerIdentity } from '../exchange/exchange.ts'
import type { Logger } from '../lib/logger.ts'
import type { PayloadStore } from '../storage/storage.ts'
import type { Database } from '../store/database.ts'
import type { BlobRow } from '../store/schema.ts'
import type { NamespaceRuntime } from './namespace-runtime.ts'

export interface RouterDeps {
  readonly log: Logger
  readonly database: Database
  readonly payloads: PayloadStore
  /** The namespaces that use this exchange. */
  readonly namespaces: () => readonly NamespaceRuntime[]
}

/** What arrives from peers, handed to the namespace it is for. */
export function createExchangeRouter(deps: RouterDeps): ExchangeHandlers {
  const { log, database, payloads, namespaces } = deps
  const byNetworkName = (name: string): NamespaceRuntime | undefined =>
    namespaces().find((namespace) => namespace.networkName === name)

  return {
    async message(sender, recipient, content) {
      const wrapper = readWrapper(content)
      const runtime = wrapper && byNetworkName(wrapper.batch.namespace)
      if (!wrapper || !runtime || recipient !== runtime.peerId()) {
        log.warn({ sender, recipient }, 'a message that is for no namespace here is refused')
        return 'refused'
      }
      return await runtime.receiver.receive(sender, wrapper, content)
    },
    async blob(sender, _recipient, { path, hash, size, payloadRef }) {
      const [networkName = '', id = ''] = path.split('/').slice(-2)
      const runtime = byNetworkName(networkName)
      const dataId = parseUuid(id)
      if (!runtime || dataId === undefined) {
        log.warn({ sender, path }, 'a blob that is for no namespace here is refused')
        return 'refused'
      }
      await runtime.blobArrived({ dataId, hash, size, payloadRef })
      return 'accepted'
    },
    async payload(from, hash, content) {
      if (!from.registered && !(await isAnnounced(database, hash))) return 'later'
      await payloads.put(hash, content)
      for (const runtime of namespaces()) runtime.intake.payloadArrived(hash)
      return 'accepted'
    },
    async findPayload(from, hash) {
      return (await mayHave(deps, from, hash)) ? await payloads.get(hash) : undefined
    },
    findBlob: (_from, hash) => findPublished(database, hash),
  }
}

/** A pin on chain announces this payload, and it has not been used up. */
async function isAnnounced(database: Database, hash: string): Promise<boolean> {
  const pin = await database.read
    .selectFrom('pins')
    .select('seq')
    .where('payloadRef', '=', hash)
    .where('dispatched', '!=', 1)
    .executeTakeFirst()
  return pin !== undefined
}

/** A private batch is kept under its batch hash, which the whole chain can see: only a party to it may have it. */
async function mayHave(
  { database, namespaces }: RouterDeps,
  from: PeerIdentity,
  hash: string,
): Promise<boolean> {
  const rows = await database.read
    .selectFrom('batches')
    .select(['namespace', 'groupHash'])
    .where('hash', '=', hash)
    .execute()
  if (rows.length === 0) return true
  for (const { namespace, groupHash } of rows) {
    if (groupHash === null) continue
    const runtime = namespaces().find(({ name }) => name === namespace)
    if (await runtime?.receiver.mayHave(from.nodes, groupHash)) return true
  }
  return false
}

/** Where a blob is that was published to everyone. */
async function findPublished(
  database: Database,
  hash: string,
): Promise<Pick<BlobRow, 'payloadRef' | 'size'> | undefined> {
  const published = await database.read
    .selectFrom('data')
    .select('seq')
    .where('blobHash', '=', hash)
    .where('blobPublic', 'is not', null)
    .executeTakeFirst()
  if (!published) return undefined
  return await database.read
    .selectFrom('blobs')
    .select(['payloadRef', 'size'])
    .where('hash', '=', hash)
    .executeTakeFirst()
}
