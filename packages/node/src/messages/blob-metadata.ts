import { RawJson, sortedJson } from '@concordat/protocol'
import type { UploadedBlob } from '../namespace.ts'

/** The value of an upload with what the upload says of its file. */
export const withMetadata = (
  value: string | undefined,
  { filename, mimetype }: UploadedBlob,
): string =>
  sortedJson({
    ...fieldsOf(value),
    ...(filename !== undefined && { filename }),
    ...(mimetype !== undefined && { mimetype }),
  })

/** What a blob is called: the value's `name`, else its path and file name. */
export function nameOf(value: string | undefined, filename: string | undefined): { name?: string } {
  const { name, path } = fieldsOf(value)
  if (typeof name === 'string' && name !== '') return { name }
  if (typeof path === 'string' && path !== '' && filename) return { name: `${path}/${filename}` }
  return filename ? { name: filename } : {}
}

/** The fields of JSON text that is an object; none otherwise. */
function fieldsOf(text: string | undefined): Readonly<Record<string, unknown>> {
  const value: unknown = text === undefined ? undefined : new RawJson(text).value()
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}
