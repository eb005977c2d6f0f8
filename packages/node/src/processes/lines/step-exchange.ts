import type { Wait } from '../../namespace.ts'
import { toCsv } from './csv.ts'
import { columnsOf } from './export-columns.ts'
import {
  cellsOf,
  type ExportDeps,
  type ExportWish,
  exportSteps,
  PLAIN_COLUMNS,
} from './export-steps.ts'
import { type ImportDeps, importSteps, type LineAnswer } from './import-steps.ts'
import { type LineSource, readSource } from './line-source.ts'
import type { LineFormat } from './step-line.ts'
import { toJsonLine } from './step-text.ts'

/** Steps in bulk, as systems outside hand them in and fetch them. */
export interface StepExchange {
  /** Accepted steps as text, piece by piece: a JSON object on each line, or a table with its head. */
  exportSteps(wish: ExportWish, format: LineFormat): AsyncGenerator<string>
  /**
   * Submits the step of each line, and answers the lines in their order; with `confirm` once each is decided. A line handed in
   * again, with the same intent, is answered with what became of it the first time.
   */
  importSteps(source: LineSource, wait: Wait): AsyncGenerator<LineAnswer>
}

export const createStepExchange = (deps: ExportDeps & ImportDeps): StepExchange => ({
  exportSteps: (wish, format) => (format === 'csv' ? toTable(deps, wish) : toLines(deps, wish)),
  importSteps: (source, wait) => importSteps(deps, readSource(source), wait),
})

async function* toLines(deps: ExportDeps, wish: ExportWish): AsyncGenerator<string> {
  for await (const step of exportSteps(deps, wish)) yield toJsonLine(step)
}

async function* toTable(deps: ExportDeps, wish: ExportWish): AsyncGenerator<string> {
  const columns = [...PLAIN_COLUMNS, ...(await columnsOf(deps, wish))]
  yield toCsv(columns)
  for await (const step of exportSteps(deps, wish)) yield toCsv(cellsOf(step, columns))
}
