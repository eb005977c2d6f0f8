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
    const whole = known.get(groupHash)
    if (whole) return whole
    const row = await db
      .selectFrom('groups')
      .selectAll()
      .where('namespace', '=', namespace)
      .where('hash', '=', groupHash)
      .executeTakeFirst()
    const members = (row ? membersOf(row) : []).filter(({ node }) => node !== nodeId())
    const recipients = new Map<string, Recipient>()
    for (const { identity, node } of members) {
      const peer = directory.nodeFor(identity, node)?.verifier.value
      if (peer !== undefined) recipients.set(node, { node, peer })
    }
    const found = [...recipients.values()]
    if (row && members.every(({ node }) => recipients.has(node))) known.set(groupHash, found)
    return found
  }
}
