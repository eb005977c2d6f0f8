import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { NodeError } from '@concordat/protocol'
import { Busboy } from '@fastify/busboy'

const FIELD_BYTES = 1024
/** What may stand around the file: boundaries, headers, fields. */
const FRAME_BYTES = 256 * 1024

export interface FormFile<T> {
  /** Name of the part that is streamed; all others are short text fields. */
  readonly field: string
  readonly maxBytes: number
  /** Given the fields that stood before the file; must read `content` to its end or throw. */
  read(content: Readable, fields: ReadonlyMap<string, string>): Promise<T>
}

/** Reads a multipart body with one file, in constant memory. Leaves the connection open when it throws. */
export function readForm<T>(
  request: IncomingMessage,
  file: FormFile<T>,
): Promise<{ readonly fields: ReadonlyMap<string, string>; readonly file: T }> {
  return new Promise((resolve, reject) => {
    const parser = createParser(request, file)
    const fields = new Map<string, string>()
    let content: Readable | undefined
    let result: Promise<T> | undefined

    const fail = (error: unknown): void => {
      request.unpipe(parser)
      content?.destroy(error instanceof Error ? error : new Error('Stopped'))
      reject(error)
    }
    request.once('error', fail)
    request.once('close', () => {
      if (!request.complete) fail(malformed('the connection ended before the body did'))
    })
    parser.on('error', () => fail(malformed('not a multipart form')))
    parser.on('partsLimit', () => fail(malformed('too many parts')))
    parser.on('field', (name, value, _nameCut, valueCut) => {
      if (valueCut) fail(malformed('a field is too long'))
      else fields.set(name, value)
    })
    parser.on('file', (_name, stream) => {
      content = stream
      // Its reader may not be listening yet when it is destroyed.
      stream.on('error', () => {})
      stream.once('limit', () => stream.destroy(new NodeError('CC20003', { limit: file.maxBytes })))
      result = file.read(stream, fields)
      result.catch(fail)
    })
    parser.on('finish', () => {
      if (result !== undefined) result.then((value) => resolve({ fields, file: value }), fail)
      else fail(malformed(`there is no part '${file.field}'`))
    })
    request.pipe(parser)
    let received = 0
    request.on('data', (chunk: Uint8Array) => {
      received += chunk.length
      if (received <= FRAME_BYTES + (content ? file.maxBytes : 0)) return
      fail(new NodeError('CC20003', { limit: file.maxBytes }))
    })
  })
}

/** A multipart body around a file of known or unknown size. */
export function frameForm(
  boundary: string,
  fields: Readonly<Record<string, string>>,
  file: { readonly field: string; readonly filename?: string },
): { readonly head: Buffer; readonly tail: Buffer } {
  const parts = Object.entries(fields).map(
    ([name, value]) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const filename = file.filename === undefined ? '' : `; filename="${file.filename}"`
  const type = file.filename === undefined ? '' : 'Content-Type: application/octet-stream\r\n'
  const head = `${parts.join('')}--${boundary}\r\nContent-Disposition: form-data; name="${file.field}"${filename}\r\n${type}\r\n`
  return { head: Buffer.from(head), tail: Buffer.from(`\r\n--${boundary}--\r\n`) }
}

function createParser(
  { headers }: IncomingMessage,
  { field, maxBytes }: { readonly field: string; readonly maxBytes: number },
): InstanceType<typeof Busboy> {
  const contentType = headers['content-type']
  if (contentType === undefined) throw new NodeError('FF00162', { type: '' })
  try {
    return new Busboy({
      headers: { ...headers, 'content-type': contentType },
      isPartAFile: (name) => name === field,
      limits: {
        fieldNameSize: 100,
        fieldSize: FIELD_BYTES,
        fields: 8,
        files: 1,
        parts: 10,
        headerPairs: 16,
        fileSize: maxBytes,
      },
    })
  } catch (cause) {
    throw new NodeError('FF00162', { type: contentType.slice(0, 100) }, { cause })
  }
}

const malformed = (reason: string): NodeError => new NodeError('CC20002', { reason })
