import { errorBody, errorStatus, NodeError, spliceJson } from '@concordat/protocol'
import type { FastifyReply } from 'fastify'
import { BytesReply, ListReply, StatusReply, TextReply } from './handler.ts'

export const JSON_TYPE = 'application/json; charset=utf-8'

/** Writes a result; users' JSON goes out as the text that is stored. */
export function sendResult(reply: FastifyReply, status: number, result: unknown): void {
  if (result instanceof StatusReply) {
    sendResult(reply, result.status, result.result)
    return
  }
  reply.code(status)
  if (status === 204) {
    reply.send()
  } else if (result instanceof TextReply) {
    reply.header('content-type', `${result.type}; charset=utf-8`).send(result.text)
  } else if (result instanceof BytesReply) {
    reply.headers(result.headers).send(result.content)
  } else {
    reply.header('content-type', JSON_TYPE).send(jsonText(result))
  }
}

function jsonText(result: unknown): string {
  if (!(result instanceof ListReply)) return spliceJson(result)
  const items = `[${result.items.map(spliceJson).join(',')}]`
  if (result.total === undefined) return items
  return `{"count":${result.items.length},"total":${result.total},"items":${items}}`
}

/** Answers with an error, unless the request has been answered already. */
export function sendError(reply: FastifyReply, error: unknown): void {
  if (reply.sent) return
  const status = errorStatus(error)
  if (status === 401) reply.header('www-authenticate', 'Basic realm="concordat", charset="UTF-8"')
  if (status === 429) reply.header('retry-after', '1')
  if (status === 408 || status === 413) reply.header('connection', 'close')
  reply
    .code(status)
    .header('content-type', JSON_TYPE)
    .send(spliceJson(errorBody(error)))
}

/** What fastify and its plugins throw, in our own codes. */
export function toKnownError(error: unknown, maxBodySize: number): unknown {
  if (error instanceof NodeError || !(error instanceof Error)) return error
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown }
  const options = { cause: error }
  if (statusCode === 413) return new NodeError('CC20003', { limit: maxBodySize }, options)
  if (statusCode === 415 || code === 'FST_INVALID_MULTIPART_CONTENT_TYPE')
    return new NodeError('FF00162', { type: 'none' }, options)
  if (statusCode === 404) return new NodeError('FF10109', undefined, options)
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500)
    return new NodeError('CC20002', { reason: error.message }, options)
  return error
}
