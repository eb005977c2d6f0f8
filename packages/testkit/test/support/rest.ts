import assert from 'node:assert/strict'
import type { Party } from '../../src/party.ts'

export const space = '/api/v1/namespaces/default'

export interface Answer {
  readonly status: number
  readonly body: unknown
}

/** Bare calls of a party's node, that show status and body whatever they are. */
export function createRest({ url }: Pick<Party, 'url'>) {
  /** A text goes as it is, anything else as JSON. */
  async function call(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${url}${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json')
    return { status: response.status, body: isJson ? JSON.parse(text) : text }
  }

  /** A call that must succeed, below the namespace. */
  async function get<T>(path: string): Promise<T> {
    const { status, body } = await call('GET', `${space}/${path}`)
    assert.equal(status, 200, `${path}: ${JSON.stringify(body)}`)
    return body as T
  }
  return { call, get }
}
