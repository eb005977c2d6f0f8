import { parseUuid } from '@concordat/protocol'
import { sql } from 'kysely'
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
  const { log, payloads, namespaces } = deps
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
      if (!from.registered && !(await isAnnounced(deps, hash))) return 'later'
      await payloads.put(hash, content)
      for (const runtime of namespaces()) runtime.intake.payloadArrived(hash)
      return 'accepted'
    },
    async findPayload(from, hash) {
      if (!(await mayHave(deps, from, hash))) return undefined
      const content = await payloads.get(hash)
      return content ?? ((await isSetAside(deps, hash)) ? 'gone' : undefined)
    },
    findBlob: (_from, hash) => findPublished(deps, hash),
  }
}

/** A pin on chain announces this payload, and it has not been used up. */
const isAnnounced = async (deps: RouterDeps, hash: string): Promise<boolean> =>
  (await hasPin(deps, hash, 0)) || (await hasPin(deps, hash, 2))

/** We found out that no member holds it, for each pin that asks for it. */
const isSetAside = async (deps: RouterDeps, hash: string): Promise<boolean> =>
  (await hasPin(deps, hash, 2)) && !(await hasPin(deps, hash, 0))

/** Each of the two states has an index of its own. */
async function hasPin(deps: RouterDeps, hash: string, state: 0 | 2): Promise<boolean> {
  const pin = await deps.database.read
    .selectFrom('pins')
    .select('seq')
    .where('namespace', 'in', namesOf(deps))
    .where('payloadRef', '=', hash)
    .where('dispatched', '=', sql.lit(state))
    .limit(1)
    .executeTakeFirst()
  return pin !== undefined
}

const namesOf = ({ namespaces }: Pick<RouterDeps, 'namespaces'>): string[] =>
  namespaces().map(({ name }) => name)

/** A private batch is kept under its batch hash, which the whole chain can see: only a party to it may have it. */
async function mayHave(deps: RouterDeps, from: PeerIdentity, hash: string): Promise<boolean> {
  const { database, namespaces } = deps
  const rows = await database.read
    .selectFrom('batches')
    .select(['namespace', 'groupHash'])
    .where('namespace', 'in', namesOf(deps))
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
  deps: RouterDeps,
  hash: string,
): Promise<Pick<BlobRow, 'payloadRef' | 'size'> | undefined> {
  const { database } = deps
  const names = namesOf(deps)
  const published = await database.read
    .selectFrom('data')
    .select('seq')
    .where('namespace', 'in', names)
    .where('blobHash', '=', hash)
    .where('blobPublic', 'is not', null)
    .executeTakeFirst()
  if (!published) return undefined
  return await database.read
    .selectFrom('blobs')
    .select(['payloadRef', 'size'])
    .where('namespace', 'in', names)
    .where('hash', '=', hash)
    .executeTakeFirst()
}
