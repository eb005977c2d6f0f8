import type { BatchMessage, Identity, IdentityBase } from '@concordat/protocol'
import { sql } from 'kysely'
import type { MessageRow } from '../store/schema.ts'
import { rowToMessage } from '../store/tables/messages.ts'
import { parseIdentityVerification } from './parse-identity.ts'
import type { Settlement } from './settlement.ts'

export interface ConfirmedDefinition {
  readonly id: string
  readonly hash: string
  readonly text: string
  readonly message: BatchMessage
}

export const sameBase = (a: IdentityBase, b: IdentityBase): boolean =>
  a.id === b.id &&
  a.did === b.did &&
  a.type === b.type &&
  (a.parent ?? '') === (b.parent ?? '') &&
  a.name === b.name

/** The claims with this message id that were confirmed on this topic, with their values. */
export async function findClaims(
  namespace: string,
  settlement: Settlement,
  { id, topic }: { readonly id: string; readonly topic: string },
): Promise<ConfirmedDefinition[]> {
  const { tx } = settlement
  await settlement.flush()
  const rows = await tx.db
    .selectFrom('messages')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('id', '=', id)
    .where('state', '=', 'confirmed')
    .where('tag', '=', 'ff_identity_claim')
    .where('topics', '=', topic)
    .execute()
  return await withTexts(tx, namespace, rows)
}

/** Whether the parent's word for a claim was confirmed before it. That it was the parent's was asked then. */
export async function isVouchedFor(
  namespace: string,
  settlement: Settlement,
  claim: BatchMessage,
  identity: Identity,
): Promise<boolean> {
  const { tx } = settlement
  await settlement.flush()
  const rows = await tx.db
    .selectFrom('messages')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('type', '=', sql.lit('definition'))
    .where('tag', '=', 'ff_identity_verification')
    .where('topics', '=', claim.header.topics.join(','))
    .where('state', '=', 'confirmed')
    .execute()
  return (await withTexts(tx, namespace, rows)).some(({ text, id }) => {
    const verification = parseIdentityVerification(text, id)
    return (
      verification.claim.id === claim.header.id &&
      verification.claim.hash === claim.hash &&
      sameBase(verification.identity, identity)
    )
  })
}

async function withTexts(
  tx: Settlement['tx'],
  namespace: string,
  rows: readonly MessageRow[],
): Promise<ConfirmedDefinition[]> {
  const found: ConfirmedDefinition[] = []
  for (const row of rows) {
    const message = rowToMessage(row)
    const [ref] = message.data
    const data =
      ref &&
      (await tx.db
        .selectFrom('data')
        .select('value')
        .where('namespace', '=', namespace)
        .where('id', '=', ref.id)
        .where('hash', '=', ref.hash)
        .executeTakeFirst())
    if (data?.value) found.push({ id: row.id, hash: row.hash, text: data.value, message })
  }
  return found
}
