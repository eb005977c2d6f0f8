import type { Namespace } from '../namespace.ts'
import type { EventRow } from '../store/schema.ts'

/** A row that came, changed or went. */
export interface Change {
  readonly collection: string
  readonly type: 'created' | 'updated' | 'deleted'
  readonly namespace?: string
  readonly id?: string
  readonly hash?: string
  readonly sequence?: number
}

/** Tells of changes as they are committed; nothing is kept for those who come later. */
export interface ChangeFeed {
  /** Returns a function that ends it. */
  onChange(listener: (change: Change) => void): () => void
}

/** Collections whose rows an event says something about. */
const COLLECTIONS: Readonly<Record<string, Pick<Change, 'collection' | 'type'>>> = {
  message_confirmed: { collection: 'messages', type: 'updated' },
  message_rejected: { collection: 'messages', type: 'updated' },
  transaction_submitted: { collection: 'transactions', type: 'created' },
  datatype_confirmed: { collection: 'datatypes', type: 'created' },
  identity_confirmed: { collection: 'identities', type: 'created' },
  identity_updated: { collection: 'identities', type: 'updated' },
  blockchain_event_received: { collection: 'blockchainevents', type: 'created' },
}

/** The changes that the event logs tell of: each event, and the row it refers to. */
export function changesOfEvents(namespaces: () => Iterable<Namespace>): ChangeFeed {
  return {
    onChange(listener) {
      const tell = ({ id, seq, namespace, type, reference }: EventRow): void => {
        listener({ collection: 'events', type: 'created', namespace, id, sequence: seq })
        const referred = COLLECTIONS[type]
        if (referred) listener({ ...referred, namespace, id: reference })
      }
      const stops = [...namespaces()].map((namespace) =>
        namespace.events.onAppend((rows) => {
          for (const row of rows) if (row.namespace === namespace.name) tell(row)
        }),
      )
      return () => {
        for (const stop of stops) stop()
      }
    },
  }
}
