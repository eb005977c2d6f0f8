import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adapters, good, namespace, withNamespace } from './config.fixture.ts'
import { type ConfigResult, configReference, type NodeConfig, parseConfig } from './config.ts'

const read = (raw: unknown): ConfigResult => parseConfig(raw, { baseDir: '/base', adapters })

function accepted(raw: unknown): NodeConfig {
  const result = read(raw)
  if (!result.ok) assert.fail(JSON.stringify(result.faults))
  return result.config
}

const faultsOf = (raw: unknown): string[] => {
  const result = read(raw)
  return result.ok
    ? []
    : result.faults.map(({ path, problem, mend }) => `${path}: ${problem}; ${mend}`)
}

test('a small configuration gets every default', () => {
  const config = accepted(good)
  assert.equal(config.http.port, 5000)
  assert.equal(config.api.requestTimeout, 120_000)
  assert.equal(config.broadcast.batch.payloadLimit, 800 * 1024)
  assert.equal(config.dataDir, '/base/data')
  assert.deepEqual(config.database, { name: 'db', type: 'sqlite3', config: { url: '/base/my.db' } })
  assert.deepEqual(config.plugins.blockchain[0]?.config, {
    url: 'http://localhost:8545',
    confirmations: 20,
  })
  const [only] = config.namespaces
  assert.deepEqual(only?.plugins, {
    database: 'db',
    blockchain: 'chain',
    dataexchange: 'dx',
    sharedstorage: 'ss',
  })
  assert.equal(only?.multiparty?.networkNamespace, 'default')
})

test('keys are read in any case, those of adapters too', () => {
  const config = accepted({
    ...good,
    HTTP: { PORT: 7000, publicurl: 'http://x' },
    plugins: {
      ...good.plugins,
      blockchain: [
        {
          NAME: 'chain',
          Type: 'EVM',
          Evm: { URL: 'http://x', Keys: [{ TYPE: 'file', FILE: 'k.key' }] },
        },
      ],
    },
  })
  assert.equal(config.http.port, 7000)
  assert.equal(config.http.publicURL, 'http://x')
  assert.deepEqual(config.plugins.blockchain[0]?.config, {
    url: 'http://x',
    confirmations: 20,
    keys: [{ type: 'file', file: '/base/k.key' }],
  })
})

test('a namespace that names no plugins uses all, and one without an organisation is a gateway', () => {
  const config = accepted({ ...good, namespaces: { predefined: [{ name: 'default' }] } })
  assert.equal(config.namespaces[0]?.multiparty, undefined)
  assert.equal(config.namespaces[0]?.plugins.blockchain, 'chain')
})

test('a local name may differ from the network name', () => {
  const multiparty = { ...namespace.multiparty, networknamespace: 'shared' }
  const config = accepted({
    ...good,
    namespaces: { default: 'here', predefined: [{ ...namespace, name: 'here', multiparty }] },
  })
  assert.equal(config.defaultNamespace, 'here')
  assert.equal(config.namespaces[0]?.multiparty?.networkNamespace, 'shared')
})

const withPlugins = (plugins: object): object => ({
  ...good,
  plugins: { ...good.plugins, ...plugins },
})
const withMultiparty = (change: object): object =>
  withNamespace({ multiparty: { ...namespace.multiparty, ...change } })

