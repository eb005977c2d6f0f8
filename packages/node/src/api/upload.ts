import { type Data, jsonAnyText, NodeError, parseJson, RawJson } from '@concordat/protocol'
import type { Multipart, MultipartFile } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import type { DataCommands, UploadFields } from '../namespace.ts'
import { refuseNul } from './refuse-nul.ts'

type Parts = AsyncIterator<Multipart>

/** Takes a form: fields first, then one file, streamed. */
export async function uploadForm(request: FastifyRequest, data: DataCommands): Promise<Data> {
  const parts = request.parts()[Symbol.asyncIterator]()
  const fields = new Map<string, string>()
  for (;;) {
    const { done, value: part } = await next(parts)
    if (done) throw new NodeError('CC20002', { reason: 'the form has no file' })
    if (part.type === 'file') return uploadFile(part, uploadFields(fields), parts, data)
    const text = String(part.value)
    refuseNul(part.fieldname, text)
    fields.set(part.fieldname, text)
  }
}

function uploadFile(
  part: MultipartFile,
  fields: UploadFields,
  parts: Parts,
  data: DataCommands,
): Promise<Data> {
  refuseNul('filename', part.filename)
  refuseNul('mimetype', part.mimetype)
  return data.uploadBlob(fields, {
    content: wholeFile(part, parts),
    ...(part.filename && { filename: part.filename }),
    ...(part.mimetype && { mimetype: part.mimetype }),
  })
}

/** The file's bytes; fails at their end when the form is broken, too large, or has something after the file. */
async function* wholeFile({ file }: MultipartFile, parts: Parts): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of file) yield chunk
  } catch (error) {
    throw broken(error)
  }
  if (file.truncated) throw new NodeError('CC20003', { limit: file.bytesRead })
  const { done, value: part } = await next(parts)
  if (!done) {
    if (part.type === 'file') part.file.resume()
    throw new NodeError('FF00163', { field: part.fieldname })
  }
}

const next = (parts: Parts): Promise<IteratorResult<Multipart, unknown>> =>
  parts.next().catch((error: unknown) => {
    throw broken(error)
  })

/** What the form's reader says of a form that is none, as the caller's fault; a limit stays what it is. */
function broken(cause: unknown): unknown {
  if (cause instanceof Error && 'statusCode' in cause) return cause
  return new NodeError('CC20002', { reason: 'the form is broken or incomplete' }, { cause })
}

function uploadFields(form: ReadonlyMap<string, string>): UploadFields {
  const validator = form.get('validator')
  const name = form.get('datatype.name')
  const version = form.get('datatype.version')
  const metadata = form.get('metadata')
  return {
    ...(validator && { validator }),
    ...((name || version) && {
      datatype: { ...(name && { name }), ...(version && { version }) },
    }),
    ...(metadata && { value: metadataText(metadata) }),
    autometa: form.get('autometa')?.toLowerCase() === 'true',
  }
}

/** Metadata that isn't JSON is a text. */
function metadataText(metadata: string): string {
  try {
    const kept = parseJson(metadata, { raw: [''], refuseNul: true })
    if (kept instanceof RawJson) return kept.text
  } catch (error) {
    if (error instanceof NodeError && error.code === 'CC20005')
      throw new NodeError('CC20005', { field: 'metadata' })
  }
  return jsonAnyText(JSON.stringify(metadata))
}
