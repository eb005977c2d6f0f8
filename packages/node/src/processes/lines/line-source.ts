import { RawJson } from '@concordat/protocol'
import { type Json, parseStrict } from '@concordat/protocol/process'
import {
  BadLine,
  type LineFormat,
  type NumberedLine,
  readStepLines,
  toStepLine,
} from './step-line.ts'

/** Where steps come from: bytes that are lines, or a list. */
export type LineSource =
  | { readonly format: LineFormat; readonly bytes: AsyncIterable<Uint8Array> }
  | { readonly list: readonly ListedStep[] }

/** Its input is the text of its JSON. */
interface ListedStep extends Readonly<Record<string, unknown>> {
  readonly process: string
  readonly step: string
  readonly intent: string
  readonly role?: string
  readonly expect?: { readonly n: number }
  readonly input?: unknown
}

export const readSource = (source: LineSource): AsyncIterable<NumberedLine> =>
  'list' in source ? fromList(source.list) : readStepLines(source.bytes, source.format)

async function* fromList(list: readonly ListedStep[]): AsyncGenerator<NumberedLine> {
  for (const [i, step] of list.entries()) yield { line: i + 1, read: toLine(step) }
}

function toLine({ process, step, intent, role, expect, input }: ListedStep): NumberedLine['read'] {
  const json = input instanceof RawJson ? inputOf(input) : {}
  if (json instanceof BadLine) return json
  return toStepLine({
    process,
    step,
    intent,
    input: json,
    ...(role !== undefined && { role }),
    ...(expect && { expect: { n: expect.n } }),
  })
}

function inputOf({ text }: RawJson): Json | BadLine {
  try {
    return parseStrict(text)
  } catch (error) {
    return new BadLine(error instanceof Error ? error.message : 'it is no JSON')
  }
}
