import { type NodeConfig, openSigner } from '@concordat/node'
import Type from 'typebox'
import Value from 'typebox/value'
import { Failure } from './failure.ts'

type Signer = Awaited<ReturnType<typeof openSigner>>
type KeySource = Parameters<typeof openSigner>[0]

/** What a chain plugin's section must have for these commands; its adapter has checked the rest. */
const EvmSection = Type.Object({
  url: Type.String(),
  chainId: Type.Optional(Type.Integer()),
  confirmations: Type.Optional(Type.Integer()),
  gas: Type.Optional(
    Type.Object({ price: Type.Optional(Type.Union([Type.Integer(), Type.String()])) }),
  ),
  keys: Type.Optional(Type.Array(Type.Unsafe<KeySource>({ type: 'object' }))),
})

/** The chain that the default namespace, or else the first, is on. */
export function chainSection(config: NodeConfig): {
  readonly url: string
  readonly chainId?: number
  readonly confirmations?: number
  /** Of gas, in wei; `node` or absent: what the chain's node says. */
  readonly price?: number | string
  readonly keys: readonly KeySource[]
} {
  const name = config.namespaces.find((one) => one.name === config.defaultNamespace)?.plugins
    .blockchain
  const section = config.plugins.blockchain.find((plugin) => plugin.name === name)?.config
  if (!Value.Check(EvmSection, section)) throw new Failure('the configuration names no chain')
  const { gas, keys = [], ...rest } = section
  return { ...rest, keys, ...(gas?.price !== undefined && { price: gas.price }) }
}

export interface OpenedKey {
  /** Where it comes from; no secret. */
  readonly source: string
  readonly outcome:
    | { readonly ok: true; readonly signer: Signer; readonly addresses: readonly string[] }
    | { readonly ok: false; readonly reason: string }
}

/** Opens each source of keys in a configuration, and says of each whether it can be used. */
export function openKeys(config: NodeConfig): Promise<OpenedKey[]> {
  return Promise.all(
    chainSection(config).keys.map(async (source) => {
      try {
        const signer = await openSigner(source)
        const addresses = await signer.addresses()
        return { source: nameOf(source), outcome: { ok: true, signer, addresses } } as const
      } catch (error) {
        const reason = error instanceof Error ? error.message : 'unusable'
        return { source: nameOf(source), outcome: { ok: false, reason } } as const
      }
    }),
  )
}

function nameOf(source: KeySource): string {
  switch (source.type) {
    case 'file':
    case 'keystore':
      return source.file
    case 'remote':
      return `signer at ${new URL(source.url).host}`
    case 'secret':
      return 'a secret in the configuration'
  }
}
