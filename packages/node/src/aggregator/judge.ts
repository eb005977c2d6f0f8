import {
  type BatchData,
  type BatchMessage,
  broadcastContext,
  datatypeTopic,
  NodeError,
  RawJson,
} from '@concordat/protocol'
import { sql } from 'kysely'
import { type Datatypes, describeErrors } from '../messages/datatypes.ts'
import type { PinRow } from '../store/schema.ts'
import type { Block } from './block.ts'
import type { DefinitionHandler } from './definitions.ts'
import type { LoadedBatch, Located } from './loaded-batch.ts'
import { isProcessTopic } from './settled-pin.ts'
import type { Outcome, Settlement } from './settlement.ts'
import { type StandingDeps, standingOf } from './standing.ts'

/** What comes of a message whose turn it is. */
export type Verdict =
  | (Outcome & { readonly correlator?: string })
  | { readonly kind: 'wait'; readonly block: Block }

export interface JudgeDeps extends StandingDeps {
  readonly datatypes: Datatypes
  readonly definitions: DefinitionHandler
}

const CONFIRMED: Verdict = { kind: 'confirmed' }

export const rejected = (error: unknown): Verdict => ({
  kind: 'rejected',
  reason: error instanceof NodeError ? error.message : 'CC20002: not valid',
})

/**
 * Judges a message in its turn: everything that every member must decide alike rests on pins, payloads and what earlier
 * pins made known. Waits only for what this node does not have yet.
 */
export async function judge(
  deps: JudgeDeps,
  settlement: Settlement,
  pin: PinRow,
  batch: LoadedBatch,
  located: Located,
): Promise<Verdict> {
  const { message } = located
  if (message.header.type === 'definition')
    return await deps.definitions.handle(settlement, pin, batch, message)
  const missing = await missingBlob(deps, settlement, batch, message)
  if (missing)
    return {
      kind: 'wait',
      block: {
        kind: 'missing_blob',
        pin,
        message: message.header.id,
        author: message.header.author,
        detail: `blob ${missing} has not arrived`,
      },
    }
  if (message.header.type === 'groupinit') return CONFIRMED
  // The hash of a message leaves out its datatypes: members could be sent others.
  if (message.header.topics.some(isProcessTopic)) return CONFIRMED
  return batch.hasDatatypes
    ? await judgeData(deps, settlement, pin, dataOf(batch, message))
    : CONFIRMED
}

export const dataOf = ({ data }: LoadedBatch, message: BatchMessage): BatchData[] =>
  message.data.flatMap(({ id, hash }) => data.get(id + hash) ?? [])

/** Topic hashes of the message's pins, as they must stand on chain. */
export const broadcastPinsOf = ({ header }: BatchMessage): string[] =>
  header.topics.map(broadcastContext)

async function missingBlob(
  { namespace }: JudgeDeps,
  { tx }: Settlement,
  batch: LoadedBatch,
  message: BatchMessage,
): Promise<string | undefined> {
  if (!batch.hasBlobs) return undefined
  for (const { id, blob } of dataOf(batch, message)) {
    // Without a hash, and so left out of the data's own, it is none.
    if (!blob?.hash) continue
    const here = await tx.db
      .selectFrom('blobs')
      .select('seq')
      .where('namespace', '=', namespace)
      .where('dataId', '=', id)
      .where('hash', '=', blob.hash)
      .executeTakeFirst()
    if (!here) return blob.hash
  }
  return undefined
}

async function judgeData(
  deps: JudgeDeps,
  settlement: Settlement,
  pin: PinRow,
  data: readonly BatchData[],
): Promise<Verdict> {
  for (const item of data) {
    if (!item.datatype?.name && !item.datatype?.version) continue
    if (item.validator === 'none') continue
    const verdict = await judgeDatatype(deps, settlement, pin, item)
    if (verdict.kind !== 'confirmed') return verdict
  }
  return CONFIRMED
}

/** A datatype counts when it was confirmed at an earlier position; one that may yet be is waited for. */
async function judgeDatatype(
  deps: JudgeDeps,
  settlement: Settlement,
  pin: PinRow,
  { datatype, value }: BatchData,
): Promise<Verdict> {
  const { datatypes } = deps
  const name = datatype?.name ?? ''
  const version = datatype?.version ?? ''
  const known = await datatypes.find(name, version, settlement.tx)
  if (known && known.row.position < pin.seq) {
    if (known.validate(value === undefined ? null : new RawJson(value.text).value()))
      return CONFIRMED
    return rejected(new NodeError('FF10198', { reason: describeErrors(known.validate) }))
  }
  const earlier = known ? undefined : await openDefinition(deps, settlement, name, pin)
  if (earlier === undefined) return rejected(new NodeError('FF10199', { name, version }))
  return {
    kind: 'wait',
    block: {
      kind: 'out_of_order',
      pin,
      detail: `datatype '${name}' version '${version}' may be defined by an earlier message that is not decided yet`,
      after: [earlier],
    },
  }
}

/** An earlier pin that may define a datatype of this name: an outsider's definition is rejected whatever it says. */
async function openDefinition(
  deps: JudgeDeps,
  settlement: Settlement,
  name: string,
  { seq: before }: PinRow,
): Promise<number | undefined> {
  const earlier = await settlement.tx.db
    .selectFrom('pins')
    .select(['seq', 'signer', 'protocolId'])
    .where('namespace', '=', deps.namespace)
    .where('dispatched', '=', sql.lit(0))
    .where('hash', '=', broadcastContext(datatypeTopic(name)))
    .where('masked', '=', 0)
    .where('seq', '<', before)
    .orderBy('seq')
    .execute()
  for (const pin of earlier) {
    if (!settlement.isOpen(pin)) continue
    if ((await standingOf(deps, settlement, pin)).kind !== 'outsider') return pin.seq
  }
  return undefined
}
