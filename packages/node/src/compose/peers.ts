import { nodeDid } from '@concordat/protocol'
import type { PeerProfile } from '../exchange/exchange.ts'
import type { KnownIdentity } from '../identity/directory.ts'
import type { Foundation } from './foundation.ts'

/** Makes another party's node reachable once its identity is registered. */
export function addPeer(
  { multiparty, exchange, outbox, onPeer }: Foundation,
  { row }: KnownIdentity,
): void {
  if (row.type !== 'node' || row.did === nodeDid(multiparty.node.name)) return
  const profile = toPeerProfile(row.profile)
  if (!profile) return
  exchange.addPeer(profile)
  onPeer(profile)
  outbox.nudge(profile.id)
}

/** What a node's identity says about how to reach it; undefined when it does not. */
function toPeerProfile(text: string | null): PeerProfile | undefined {
  const profile: Partial<Record<keyof PeerProfile, unknown>> = JSON.parse(text ?? '{}')
  const { id, endpoint, cert } = profile
  return typeof id === 'string' && typeof endpoint === 'string' && typeof cert === 'string'
    ? { id, endpoint, cert }
    : undefined
}