const faulty: [string, unknown, RegExp][] = [
  ['a list', [], /\(?.*a list where a section is needed/],
  ['an unknown key', { ...good, htpp: {} }, /^htpp: unknown key; did you mean "http"\?/],
  [
    'an unknown key below',
    { ...good, http: { prot: 1 } },
    /^http\.prot: unknown key; did you mean "port"/,
  ],
  [
    'a FireFly key without meaning',
    { ...good, metrics: {} },
    /^metrics: a FireFly key .*use monitoring/,
  ],
  ['a key twice', { ...good, http: { port: 1, PORT: 2 } }, /^http\.PORT: stands twice/],
  ['a text for a number', { ...good, http: { port: 'many' } }, /^http\.port: .*whole number/],
  ['a port out of range', { ...good, http: { port: 70_000 } }, /^http\.port: .*0 to 65535/],
  [
    'a bad duration',
    { ...good, api: { requestTimeout: '5 parsecs' } },
    /^api\.requestTimeout: .*duration/,
  ],
  [
    'a bad size',
    { ...good, broadcast: { batch: { payloadLimit: 'big' } } },
    /payloadLimit: .*size/,
  ],
  ['a bad word', { ...good, log: { level: 'loud' } }, /^log\.level: .*debug, info/],
  ['a bad flag', { ...good, cors: { enabled: 'perhaps' } }, /^cors\.enabled: .*true or false/],
  [
    'a section for a list',
    withPlugins({ database: {} }),
    /^plugins\.database: a section where a list/,
  ],
  ['no database', withPlugins({ database: [] }), /^plugins\.database: no database/],
  [
    'two databases',
    withPlugins({ database: [...good.plugins.database, { name: 'b', type: 'sqlite3' }] }),
    /^plugins\.database: more than one database/,
  ],
  ...(['ethereum', 'fabric'] as const).map((type): [string, unknown, RegExp] => [
    `FireFly's ${type}`,
    withPlugins({ blockchain: [{ name: 'chain', type, [type]: {} }] }),
    /^plugins\.blockchain\[0\]\.type: type \w+ is not supported here; use evm/,
  ]),
  [
    "FireFly's ffdx",
    withPlugins({ dataexchange: [{ name: 'dx', type: 'ffdx', ffdx: { url: 'x' } }] }),
    /^plugins\.dataexchange\[0\]\.type: type ffdx is not supported here; use mtls/,
  ],
  [
    'a type that is none',
    withPlugins({ sharedstorage: [{ name: 'ss', type: 'floppy' }] }),
    /^plugins\.sharedstorage\[0\]\.type: no such type/,
  ],
  [
    'a plugin without a type',
    withPlugins({ sharedstorage: [{ name: 'ss' }] }),
    /^plugins\.sharedstorage\[0\]\.type: missing; write one of: peer/,
  ],
  [
    'a section of another type',
    withPlugins({ dataexchange: [{ name: 'dx', type: 'mtls', mtls: { port: 1 }, memory: {} }] }),
    /^plugins\.dataexchange\[0\]\.memory: belongs to another type/,
  ],
  [
    "an adapter's unknown key",
    withPlugins({ dataexchange: [{ name: 'dx', type: 'mtls', mtls: { port: 1, prot: 2 } }] }),
    /^plugins\.dataexchange\[0\]\.mtls\.prot: unknown key; did you mean "port"/,
  ],
  [
    "an adapter's missing key",
    withPlugins({ dataexchange: [{ name: 'dx', type: 'mtls' }] }),
    /^plugins\.dataexchange\[0\]\.mtls\.port: missing/,
  ],
  [
    "an adapter's wrong type",
    withPlugins({ blockchain: [{ name: 'chain', type: 'evm', evm: { url: 'carrier pigeon' } }] }),
    /^plugins\.blockchain\[0\]\.evm\.url: it must match pattern .*Where the chain is/,
  ],
  [
    'two plugins of one name',
    withPlugins({ sharedstorage: [{ name: 'dx', type: 'peer' }] }),
    /^plugins\.sharedstorage\[0\]\.name: is taken/,
  ],
  ['tokens', withPlugins({ tokens: [] }), /^plugins\.tokens: .*not part of this version/],
  ['no namespace', { ...good, namespaces: {} }, /^namespaces\.predefined: no namespace/],
  [
    'a default that is none',
    { ...good, namespaces: { ...good.namespaces, default: 'other' } },
    /^namespaces\.default: is none of/,
  ],
  ['a namespace twice', withNamespace({}, {}), /^namespaces\.predefined\[1\]\.name: is taken/],
  [
    'one network twice',
    withNamespace(
      {},
      { name: 'other', multiparty: { ...namespace.multiparty, networkNamespace: 'default' } },
    ),
    /^namespaces\.predefined\[1\]\.multiparty\.networkNamespace: is shared/,
  ],
  ['a bad name', withNamespace({ name: 'a b' }), /name: is not a name/],
  ['a reserved name', withNamespace({ name: 'ff_system' }), /name: is reserved/],
  [
    'a plugin not defined',
    withNamespace({ plugins: ['db', 'chian'] }),
    /plugin "chian" is not defined; .*chain/,
  ],
  [
    'multiparty without a chain',
    withNamespace({ plugins: ['db', 'dx', 'ss'] }),
    /multiparty: is enabled without a blockchain/,
  ],
  ['no organisation', withMultiparty({ org: {} }), /multiparty\.org\.name: missing/],
  ['no key', withMultiparty({ org: { name: 'a' } }), /multiparty\.org\.key: missing/],
  ['no node', withMultiparty({ node: {} }), /multiparty\.node\.name: missing/],
  ['no contract', withMultiparty({ contract: [] }), /multiparty\.contract: missing/],
  ['no address', withMultiparty({ contract: [{}] }), /contract\[0\]\.location\.address: missing/],
  [
    'one port for two servers',
    { ...good, spi: { enabled: true, port: 5000 } },
    /^spi\.port: is that of http/,
  ],
  [
    'TLS without files',
    { ...good, http: { tls: { enabled: true } } },
    /^http\.tls: is enabled without/,
  ],
  [
    'a login without users',
    { ...good, http: { auth: { type: 'basic' } } },
    /passwordfile: missing/,
  ],
  [
    'limits upside down',
    { ...good, api: { defaultFilterLimit: 100, maxFilterLimit: 10 } },
    /^api\.defaultFilterLimit/,
  ],
  [
    'a transport not enabled',
    { ...good, event: { transports: { default: 'nats' } } },
    /^event\.transports\.default/,
  ],
]

for (const [name, raw, expected] of faulty) {
  test(`${name} is a fault that names its place and its mend`, () => {
    const faults = faultsOf(raw)
    assert.ok(
      faults.some((text) => expected.test(text)),
      `${expected} not in ${JSON.stringify(faults)}`,
    )
  })
}

test('all faults are told at once', () => {
  const faults = faultsOf({ ...withMultiparty({ org: {}, node: {} }), http: { port: -1 }, huh: 1 })
  assert.ok(faults.length >= 5, JSON.stringify(faults))
})

test('no value is shown in a fault: it may be a secret', () => {
  const secret = 'correct horse'
  const faults = faultsOf({
    ...withPlugins({
      blockchain: [
        {
          name: 'chain',
          type: 'evm',
          evm: { url: secret, keys: [{ type: 'secret', secret: 1, file: secret }] },
        },
      ],
    }),
    http: { port: secret, tls: { enabled: secret } },
    log: secret,
  })
  assert.ok(faults.length >= 4)
  assert.ok(!faults.join('\n').includes(secret))
})

test('every key has a line in the reference, with a description', () => {
  const lines = configReference(adapters)
  assert.ok(lines.length > 100)
  assert.deepEqual(
    lines.filter(({ description }) => description === '').map(({ path }) => path),
    [
      'plugins.blockchain[].evm.confirmations',
      'plugins.blockchain[].evm.keys[]',
      'plugins.dataexchange[].mtls.port',
    ],
  )
  assert.deepEqual(
    lines.find(({ path }) => path === 'http.port'),
    {
      path: 'http.port',
      type: 'whole number, 0 to 65535',
      fallback: '5000',
      description: 'Port that the API listens on; 0: a free one',
    },
  )
})
