import { formatTime } from '@concordat/protocol'
import {
  canonicalJson,
  type Json,
  type JsonMap,
  type StepRecord,
} from '@concordat/protocol/process'
import type { Database } from '../../store/database.ts'
import { toSpineEvent } from '../process-events.ts'

export interface ExportDeps {
  readonly namespace: string
  readonly database: Database
}

/** Which accepted steps are wanted. */
export interface ExportWish {
  /** The definition's name, hash, or name@version; `1` is any version that begins with `1.`. */
  readonly flow?: string | undefined
  /** Names of steps; none for all. */
  readonly steps: readonly string[]
  /** Only what was decided here after this one. */
  readonly since: number
  readonly limit?: number | undefined
}

/** An accepted step, with all that a system outside needs to know of it. */
export interface ExportedStep {
  /** Grows from step to step: what comes after it is asked for by it. */
  readonly cursor: number
  readonly process: string
  /** `name@version` */
  readonly flow: string
  readonly n: number
  readonly step: string
  readonly role?: string
  /** DID. */
  readonly author: string
  readonly message?: string
  readonly intent?: string
  /** Of the block, RFC 3339. */
  readonly time: string
  readonly input: JsonMap
  readonly output: JsonMap
}

const PAGE = 200

/** Accepted steps in the order in which they were decided here, up to the last there is now. */
export async function* exportSteps(
  deps: ExportDeps,
  wish: ExportWish,
): AsyncGenerator<ExportedStep> {
  const newest = await newestDecision(deps)
  let { since } = wish
  let left = wish.limit ?? Number.POSITIVE_INFINITY
  while (left > 0) {
    const page = await readPage(deps, { ...wish, since }, newest, Math.min(PAGE, left))
    yield* page
    left -= page.length
    const last = page.at(-1)
    if (!last || page.length < PAGE) return
    since = last.cursor
  }
}

async function newestDecision({ database, namespace }: ExportDeps): Promise<number> {
  const row = await database.read
    .selectFrom('decisions')
    .select(({ fn }) => fn.max('seq').as('seq'))
    .where('namespace', '=', namespace)
    .where('verdict', '=', 'accepted')
    .executeTakeFirst()
  return Number(row?.seq ?? 0)
}

async function readPage(
  { database, namespace }: ExportDeps,
  { flow, steps, since }: ExportWish,
  newest: number,
  limit: number,
): Promise<ExportedStep[]> {
  const [name = '', version = ''] = (flow ?? '').split('@')
  const isHash = /^[0-9a-f]{64}$/.test(flow ?? '')
  const rows = await database.read
    .selectFrom('decisions as d')
    .innerJoin('processes as p', (join) =>
      join.onRef('p.namespace', '=', 'd.namespace').onRef('p.id', '=', 'd.process'),
    )
    .leftJoin('processEvents as e', (join) =>
      join
        .onRef('e.namespace', '=', 'd.namespace')
        .onRef('e.process', '=', 'd.process')
        .onRef('e.message', '=', 'd.message')
        .on('e.void', 'is', null),
    )
    .selectAll('e')
    .select(['d.seq as cursor', 'd.process as instance', 'd.record', 'p.name', 'p.version'])
    .where('d.namespace', '=', namespace)
    .where('d.verdict', '=', 'accepted')
    .where('d.seq', '>', since)
    .where('d.seq', '<=', newest)
    .$if(steps.length > 0, (query) => query.where('d.step', 'in', steps))
    .$if(isHash, (query) => query.where('p.flow', '=', flow ?? ''))
    .$if(!isHash && name !== '', (query) => query.where('p.name', '=', name))
    .$if(!isHash && version !== '', (query) =>
      query.where((eb) =>
        eb.or([eb('p.version', '=', version), eb('p.version', 'like', `${version}.%`)]),
      ),
    )
    .orderBy('d.seq')
    .limit(limit)
    .execute()
  return rows.map(({ cursor, instance, record, name: named, version: of, ...event }) =>
    toStep({ cursor, process: instance, flow: `${named}@${of}` }, JSON.parse(record), event),
  )
}

type NullableEvent = { [K in keyof Event]: Event[K] | null }
type Event = Parameters<typeof toSpineEvent>[0]

function toStep(
  place: Pick<ExportedStep, 'cursor' | 'process' | 'flow'>,
  { n, t, step, role, author, message, output }: StepRecord,
  event: NullableEvent,
): ExportedStep {
  const payload = isEvent(event) ? toSpineEvent(event)?.payload : undefined
  const submitted = payload?.kind === 'step' ? payload.step : undefined
  return {
    ...place,
    n,
    step: step ?? '',
    ...(role !== undefined && { role }),
    author,
    ...(message && { message: message.id }),
    ...(submitted && { intent: submitted.intent }),
    time: formatTime(t * 1000),
    input: submitted?.input ?? {},
    output: output ?? {},
  }
}

const isEvent = (event: NullableEvent): event is Event => event.seq !== null

/** A step's facts by name, as cells of a table; each part of input and output has a column of its own if these are named. */
export function cellsOf(step: ExportedStep, columns: readonly string[]): string[] {
  return columns.map((column) => {
    const [root = '', name] = column.split('.')
    const facts: { readonly [name: string]: Json | undefined } = { ...step }
    const value = name === undefined ? facts[root] : partOf(facts[root], name)
    if (value === undefined || value === null) return ''
    return typeof value === 'string' ? value : canonicalJson(value)
  })
}

function partOf(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.hasOwn(value, name) ? (value as JsonMap)[name] : undefined
}

/** Columns of the facts that every step has. */
export const PLAIN_COLUMNS = 'cursor process flow n step role author message intent time'.split(' ')
