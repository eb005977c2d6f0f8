import { type Flow, NodeError } from '@concordat/protocol'
import type { Database } from '../store/database.ts'
import { compareVersions, getFlow } from '../store/tables/flows.ts'

/**
 * The definition that a new instance is of: by hash or `name@version`, or by name the newest that every party has adopted.
 * Throws CC21002 or CC21003.
 */
export async function chooseFlow(
  { database, namespace }: { readonly database: Database; readonly namespace: string },
  reference: string,
  parties: readonly string[],
): Promise<Flow> {
  const newest = await getFlow(database.read, namespace, reference)
  if (!newest) throw new NodeError('CC21002', { flow: reference })
  const isExact = reference.includes('@') || reference === newest.hash
  if (isExact || isReady(newest, parties)) return usable(newest, reference)
  const rows = await database.read
    .selectFrom('flows')
    .select(['hash', 'version'])
    .where('namespace', '=', namespace)
    .where('name', '=', newest.name)
    .where('outcome', '=', 'loaded')
    .execute()
  for (const { hash } of rows.toSorted((a, b) => compareVersions(b.version, a.version))) {
    const flow = await getFlow(database.read, namespace, hash)
    if (flow && isReady(flow, parties)) return flow
  }
  return usable(newest, reference)
}

function isReady({ adoptedBy, state }: Flow, parties: readonly string[]): boolean {
  return state === 'loaded' && parties.every((did) => adoptedBy.includes(did))
}

function usable(flow: Flow, reference: string): Flow {
  if (flow.state === 'refused' || flow.state === 'unsupported')
    throw new NodeError('CC21003', { flow: reference, reason: `it is ${flow.state}` })
  return flow
}
