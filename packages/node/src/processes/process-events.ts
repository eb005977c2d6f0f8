import { type Payload, readPayload, type SpineEvent } from '@concordat/protocol/process'
import type { SettledPin } from '../aggregator/settled-pin.ts'
import type { Transaction } from '../store/database.ts'
import type { ProcessEventRow } from '../store/process-schema.ts'
import { positionText } from './positions.ts'

/** A pin on an instance's topic, as it is kept to be folded, and folded again. */
export function toEventRow(
  tx: Transaction,
  namespace: string,
  process: string,
  { position, timestamp, author, group, outcome }: SettledPin,
  now: string,
): ProcessEventRow {
  const common = {
    seq: tx.sequence('processEvents', 1),
    namespace,
    process,
    position: positionText(position),
    time: Math.floor(timestamp / 1000),
    author,
    groupHash: group,
    created: now,
  }
  if (outcome.kind === 'void') {
    const nothing = { message: null, messageHash: null, tag: null, content: null }
    return { ...common, ...nothing, void: outcome.reason }
  }
  const { header, hash, data } = outcome
  return {
    ...common,
    message: header.id,
    messageHash: hash,
    tag: header.tag ?? null,
    content: JSON.stringify(data.map(({ value }) => value ?? null)),
    void: null,
  }
}

/** The texts of the data items' values. */
export function valuesOf({
  content,
}: Pick<ProcessEventRow, 'content'>): readonly (string | undefined)[] {
  const values: (string | null)[] = JSON.parse(content ?? '[]')
  return values.map((value) => value ?? undefined)
}

/** An event as the fold takes it; undefined if it takes no notice of it. */
export function toSpineEvent(event: ProcessEventRow): SpineEvent | undefined {
  const payload = payloadOf(event)
  if (!payload) return undefined
  const { time, author, message: id, messageHash: hash } = event
  return { time, author, payload, ...(id !== null && hash !== null && { message: { id, hash } }) }
}

function payloadOf(event: ProcessEventRow): Payload | undefined {
  if (event.void === 'REPEATED') return undefined
  if (event.void !== null)
    return { kind: 'void', code: event.void === 'MALFORMED' ? 'MALFORMED' : 'GAP' }
  return readPayload(event.tag ?? undefined, valuesOf(event))
}
