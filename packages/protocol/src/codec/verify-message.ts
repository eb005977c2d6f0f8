import { NodeError } from '../errors/node-error.ts'
import type { BatchMessage } from '../model/batch.ts'
import type { DataRef } from '../model/data.ts'
import { validateName, validateTopics } from '../text/names.ts'
import { hashDataRefs, hashMessageHeader } from './message.ts'

/** Throws FF00130 unless messages may travel in a transaction of this type. */
export function validateMessageTxType(type: string | undefined): void {
  if (type !== 'batch_pin' && type !== 'unpinned' && type !== 'contract_invoke_pin') {
    throw new NodeError('FF00130', { type: type ?? '' })
  }
}

/** Throws unless a sealed message keeps the rules, and its hashes are those of its content. */
export function verifyMessage({ header, hash, data }: BatchMessage): void {
  validateMessageTxType(header.txtype)
  validateTopics(header.topics)
  if (header.tag !== undefined && header.tag !== '') validateName(header.tag, 'header.tag')
  checkDataRefs(data)
  if (hash === '' || header.datahash === '') throw new NodeError('FF00131')
  const actual = `${hashMessageHeader(header)} and ${hashDataRefs(data)}`
  const expected = `${hash} and ${header.datahash}`
  if (actual !== expected) throw new NodeError('FF00132', { actual, expected })
}

function checkDataRefs(refs: readonly DataRef[]): void {
  const seen = new Set<string>()
  for (const [index, { id, hash }] of refs.entries()) {
    if (id === '' || hash === '') throw new NodeError('FF00128', { index })
    if (seen.has(id)) throw new NodeError('FF00129', { index })
    seen.add(id)
  }
}
