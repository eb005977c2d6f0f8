import { membersOf } from '../aggregator/contexts.ts'
import type { Recipient, RecipientsOf } from '../batch/plan.ts'
import type { Directory } from '../identity/directory.ts'

export interface RecipientsDeps {
  readonly namespace: string
  readonly directory: Directory
  /** Our node's identity, once registered. */
  readonly nodeId: () => string | undefined
}

/** The other nodes of a group: what is known of them may change until all are registered, so only whole answers are kept. */
export function createRecipients({ namespace, directory, nodeId }: RecipientsDeps): RecipientsOf {
  const known = new Map<string, Recipient[]>()
  return async ({ db }, groupHash) => {
    const found = known.get(groupHash)
    if (found) return found
    const row = await db
      .selectFrom('groups')
      .selectAll()
      .where('namespace', '=', namespace)
      .where('hash', '=', groupHash)
      .executeTakeFirst()
    const nodes = row
      ? [...new Set(membersOf(row).map(({ node }) => node))].filter((node) => node !== nodeId())
      : []
    const recipients = nodes.flatMap((node) => {
      const peer = directory.byId(node)?.verifier.value
      return peer === undefined ? [] : [{ node, peer }]
    })
    if (row && recipients.length === nodes.length) known.set(groupHash, recipients)
    return recipients
  }
}
