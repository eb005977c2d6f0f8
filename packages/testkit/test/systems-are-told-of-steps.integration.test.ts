import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { stringify } from 'yaml'
import { tellOnEachDialect } from './support/dialects.ts'
import { type Hit, startTarget } from './support/http-target.ts'
import { agreeOn, begin, take, tally } from './support/process-work.ts'

const secret = `whsec_${Buffer.alloc(24, 9).toString('base64')}`

/** Refuses its first calls, and those that come while it is down. */
let isDown = true
const erp = await startTarget((_hit, response) => {
  response.writeHead(isDown ? 503 : 204).end()
})
const archive = await startTarget((_hit, response) => response.writeHead(200).end('thank you'))
const folder = await mkdtemp(join(tmpdir(), 'sync-'))
after(async () => {
  await erp[Symbol.asyncDispose]()
  await archive[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})
const file = join(folder, 'bindings.yaml')
await writeFile(
  file,
  stringify({
    'tally@1': {
      sync: {
        erp: { on: ['accepted:add'], push: `${erp.url}/added`, every: '1s', secret },
        archive: { push: `${archive.url}/all`, every: '1s', format: 'csv' },
      },
    },
  }),
)

interface Told {
  readonly process: string
  readonly n: number
  readonly input: { readonly amount: number }
}

const toldIn = ({ body }: Hit): Told[] =>
  body
    .trimEnd()
    .split('\n')
    .map((line): Told => JSON.parse(line))

/** Amounts of an instance's steps as the system was told, each as often as it was. */
const amountsOf = (hits: readonly Hit[], id: string): number[] =>
  hits
    .flatMap(toldIn)
    .filter(({ process }) => process === id)
    .map(({ input }) => input.amount)

tellOnEachDialect(
  {
    parties: ['a', 'b'],
    configure: (yaml, party) => {
      if (party !== 'a') return yaml
      const predefined = yaml.namespaces.predefined.map((namespace) => ({
        ...namespace,
        processes: { bindings: file },
      }))
      return { ...yaml, namespaces: { ...yaml.namespaces, predefined } }
    },
  },
  {
    'systems are told of each accepted step, from where they have answered, through a restart':
      async (network) => {
        isDown = true
        const before = erp.hits.length
        const a = network.party('a')
        const flow = await agreeOn(network, tally)
        const id = await begin(a, { flow, parties: { keeper: 'a', reader: 'b' } })
        await take(a, id, 'add', { amount: 1 })
        await take(a, id, 'add', { amount: 2 })
        await a.until(async () => erp.hits.length > before, 'it is called')
        await a.stop()
        isDown = false
        const answered = erp.hits.length
        await a.start()
        const ofNow = () => amountsOf(erp.hits.slice(answered), id)
        await a.until(async () => ofNow().length >= 2, 'it is told what it refused')
        assert.deepEqual(ofNow(), [1, 2])
        await take(a, id, 'add', { amount: 3 })
        await take(a, id, 'end')
        await a.until(async () => ofNow().length >= 3, 'it is told of what came since')
        assert.deepEqual(ofNow(), [1, 2, 3], 'and of nothing twice, nor of other steps')
        await a.until(
          async () => archive.hits.some(({ body }) => body.includes(`${id},tally@1.0.0,4,end,`)),
          'the other system is told of every step',
        )

        const hit = erp.hits.at(-1)
        assert(hit)
        const { headers, body, url } = hit
        assert.equal(url, '/added')
        assert.equal(headers['content-type'], 'application/x-ndjson')
        const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
        const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
        const mac = createHmac('sha256', key).update(signed).digest('base64')
        assert.equal(headers['webhook-signature'], `v1,${mac}`)
        assert.match(archive.hits.at(-1)?.body ?? '', /^cursor,process,flow,n,step,/)
      },
  },
)
