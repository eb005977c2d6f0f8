import assert from 'node:assert/strict'
import { it } from 'node:test'
import { loadTransport } from './transport-module.ts'

const moduleOf = (source: string): string => `data:text/javascript,${encodeURIComponent(source)}`

it('takes a transport from a module, under the configured name', async () => {
  const source = `export const transport = { name: 'x', validateOptions: (options) => ({ ...options, seen: true }) }`
  const transport = await loadTransport(moduleOf(source), 'pigeons')
  assert.equal(transport.name, 'pigeons')
  assert.deepEqual(transport.validateOptions({}), { seen: true })
  assert.equal(transport.open, undefined)
})

it('refuses a module without one', async () => {
  for (const source of ['export {}', 'export const transport = {}', 'export const transport = 1']) {
    await assert.rejects(loadTransport(moduleOf(source), 'x'), /does not export/)
  }
})
