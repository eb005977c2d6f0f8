import { formatTime, NodeError, parseJson } from '@concordat/protocol'
import Type from 'typebox'
import { Check } from 'typebox/value'
import type { WebSocket } from 'ws'
import type { World } from '../lib/world.ts'
import type { Change, ChangeFeed } from './changes.ts'

const texts = Type.Optional(Type.Array(Type.String()))
const Start = Type.Object({
  type: Type.Literal('start'),
  collections: texts,
  filter: Type.Optional(Type.Object({ types: texts, namespaces: texts })),
})

type Wanted = (change: Change) => boolean

/**
 * Serves changes to one socket, from its `start` on; a later `start` replaces the first. When `queueLength` changes wait
 * for the socket, further ones are dropped, and one frame says how many.
 */
export function serveChanges(
  socket: WebSocket,
  feed: ChangeFeed,
  { queueLength, world }: { readonly queueLength: number; readonly world: Pick<World, 'now'> },
): void {
  let wanted: Wanted | undefined
  let waiting = 0
  let dropped: { since: string; count: number } | undefined

  const send = (frame: object): void => {
    waiting++
    socket.send(JSON.stringify(frame), () => {
      waiting--
      if (dropped && waiting === 0 && socket.readyState === socket.OPEN) {
        const { since, count } = dropped
        dropped = undefined
        send({ type: 'dropped', droppedSince: since, droppedCount: count })
      }
    })
  }
  const stop = feed.onChange((change) => {
    if (!wanted?.(change)) return
    if (dropped || waiting >= queueLength) {
      dropped ??= { since: formatTime(world.now()), count: 0 }
      dropped.count++
    } else send(change)
  })
  socket.on('close', stop)
  socket.on('error', () => socket.terminate())
  socket.on('message', (data) => {
    try {
      wanted = parseStart(String(data))
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      send({ type: 'protocol_error', error: text })
      socket.close()
    }
  })
}

function parseStart(text: string): Wanted {
  const frame = parseJson(text)
  if (!Check(Start, frame)) throw new NodeError('FF10176', { reason: "not a 'start'" })
  const collections = new Set(frame.collections)
  const types = new Set<string>(frame.filter?.types)
  const namespaces = new Set(frame.filter?.namespaces)
  return ({ collection, type, namespace }) =>
    collections.has(collection) &&
    (types.size === 0 || types.has(type)) &&
    (namespaces.size === 0 || (namespace !== undefined && namespaces.has(namespace)))
}
