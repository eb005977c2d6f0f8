import Type from 'typebox'
import type { AdapterSchemas } from './table-plugins.ts'

const strict = { additionalProperties: false }
/** Adapters with little schemas. */
export const adapters: AdapterSchemas = {
  blockchain: [
    {
      type: 'evm',
      configSchema: Type.Object(
        {
          url: Type.String({ pattern: '^http', description: 'Where the chain is' }),
          confirmations: Type.Optional(Type.Integer({ default: 20 })),
          keys: Type.Optional(
            Type.Array(
              Type.Union([
                Type.Object({ type: Type.Literal('file'), file: Type.String() }, strict),
                Type.Object({ type: Type.Literal('secret'), secret: Type.String() }, strict),
              ]),
            ),
          ),
        },
        strict,
      ),
    },
  ],
  dataexchange: [
    { type: 'mtls', configSchema: Type.Object({ port: Type.Integer() }, strict) },
    { type: 'memory', configSchema: Type.Object({}, strict) },
  ],
  sharedstorage: [{ type: 'peer', configSchema: Type.Object({}, strict) }],
}

export const namespace = {
  name: 'default',
  plugins: ['db', 'chain', 'dx', 'ss'],
  multiparty: {
    enabled: true,
    org: { name: 'org_0', key: '0xabc' },
    node: { name: 'node_0' },
    contract: [{ location: { address: '0x1234' }, firstEvent: 'oldest' }],
  },
}
/** A configuration without faults. */
export const good = {
  plugins: {
    database: [{ name: 'db', type: 'sqlite3', sqlite3: { url: 'my.db' } }],
    blockchain: [{ name: 'chain', type: 'evm', evm: { url: 'http://localhost:8545' } }],
    dataexchange: [{ name: 'dx', type: 'mtls', mtls: { port: 6001 } }],
    sharedstorage: [{ name: 'ss', type: 'peer' }],
  },
  namespaces: { default: 'default', predefined: [namespace] },
}

export const withNamespace = (...changes: object[]): object => ({
  ...good,
  namespaces: { predefined: changes.map((change) => ({ ...namespace, ...change })) },
})
