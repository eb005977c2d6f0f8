import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import { field } from './chain/rpc.ts'
import type { Party } from './network.ts'

const limitMs = 60_000
const pauseMs = 50

/** Registers a party's organisation; nothing happens if it is registered. */
export const registerOrg = (party: Party, stop: AbortSignal): Promise<void> =>
  register(party, 'org', 'network/organizations/self', stop)

/** Registers its node; the organisation must be registered. */
export const registerNode = (party: Party, stop: AbortSignal): Promise<void> =>
  register(party, 'node', 'network/nodes/self', stop)

/** Resolves when a party knows the nodes of all. */
export async function untilAllKnown(party: Party, count: number, stop: AbortSignal): Promise<void> {
  await until(`${party.name} to know all nodes`, stop, async () => {
    const { body } = await request(party, 'network/nodes', stop)
    return Array.isArray(body) && body.length >= count
  })
}

async function register(
  party: Party,
  what: 'org' | 'node',
  path: string,
  stop: AbortSignal,
): Promise<void> {
  const isRegistered = async (): Promise<boolean> => {
    const { body } = await request(party, 'status', stop)
    return field(field(body, what), 'registered') === true
  }
  if (await isRegistered()) return
  const { status, body } = await request(party, `${path}?confirm=true`, stop, json({}))
  if (status < 300) return
  // A claim sent before a crash may be on its way.
  if (status !== 409) {
    const reason = String(field(body, 'error') ?? `HTTP ${status}`)
    throw new Failure(`${party.name} could not be registered: ${reason}`)
  }
  await until(`${party.name} to be registered`, stop, isRegistered)
}

/** Tells all of a process definition, and has every party adopt it; nothing happens where that was done before. */
export async function agreeOn(
  parties: readonly Party[],
  { flow, text }: { readonly flow: string; readonly text: string },
  stop: AbortSignal,
): Promise<void> {
  const [first] = parties
  if (!first) return
  await must(first, 'flows?confirm=true', stop, { text, type: 'application/yaml' })
  await Promise.all(
    parties.map(async (party) => {
      await until(`${party.name} to know ${flow}`, stop, async () => {
        const { status } = await request(party, `flows/${flow}`, stop)
        return status < 300
      })
      await must(party, `flows/${flow}/adopt?confirm=true`, stop, json({}))
    }),
  )
}

async function must(party: Party, path: string, stop: AbortSignal, body: Body): Promise<void> {
  const { status, body: answer } = await request(party, path, stop, body)
  if (status < 300) return
  const reason = String(field(answer, 'error') ?? `HTTP ${status}`)
  throw new Failure(`${party.name} refused ${path}: ${reason}`)
}

async function until(
  what: string,
  stop: AbortSignal,
  isTrue: () => Promise<boolean>,
): Promise<void> {
  const attempts = limitMs / pauseMs
  for (let i = 0; i < attempts; i++) {
    if (await isTrue()) return
    await delay(pauseMs, undefined, { signal: stop })
  }
  throw new Failure(`waited ${limitMs / 1000} s in vain for ${what}`)
}

interface Body {
  readonly type: string
  readonly text: string
}

const json = (value: object): Body => ({ type: 'application/json', text: JSON.stringify(value) })

async function request(
  { name, apiPort }: Party,
  path: string,
  stop: AbortSignal,
  body?: Body,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const url = `http://127.0.0.1:${apiPort}/api/v1/namespaces/default/${path}`
  const signal = AbortSignal.any([stop, AbortSignal.timeout(limitMs)])
  const init =
    body === undefined
      ? { signal }
      : { method: 'POST', headers: { 'content-type': body.type }, body: body.text, signal }
  try {
    const response = await fetch(url, init)
    return { status: response.status, body: await response.json() }
  } catch (cause) {
    if (stop.aborted) throw stop.reason
    throw new Failure(`${name} does not answer at ${url}`, { cause })
  }
}
