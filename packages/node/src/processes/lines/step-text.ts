import { toCsv } from './csv.ts'
import { cellsOf, type ExportedStep, PLAIN_COLUMNS } from './export-steps.ts'
import type { LineFormat } from './step-line.ts'

/** A step as one line of JSON, with its end. */
export const toJsonLine = (step: ExportedStep): string => `${JSON.stringify(step)}\n`

/** Columns of what a step was given and gave, as a whole. */
export const WHOLE_COLUMNS: readonly string[] = ['input', 'output']

/** Steps as one text, and its content type. */
export function textOf(
  steps: readonly ExportedStep[],
  format: LineFormat,
): { readonly body: string; readonly type: string } {
  if (format === 'jsonl')
    return { body: steps.map(toJsonLine).join(''), type: 'application/x-ndjson' }
  const columns = [...PLAIN_COLUMNS, ...WHOLE_COLUMNS]
  const rows = steps.map((step) => toCsv(cellsOf(step, columns)))
  return { body: [toCsv(columns), ...rows].join(''), type: 'text/csv; charset=utf-8' }
}
