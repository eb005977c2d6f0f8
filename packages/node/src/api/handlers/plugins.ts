import { NodeError } from '@concordat/protocol'
import { routes } from '@concordat/protocol/routes'
import { handle, type Mounted } from '../handler.ts'

/** Tokens and contracts: operations of plugins that no namespace has yet. One answer for all. */
export const pluginHandlers: readonly Mounted[] = routes.flatMap((route) => {
  const plugin = route.requires
  if (plugin !== 'tokens' && plugin !== 'contracts') return []
  return handle(route, async ({ namespace }) => {
    throw new NodeError('CC20004', { namespace: namespace.name, plugin })
  })
})
