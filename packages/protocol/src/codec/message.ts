import { sha256Hex } from '#sha256'
import { stringifyGo } from '../json/stringify.ts'
import type { DataRef } from '../model/data.ts'
import type { MessageHeader, TransactionRef } from '../model/message.ts'
import { optional } from './members.ts'

/** The hashed part of a message, as every member writes it. */
export function messageHeaderJson(header: MessageHeader): string {
  let text = `{"id":${stringifyGo(header.id)}${optional('cid', header.cid)}`
  text += `,"type":${stringifyGo(header.type)}${optional('txtype', header.txtype)}`
  text += optional('author', header.author) + optional('key', header.key)
  text += optional('created', header.created) + optional('namespace', header.namespace)
  text += optional('group', header.group)
  if (header.topics.length > 0) text += `,"topics":${textListJson(header.topics)}`
  text += optional('tag', header.tag) + optional('datahash', header.datahash)
  if (header.txparent !== undefined) text += `,"txparent":${transactionRefJson(header.txparent)}`
  return `${text}}`
}

/** The hash of a message: of its header, which holds the hash of its data. */
export const hashMessageHeader = (header: MessageHeader): string =>
  sha256Hex(messageHeaderJson(header))

export function dataRefsJson(refs: readonly DataRef[]): string {
  let text = ''
  for (const { id, hash } of refs) {
    text += `${text === '' ? '' : ','}{"id":${stringifyGo(id)},"hash":${stringifyGo(hash)}}`
  }
  return `[${text}]`
}

/** `datahash` of a message's header: its data by id and hash, in order. */
export const hashDataRefs = (refs: readonly DataRef[]): string => sha256Hex(dataRefsJson(refs))

export const transactionRefJson = (tx: TransactionRef): string =>
  `{"type":${stringifyGo(tx.type)}${optional('id', tx.id)}}`

export const textListJson = (texts: readonly string[]): string =>
  texts.length === 1 ? `[${stringifyGo(texts[0] ?? '')}]` : `[${texts.map(stringifyGo).join(',')}]`
