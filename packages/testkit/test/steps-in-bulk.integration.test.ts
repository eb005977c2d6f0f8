import assert from 'node:assert/strict'
import { request } from 'node:http'
import type { Network } from '../src/network.ts'
import type { Party } from '../src/party.ts'
import { tellOnEachDialect } from './support/dialects.ts'
import { agreeOn, begin, rowOf, tally } from './support/process-work.ts'

interface Answer {
  readonly line: number
  readonly status: string
  readonly process?: string
  readonly intent?: string
  readonly n?: number
  readonly code?: string
  readonly error?: string
}

interface HandingIn {
  readonly type?: string
  /** Hangs up after this many answers. */
  readonly until?: number
}

/** Hands in a text, and resolves the answers that came. */
async function handIn(party: Party, text: string, options: HandingIn = {}): Promise<Answer[]> {
  const { type = 'application/x-ndjson', until = Number.POSITIVE_INFINITY } = options
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const url = `${party.url}/api/v1/namespaces/default/processes/import?confirm`
  const call = request(url, { method: 'POST', headers: { 'content-type': type } }, (response) => {
    let body = ''
    response.setEncoding('utf8')
    response.on('data', (piece: string) => {
      body += piece
      if (body.split('\n').length > until) call.destroy()
    })
    response.on('end', () => resolve(body))
    response.on('close', () => resolve(body))
  })
  call.on('error', (error) => (until === Number.POSITIVE_INFINITY ? reject(error) : undefined))
  call.end(text)
  const complete = (await promise).split('\n').slice(0, -1)
  return complete.map((line): Answer => JSON.parse(line))
}

const fetchText = async (party: Party, query: string): Promise<string> => {
  const response = await fetch(`${party.url}/api/v1/namespaces/default/processes/export?${query}`)
  assert.equal(response.status, 200)
  return await response.text()
}

/** Instances of a tally, and the party that keeps it. */
async function tallies({ party }: Network, flow: string, count: number): Promise<string[]> {
  const parties = { keeper: 'a', reader: 'b' }
  return await Promise.all(
    Array.from({ length: count }, () => begin(party('a'), { flow, parties })),
  )
}

const totalOf = async (party: Party, id: string): Promise<unknown> =>
  JSON.parse((await rowOf(party, id))?.view ?? '{}').state?.total

const LINES = 1000
const isBad = (i: number): boolean => i % 97 === 13
const isTooMuch = (i: number): boolean => i % 50 === 7
const BAD = ['{"process":', '{}', '{"process":"x","step":"add","intent":"q"}']

function lineFor(ids: readonly string[], i: number): string {
  if (isBad(i)) return BAD[i % BAD.length] ?? ''
  const input = { amount: isTooMuch(i) ? 101 : 1 }
  return JSON.stringify({ process: ids[i % ids.length], step: 'add', intent: `line-${i}`, input })
}

const expectedOf = (i: number): string =>
  isBad(i) ? 'bad' : isTooMuch(i) ? 'refused TOO_MUCH' : `accepted line-${i}`

const summaryOf = ({ status, code, intent }: Answer): string =>
  status === 'bad' ? status : `${status} ${code ?? intent}`

tellOnEachDialect(
  { parties: ['a', 'b'] },
  {
    'a thousand lines, bad ones among them, are answered in their order; cut off and handed in again, each counts once':
      async (network) => {
        const a = network.party('a')
        const b = network.party('b')
        const flow = await agreeOn(network, tally)
        const ids = await tallies(network, flow, 100)
        const lines = Array.from({ length: LINES }, (_, i) => lineFor(ids, i))
        const text = `${lines.join('\n')}\n`
        const cut = await handIn(a, text, { until: 200 })
        assert(cut.length >= 200 && cut.length < LINES, `${cut.length}`)
        const answers = await handIn(a, text)
        assert.deepEqual(
          answers.map(({ line }) => line),
          lines.map((_, i) => i + 1),
        )
        assert.deepEqual(
          answers.map(summaryOf),
          lines.map((_, i) => expectedOf(i)),
        )
        const counts = new Map(ids.map((id) => [id, 0]))
        for (const { process = '', status } of answers)
          if (status === 'accepted') counts.set(process, (counts.get(process) ?? 0) + 1)
        for (const [i, answer] of cut.entries()) assert.deepEqual(answer, answers[i])
        for (const id of ids) assert.equal(await totalOf(a, id), counts.get(id))

        const exported = await fetchText(a, 'flow=tally&step=add')
        const steps = exported
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line))
        const accepted = answers.filter(({ status }) => status === 'accepted')
        assert.equal(steps.length, accepted.length)
        assert.deepEqual(
          new Set(steps.map(({ intent }) => intent)),
          new Set(accepted.map(({ intent }) => intent)),
        )
        const half = await fetchText(a, `flow=tally&step=add&limit=300`)
        const cursor = JSON.parse(half.trimEnd().split('\n').at(-1) ?? '').cursor
        const rest = await fetchText(a, `flow=tally@1.0.0&step=add&since=${cursor}`)
        assert.equal(half + rest, exported)

        const [id = ''] = ids
        await b.until(async () => (await totalOf(b, id)) === counts.get(id), 'b has them too')
      },

    'a table is handed in and fetched, with a column for each part of a step': async (network) => {
      const a = network.party('a')
      const flow = await agreeOn(network, tally)
      const [id = ''] = await tallies(network, flow, 1)
      const table = [
        'process,step,intent,input.amount,input.note',
        `${id},add,row-1,2,"two, at once"`,
        `${id},add,row-2,three,`,
        `${id},add,row-3,40,`,
        '',
      ].join('\r\n')
      const answers = await handIn(a, table, { type: 'text/csv' })
      assert.deepEqual(
        answers.map(({ line, status, code, n }) => [line, status, code ?? n]),
        [
          [2, 'accepted', 1],
          [3, 'refused', 'INPUT_SCHEMA'],
          [4, 'accepted', 2],
        ],
      )
      const fetched = await fetchText(a, `flow=${flow}&step=add&format=csv&since=0`)
      const [head = '', ...rows] = fetched.trimEnd().split('\r\n')
      assert.equal(
        head,
        'cursor,process,flow,n,step,role,author,message,intent,time,input.amount,input.note,output.total',
      )
      const own = rows.filter((row) => row.includes(id))
      assert.equal(own.length, 2)
      assert.match(
        own[0] ?? '',
        /,tally@1\.0\.0,1,add,keeper,did:firefly:org\/a,.*,2,"two, at once",2$/,
      )
      assert.match(own[1] ?? '', /,row-3,.*,40,,42$/)
    },

    'a list of steps is handed in as JSON; what can not be asked for is refused': async (
      network,
    ) => {
      const a = network.party('a')
      const flow = await agreeOn(network, tally)
      const [process] = await tallies(network, flow, 1)
      const list = [{ process, step: 'add', intent: 'listed', input: { amount: 5 } }]
      const type = 'application/json'
      const [answer, ...more] = await handIn(a, JSON.stringify(list), { type })
      assert.deepEqual([answer?.status, more.length], ['accepted', 0])
      const base = `${a.url}/api/v1/namespaces/default/processes`
      for (const query of ['since=x', 'limit=-1', 'format=xml']) {
        const { status } = await fetch(`${base}/export?${query}`)
        assert.equal(status, 400, query)
      }
      const { status } = await fetch(`${base}/import`, {
        method: 'POST',
        headers: { 'content-type': 'application/xml' },
        body: '<steps/>',
      })
      assert.equal(status, 415)
    },
  },
)
