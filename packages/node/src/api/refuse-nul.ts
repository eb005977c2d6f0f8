import { NodeError } from '@concordat/protocol'
import type { OpenCall } from './open-call.ts'

/** Refuses a text with U+0000, by the name of where it stands: Postgres can't hold it, nor be asked for it. */
export function refuseNul(field: string, text: string): void {
  if (text.includes('\0')) throw new NodeError('CC20005', { field })
}

/** The same for the path and the query of a request. */
export function refuseNulInUrl({ request, params, query }: OpenCall): void {
  if (!request.raw.url?.includes('%00')) return
  const { '*': _, ...named }: Record<string, unknown> = { ...Object(params) }
  for (const [name, text] of Object.entries(named)) refuseNul(name, String(text))
  for (const [name, texts] of Object.entries(query))
    for (const text of [name, ...(texts ?? [])]) refuseNul(name, text)
}
