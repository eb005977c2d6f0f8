import { type Flow, NodeError, type RawJson } from '@concordat/protocol'
import {
  diffDefinitions,
  type LoadedDefinition,
  type LoadResult,
  loadDefinition,
  parseStrict,
  toBpmn,
  toMermaid,
  toOpenApi,
  toTypes,
} from '@concordat/protocol/process'
import { loadYaml } from '@concordat/protocol/process/yaml'
import {
  getFlow,
  getFlowDiagram,
  getFlowDiff,
  getFlowOpenApi,
  getFlows,
  getFlowTypes,
  postFlow,
  postFlowAdopt,
} from '@concordat/protocol/routes'
import type { FastifyRequest } from 'fastify'
import type { Namespace } from '../../namespace.ts'
import { flowFields, listFlows, getFlow as readFlow } from '../../store/tables/flows.ts'
import { isYaml } from '../content-type.ts'
import { handle, TextReply } from '../handler.ts'
import { firstValue, type Query } from '../query.ts'
import { replyList } from './find.ts'

export const flowHandlers = [
  handle(postFlow, async ({ namespace, body, query, request, wait }) => {
    const { document } = mustLoad(isYaml(request) ? readYaml(request) : readJson(body))
    return namespace.processes.propose({ definition: document, members: membersOf(query) }, wait)
  }),
  handle(postFlowAdopt, async ({ namespace, params, wait }) => {
    const { hash } = await findFlow(namespace, params.flow)
    return namespace.processes.adopt(hash, wait)
  }),
  handle(getFlows, (call, context) => replyList(call, context, flowFields, listFlows)),
  handle(getFlow, ({ namespace, params }) => findFlow(namespace, params.flow)),
  handle(getFlowDiagram, async ({ namespace, params, query, request }) => {
    const asBpmn = wantsBpmn(query, request)
    const { document } = await loadFlow(namespace, params.flow)
    return asBpmn
      ? new TextReply(toBpmn(document), 'application/xml')
      : new TextReply(toMermaid(document), 'text/vnd.mermaid')
  }),
  handle(getFlowOpenApi, async ({ namespace, params }, { publicURL }) => {
    const base = `${publicURL.replace(/\/$/, '')}/api/v1/namespaces/${namespace.name}`
    return { ...toOpenApi(await loadFlow(namespace, params.flow), base) }
  }),
  handle(getFlowTypes, async ({ namespace, params }) => {
    return new TextReply(toTypes(await loadFlow(namespace, params.flow)), 'text/plain')
  }),
  handle(getFlowDiff, async ({ namespace, params, query }) => {
    const other = firstValue(query, 'with')
    if (!other) throw new NodeError('FF10131', { field: 'with' })
    const before = await loadFlow(namespace, params.flow)
    const after = await loadFlow(namespace, other)
    return [...diffDefinitions(before.document, after.document)]
  }),
]

const readJson = (body: RawJson): LoadResult => loadDefinition(parseStrict(body.text))

const readYaml = ({ body }: FastifyRequest): LoadResult =>
  loadYaml(typeof body === 'string' ? body : '').result

/** Most faults that the text of the error names; the answer holds all. */
const NAMED_FAULTS = 3

function mustLoad({ definition, faults, warnings }: LoadResult): LoadedDefinition {
  if (definition) return definition
  const named = faults.slice(0, NAMED_FAULTS).map(({ message }) => message)
  const rest = faults.length > NAMED_FAULTS ? [`and ${faults.length - NAMED_FAULTS} more`] : []
  throw new NodeError(
    'CC21001',
    { faults: [...named, ...rest].join(' ') },
    { facts: { faults, warnings } },
  )
}

/** Those that a definition is for, when it is not for all. */
function membersOf(query: Query): readonly string[] | undefined {
  if (!query.members) return undefined
  const members = query.members
    .flatMap((text) => text.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (members.length === 0) throw new NodeError('CC20002', { reason: "'members' names nobody" })
  return members
}

const HASH = /^(0x)?[0-9a-fA-F]{64}$/

/** A definition as a path names it. */
async function findFlow({ database, name }: Namespace, reference: string): Promise<Flow> {
  const key = HASH.test(reference) ? reference.toLowerCase().replace(/^0x/, '') : reference
  const flow = await readFlow(database.read, name, key)
  if (!flow) throw new NodeError('CC21002', { flow: reference.slice(0, 200) })
  return flow
}

async function loadFlow(namespace: Namespace, reference: string): Promise<LoadedDefinition> {
  const flow = await findFlow(namespace, reference)
  const { definition, outcome } = loadDefinition(parseStrict(flow.definition.text))
  if (!definition) {
    throw new NodeError('CC21003', { flow: reference, reason: `it is ${outcome}` })
  }
  return definition
}

const XML_TYPES = ['application/xml', 'text/xml']
const TEXT_TYPES = ['text/vnd.mermaid', 'text/plain', 'text/html', 'text/*', '*/*']

/** `format` decides, else the first type in `Accept` that is known. */
function wantsBpmn(query: Query, { headers }: FastifyRequest): boolean {
  const format = firstValue(query, 'format')
  if (format === 'bpmn' || format === 'mermaid') return format === 'bpmn'
  if (format !== undefined)
    throw new NodeError('CC20002', { reason: "'format' is one of mermaid, bpmn" })
  const accepted = (headers.accept ?? '').split(',').map((part) => part.split(';')[0]?.trim() ?? '')
  const known = accepted.find((type) => XML_TYPES.includes(type) || TEXT_TYPES.includes(type))
  return known !== undefined && XML_TYPES.includes(known)
}
