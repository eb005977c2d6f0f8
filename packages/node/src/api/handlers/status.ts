import { type NamespaceSummary, NodeError, trimTime } from '@concordat/protocol'
import {
  getBlocked,
  getNamespace,
  getNamespaces,
  getStatus,
  getStatusBatchManager,
  getStatusMultiparty,
  getWebSockets,
} from '@concordat/protocol/routes'
import type { Namespace } from '../../namespace.ts'
import { handle } from '../handler.ts'
import { hasFlag } from '../query.ts'

const summary = ({ name, networkName, description, created }: Namespace): NamespaceSummary => ({
  name,
  networkName,
  description,
  created: trimTime(created),
})

function withState(namespace: Namespace): NamespaceSummary {
  const { state } = namespace
  switch (state.kind) {
    case 'ready':
      return summary(namespace)
    case 'starting':
      return { ...summary(namespace), initializing: true }
    case 'stopped':
      return { ...summary(namespace), initializationError: state.reason }
  }
}

/** A namespace as callers see it; with its state if that is wanted. */
export const namespaceSummary = (namespace: Namespace, state: boolean): NamespaceSummary =>
  state ? withState(namespace) : summary(namespace)

export const statusHandlers = [
  handle(getStatus, ({ namespace }) => namespace.status()),
  handle(getStatusBatchManager, async ({ namespace }) => namespace.batchManagerStatus()),
  handle(getStatusMultiparty, ({ namespace }) => namespace.multipartyStatus()),
  handle(getBlocked, async ({ namespace }) => [...(await namespace.blocked())]),
  // Always a plain array, even with `count`: what clients of this route expect.
  handle(getNamespaces, async ({ query }, { namespaces }) => {
    const all = [...namespaces()]
    if (hasFlag(query, 'includeinitializing')) return all.map(withState)
    return all.filter(({ state }) => state.kind === 'ready').map(summary)
  }),
  handle(getNamespace, async ({ params: { ns } }, context) => {
    const namespace = context.getNamespace(ns)
    if (!namespace) throw new NodeError('FF10187', { namespace: ns })
    return summary(namespace)
  }),
  handle(getWebSockets, async (_call, { webSocketStatus }) => webSocketStatus()),
]
