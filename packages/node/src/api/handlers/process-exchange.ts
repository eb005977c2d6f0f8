import { Readable } from 'node:stream'
import { NodeError } from '@concordat/protocol'
import { getProcessExport, postProcessImport } from '@concordat/protocol/routes'
import { linesFormat } from '../content-type.ts'
import { BytesReply, handle } from '../handler.ts'
import type { Query } from '../query.ts'

const JSON_LINES = 'application/x-ndjson'

export const processExchangeHandlers = [
  handle(getProcessExport, async ({ namespace, query }) => {
    const format = formatOf(lastOf(query, 'format') ?? 'jsonl')
    const limit = lastOf(query, 'limit')
    const wish = {
      flow: lastOf(query, 'flow'),
      steps: query.step ?? [],
      since: wholeNumber(lastOf(query, 'since') ?? '0', 'since'),
      ...(limit !== undefined && { limit: wholeNumber(limit, 'limit') }),
    }
    const type = format === 'csv' ? 'text/csv; charset=utf-8' : JSON_LINES
    return streamed(namespace.processes.exportSteps(wish, format), type)
  }),
  handle(postProcessImport, async ({ namespace, body, wait, request }) => {
    const format = linesFormat(request)
    const source = format ? { format, bytes: request.raw } : { list: body }
    return streamed(toText(namespace.processes.importSteps(source, wait)), JSON_LINES)
  }),
]

const streamed = (texts: AsyncIterable<string>, type: string): BytesReply =>
  new BytesReply(Readable.from(texts, { objectMode: false }), { 'content-type': type })

async function* toText(answers: AsyncIterable<object>): AsyncGenerator<string> {
  for await (const answer of answers) yield `${JSON.stringify(answer)}\n`
}

function lastOf(query: Query, name: string): string | undefined {
  return query[name]?.at(-1)
}

function formatOf(text: string): 'jsonl' | 'csv' {
  if (text === 'jsonl' || text === 'csv') return text
  throw new NodeError('CC20002', { reason: `format is jsonl or csv, not '${text.slice(0, 20)}'` })
}

function wholeNumber(text: string, name: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new NodeError('CC20002', { reason: `${name} is no whole number` })
}
