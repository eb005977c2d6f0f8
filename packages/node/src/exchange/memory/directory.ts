import { NodeError } from '@concordat/protocol'
import type { PeerIdentity, PeerProfile } from '../exchange.ts'

/** Who registered which certificate, as one member knows it. */
export interface Directory {
  add(profile: PeerProfile): void
  removeCertificate(id: string, cert: string): void
  find(id: string): { readonly peerId: string; readonly certs: readonly string[] } | undefined
  ids(): readonly string[]
  identify(peerId: string, cert: string): PeerIdentity
}

export function createDirectory(): Directory {
  const entries = new Map<string, { readonly peerId: string; readonly certs: readonly string[] }>()
  return {
    add({ id, cert }) {
      const peerId = id.slice(0, id.lastIndexOf('/'))
      if (!cert.startsWith(certificateStart(peerId))) {
        throw new NodeError('CC20202', {
          peer: id,
          reason: 'no certificate of its profile carries its id',
        })
      }
      const before = entries.get(id)?.certs.filter((known) => known !== cert) ?? []
      entries.set(id, { peerId, certs: [...before, cert] })
    },
    removeCertificate(id, cert) {
      const entry = entries.get(id)
      if (!entry || entry.certs.at(-1) === cert) return
      entries.set(id, { ...entry, certs: entry.certs.filter((known) => known !== cert) })
    },
    find: (id) => entries.get(id),
    ids: () => [...entries.keys()],
    identify(peerId, cert) {
      const nodes = [...entries].filter(
        ([, entry]) => entry.peerId === peerId && entry.certs.includes(cert),
      )
      return { id: peerId, registered: nodes.length > 0, nodes: nodes.map(([id]) => id) }
    },
  }
}

export const certificateStart = (peerId: string): string =>
  `memory certificate of ${JSON.stringify(peerId)} `
