import { sha256Hex } from '#sha256'
import { NodeError } from '../errors/node-error.ts'
import { stringifyGo } from '../json/stringify.ts'
import type { BlobRef, Datatype, DatatypeRef } from '../model/data.ts'
import { optional } from './members.ts'

/**
 * The hash of a data item: of its value's canonical text, its blob's hash, or both together.
 * A value of `null` counts as none. Throws FF00109 when there is neither.
 */
export function hashData(data: { readonly value?: string; readonly blobHash?: string }): string {
  const value =
    data.value === undefined || data.value === 'null' ? undefined : sha256Hex(data.value)
  if (data.blobHash === undefined || data.blobHash === '') {
    if (value === undefined) throw new NodeError('FF00109')
    return value
  }
  return value === undefined ? data.blobHash : sha256Hex(value + data.blobHash)
}

export function datatypeRefJson({ name, version }: DatatypeRef): string {
  const members = optional('name', name) + optional('version', version)
  return `{${members.slice(1)}}`
}

export const blobRefJson = (blob: BlobRef): string =>
  `{"hash":${stringifyGo(blob.hash)},"size":${blob.size},"name":${stringifyGo(blob.name)}` +
  `${optional('path', blob.path)}${optional('public', blob.public)}}`

/** A datatype as it is broadcast: without a namespace, since each member has its own name for that. */
export function datatypeJson(datatype: Datatype): string {
  const { id, message, validator, name, version, hash, created, value } = datatype
  let text = `{"id":${stringifyGo(id)}${optional('message', message)}`
  text += `,"validator":${stringifyGo(validator)}${optional('name', name)}`
  text += optional('version', version) + optional('hash', hash) + optional('created', created)
  if (value !== undefined && value.text !== 'null') text += `,"value":${value.text}`
  return `${text}}`
}
