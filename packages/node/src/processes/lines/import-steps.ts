import { NodeError } from '@concordat/protocol'
import type { JsonMap } from '@concordat/protocol/process'
import type { Wait } from '../../namespace.ts'
import type { ProcessCommands, StepResult } from '../processes.ts'
import type { Spine } from '../spine.ts'
import { inOrder } from './in-order.ts'
import { readCells } from './read-cells.ts'
import { BadLine, type NumberedLine, type StepLine } from './step-line.ts'

export interface ImportDeps {
  readonly submit: ProcessCommands['submit']
  readonly spine: Pick<Spine, 'find'>
}

/** What became of a line. */
export interface LineAnswer {
  readonly line: number
  /** `bad`: it has no step; `failed`: it can be handed in again as it is. */
  readonly status: 'accepted' | 'sent' | 'lost' | 'refused' | 'bad' | 'failed'
  readonly process?: string
  readonly step?: string
  readonly intent?: string
  /** Of the message that carries the step. */
  readonly message?: string
  /** Number of the decision. */
  readonly n?: number
  readonly code?: string
  readonly error?: string
}

/** Lines worked on at a time. */
const WINDOW = 256
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/**
 * Submits the step of each line, and answers the lines in their order. Steps of one instance are submitted one after another.
 * A line handed in again is answered with what became of it the first time, if it was sent.
 */
export async function* importSteps(
  deps: ImportDeps,
  lines: AsyncIterable<NumberedLine>,
  wait: Wait,
): AsyncGenerator<LineAnswer> {
  const last = new Map<string, Promise<unknown>>()
  yield* inOrder(lines, WINDOW, ({ line, read }) => {
    if (read instanceof BadLine)
      return Promise.resolve({ line, status: 'bad' as const, error: read.reason })
    const before = last.get(read.process) ?? Promise.resolve()
    const answer = before.then(() => answerOf(deps, line, read, wait))
    last.set(read.process, answer)
    void answer.then(() => {
      if (last.get(read.process) === answer) last.delete(read.process)
    })
    return answer
  })
}

/** Never rejects. */
async function answerOf(
  deps: ImportDeps,
  line: number,
  read: StepLine,
  wait: Wait,
): Promise<LineAnswer> {
  const { process, step, intent, role, expect } = read
  const about = { line, process, step, intent }
  if (wait.signal.aborted) return { ...about, status: 'failed', error: 'the caller is gone' }
  if (!UUID.test(process)) return { ...about, status: 'bad', error: 'process is no UUID' }
  try {
    const input = await inputOf(deps, read)
    const result = await deps.submit({ process, step, intent, role, expect, input }, wait)
    return { ...about, ...factsOf(result) }
  } catch (error) {
    if (!(error instanceof NodeError))
      return { ...about, status: 'failed', error: 'an error of this node: see its log' }
    const isPassing = error.retryable || error.status >= 500 || error.status === 408
    return { ...about, status: isPassing ? 'failed' : 'bad', error: error.message }
  }
}

async function inputOf(
  { spine }: ImportDeps,
  { input, process, step }: StepLine,
): Promise<JsonMap> {
  if (!(input instanceof Map)) return input as JsonMap
  const instance = await spine.find(process)
  return readCells(input, instance?.state?.frame.definition.steps.get(step)?.input)
}

function factsOf({ decision, message }: StepResult): Omit<LineAnswer, 'line'> {
  const sent = message === undefined ? {} : { message }
  if (!decision) return { status: 'sent', ...sent }
  const { verdict, n, code, rule } = decision
  if (verdict === 'accepted') return { status: 'accepted', ...sent, n }
  return {
    status: code === 'CONFLICT' ? 'lost' : 'refused',
    ...sent,
    ...(message !== undefined && { n }),
    ...(code !== undefined && { code: code === 'CONFLICT' ? (rule ?? code) : code }),
  }
}
