import { NodeError } from '@concordat/protocol'
import type { OutboxRow } from '../store/schema.ts'
import type { Seed, Verdict } from './exchange.ts'
import type { OutboxDeps } from './outbox.ts'

const SEED = /^seed:([0-9a-f]{64})@(https?:\/\/.+|memory:\/\/.+)$/

/** A seed in the place of a peer's id, as an outbox row's recipient. */
export const seedToRecipient = ({ url, certSha256 }: Seed): string =>
  `seed:${certSha256.toLowerCase()}@${url}`

export function recipientToPeer(recipient: string): string | Seed {
  const [, certSha256, url] = SEED.exec(recipient) ?? []
  return certSha256 === undefined || url === undefined ? recipient : { url, certSha256 }
}

/** Makes the call that a row stands for. */
export function createSender(
  deps: Pick<OutboxDeps, 'database' | 'exchange' | 'payloads' | 'sender' | 'networkName'>,
): (row: OutboxRow, signal: AbortSignal) => Promise<Verdict> {
  const { database, exchange, payloads, sender, networkName } = deps

  const payload = async ({ ref }: OutboxRow): Promise<Uint8Array> => {
    const content = await payloads.get(ref)
    if (!content) throw new NodeError('CC20602', { hash: ref, reason: 'it is not here any more' })
    return content
  }
  const blob = async ({
    namespace,
    ref,
  }: OutboxRow): Promise<Parameters<typeof exchange.sendBlob>[2]> => {
    const found = await database.read
      .selectFrom('blobs')
      .select(['hash', 'size', 'payloadRef'])
      .where('namespace', '=', namespace)
      .where('dataId', '=', ref)
      .orderBy('seq')
      .limit(1)
      .executeTakeFirst()
    if (!found) throw new NodeError('FF10242')
    return { ...found, path: `${networkName(namespace)}/${ref}` }
  }

  return async (row, signal) => {
    const { kind, recipient, namespace, ref } = row
    switch (kind) {
      case 'message':
        return await exchange.sendMessage(sender(namespace), recipient, await payload(row), signal)
      case 'blob':
        return await exchange.sendBlob(sender(namespace), recipient, await blob(row), signal)
      case 'payload':
        return await exchange.sendPayload(
          recipientToPeer(recipient),
          ref,
          await payload(row),
          signal,
        )
      default:
        throw new NodeError('CC20002', { reason: `no kind '${kind}' is sent` })
    }
  }
}
