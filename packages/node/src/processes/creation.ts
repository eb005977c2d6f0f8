import { broadcastContext } from '@concordat/protocol'
import {
  type Creation,
  createInstance,
  type InstanceState,
  processTags,
  readCreation,
} from '@concordat/protocol/process'
import { sql } from 'kysely'
import type { Transaction } from '../store/database.ts'
import type { ProcessEventRow } from '../store/process-schema.ts'
import type { PinRow } from '../store/schema.ts'
import { rowToGroup } from '../store/tables/groups.ts'
import type { Flows } from './flows.ts'
import { localId } from './local-id.ts'
import { partsOf } from './positions.ts'
import { valuesOf } from './process-events.ts'

/** The topic on which definitions are told, and adopted. */
export const FLOWS_TOPIC = 'ffp-flows'

export interface CreationDeps {
  readonly namespace: string
  readonly flows: Flows
  /** Whether an open pin is a member's, or may turn out to be. */
  readonly mayBeMembers: (tx: Transaction, pin: OpenPin) => Promise<boolean>
}

type OpenPin = Pick<PinRow, 'seq' | 'signer' | 'protocolId'>
const PAGE = 200

interface Named {
  readonly flow: string
  readonly name: string
  readonly version: string
}

/** What becomes of the creation of an instance. */
export type CreationOutcome =
  | ({ readonly kind: 'waiting' | 'refused' | 'parked'; readonly reason: string } & Named)
  | ({ readonly kind: 'created'; readonly state: InstanceState } & Named)

/**
 * Decides an `ffp.create` message; undefined for what is none. It waits for the definition that it names, and, where that
 * counts adoptions, until all is decided here that was pinned before it on the topic of definitions.
 */
export async function decideCreation(
  deps: CreationDeps,
  tx: Transaction,
  event: ProcessEventRow,
): Promise<CreationOutcome | undefined> {
  const creation = event.tag === processTags.creation ? readCreation(valuesOf(event)) : undefined
  if (!creation || !(await isOf(deps, tx, creation, event))) return undefined
  const { definition: flow } = creation
  const outcome = await decideNow(deps, tx, event, creation)
  const counts = outcome.kind === 'created' && countsAdoptions(outcome.state)
  if (counts && (await hasOpenPinsBefore(deps, tx, event.position))) {
    const reason = `an earlier message on topic ${FLOWS_TOPIC} is not decided`
    return { kind: 'waiting', reason, flow, name: outcome.name, version: outcome.version }
  }
  return outcome
}

const countsAdoptions = ({ frame }: InstanceState): boolean =>
  frame.definition.document.govern?.consent === 'standing'

/** Whether a creation is of the instance on whose topic it came. */
const isOf = async (
  { namespace }: CreationDeps,
  tx: Transaction,
  { instance }: Creation,
  { process, groupHash: group }: ProcessEventRow,
): Promise<boolean> =>
  instance === process || (await localId(tx, namespace, { instance, group })) === process

/** The instance that an event created when it was decided. */
export async function recreate(
  deps: CreationDeps,
  tx: Pick<Transaction, 'db'>,
  event: ProcessEventRow,
): Promise<InstanceState | undefined> {
  const creation = readCreation(valuesOf(event))
  const outcome = creation && (await decideNow(deps, tx, event, creation))
  return outcome?.kind === 'created' ? outcome.state : undefined
}

async function decideNow(
  deps: CreationDeps,
  tx: Pick<Transaction, 'db'>,
  event: ProcessEventRow,
  creation: Creation,
): Promise<CreationOutcome> {
  const { definition: flow } = creation
  const { position, groupHash: group } = event
  // A hash stands for one document, whenever and however it came: it may come yet.
  const found = await deps.flows.find(tx.db, flow)
  if (!found) {
    const reason = `definition ${flow} has not been told here`
    return { kind: 'waiting', reason, flow, name: '', version: '' }
  }
  const { name, version } = found.row
  const named = { flow, name, version }
  if (found.kind === 'refused') return { kind: 'refused', reason: 'UNSOUND_DEFINITION', ...named }
  if (found.kind !== 'loaded')
    return { kind: 'parked', reason: 'its definition uses what this version lacks', ...named }
  const result = createInstance(found.definition, creation, {
    author: event.author,
    time: event.time,
    members: await membersOf(deps, tx, group),
    adopted: await adoptersBefore(deps, tx, flow, position),
  })
  return result.outcome === 'created'
    ? { kind: 'created', state: result.state, ...named }
    : { kind: 'refused', reason: result.code, ...named }
}

/** Only what a member pinned can be an adoption: what others pin holds nothing up. */
async function hasOpenPinsBefore(
  { namespace, mayBeMembers }: CreationDeps,
  tx: Transaction,
  position: string,
): Promise<boolean> {
  const { contract, protocolId } = partsOf(position)
  for (let after = 0; ; ) {
    const open = await tx.db
      .selectFrom('pins')
      .select(['seq', 'signer', 'protocolId'])
      .where('namespace', '=', namespace)
      .where('hash', '=', broadcastContext(FLOWS_TOPIC))
      .where('dispatched', '=', sql.lit(0))
      .where((is) =>
        is.or([
          is('contract', '<', contract),
          is.and([is('contract', '=', contract), is('protocolId', '<', protocolId)]),
        ]),
      )
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(PAGE)
      .execute()
    for (const pin of open) if (await mayBeMembers(tx, pin)) return true
    if (open.length < PAGE) return false
    after = open.at(-1)?.seq ?? after
  }
}

/** DIDs of a group: those of a settled pin are members of one that is known. */
async function membersOf(
  { namespace }: CreationDeps,
  { db }: Pick<Transaction, 'db'>,
  group: string,
): Promise<readonly string[]> {
  const row = await db
    .selectFrom('groups')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('hash', '=', group)
    .executeTakeFirst()
  if (!row) throw new Error(`group ${group} is not known`)
  return [...new Set(rowToGroup(row).members.map(({ identity }) => identity))]
}

async function adoptersBefore(
  { namespace }: CreationDeps,
  { db }: Pick<Transaction, 'db'>,
  flow: string,
  position: string,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('flowAdoptions')
    .select('identity')
    .where('namespace', '=', namespace)
    .where('flow', '=', flow)
    .where('position', '<', position)
    .execute()
  return rows.map(({ identity }) => identity)
}
