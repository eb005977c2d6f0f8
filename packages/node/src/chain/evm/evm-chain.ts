import { NodeError } from '@concordat/protocol'
import { type Hex, hexToNumber } from 'viem'
import { openSigner } from '../../identity/signers/signers.ts'
import type { World } from '../../lib/world.ts'
import type { Chain, ChainDeps, Profile } from '../chain.ts'
import { cautiousConfirmations, type EvmConfig } from './config.ts'
import { createFees } from './fees.ts'
import { createHeads, type Head, toHead } from './heads.ts'
import { createKeyring } from './keyring.ts'
import { readPages } from './pages.ts'
import { readProfile } from './profile.ts'
import { createRpc, type Rpc, unreachable } from './rpc.ts'
import { startSubmitter } from './submitter.ts'

/** Connects to a chain; resolves even while it does not answer. */
export async function createEvmChain(config: EvmConfig, deps: ChainDeps): Promise<Chain> {
  const { world, log, journal, settled } = deps
  const { pollIntervalMs = 250, maxBlockRange = 1_000, requestTimeoutMs = 15_000 } = config
  const rpc = createRpc(config.url, requestTimeoutMs)
  const signer = createKeyring(await Promise.all((config.keys ?? []).map(openSigner)))
  const heads = createHeads({ wsUrl: announcer(config), pollIntervalMs }, { rpc, world, log })
  const chainId = createChainId(rpc, config.chainId)
  const profileOf = createProfiles(rpc, config.confirmations)
  const { limit = 'formula', price = 'node', stuckSeconds = 60 } = config.gas ?? {}
  const submitter = await startSubmitter({
    rpc,
    heads,
    world,
    log,
    journal,
    settled,
    signer,
    chainId,
    currentFee: createFees(price, { rpc, heads, world }),
    fixedFee: price !== 'node',
    gasLimit: limit,
    stuckMs: stuckSeconds * 1_000,
    silence: () => heads.silence(),
    confirmationsOf: async (contract) => (await profileOf(contract)).depth,
  })

  return {
    name: 'evm',
    finality: 'probabilistic',
    verifierType: 'ethereum_address',
    normaliseKey,
    canSign: (key) => signer.has(normaliseKey(key)),
    profile: async ({ address }) => (await profileOf(normaliseKey(address))).profile,
    submit: (submission) => submitter.submit({ ...submission, key: normaliseKey(submission.key) }),
    async *pages(contract, from, signal, options) {
      const address = normaliseKey(contract.address)
      const confirmations = (await patiently(world, signal, () => profileOf(address))).depth
      const firstEvent = options?.firstEvent ?? 'oldest'
      const reader = { rpc, heads, world, log, maxBlockRange }
      yield* readPages(reader, { address, confirmations, from, firstEvent, signal })
    },
    head: async () => {
      const [{ number, timestamp }, id] = await Promise.all([askHead(rpc), chainId()]).catch(
        rethrow,
      )
      return { blockNumber: number, timestamp, chainId: String(id) }
    },
    silence: () => heads.silence(),
    async [Symbol.asyncDispose]() {
      await submitter[Symbol.asyncDispose]()
      await heads[Symbol.asyncDispose]()
    },
  }
}

/** Throws FF10141 for what is no address. */
export function normaliseKey(key: string): Hex {
  const digits = key.toLowerCase().replace(/^0x/, '')
  if (!/^[0-9a-f]{40}$/.test(digits)) throw new NodeError('FF10141', { input: key })
  return `0x${digits}`
}

// Most nodes announce blocks on the port they answer on; where that isn't so, they are asked instead.
function announcer({ url, wsUrl }: EvmConfig): string | undefined {
  if (wsUrl === 'none') return undefined
  return wsUrl ?? url.replace(/^http/, 'ws')
}

/** The chain's id, asked once; throws CC20105 if the configuration names another. */
function createChainId(rpc: Rpc, expected: number | undefined): () => Promise<number> {
  let known: number | undefined
  return async () => {
    known ??= hexToNumber(await rpc.request({ method: 'eth_chainId' }))
    if (expected !== undefined && expected !== known) {
      throw new NodeError('CC20105', { expected, actual: known })
    }
    return known
  }
}

interface AgreedProfile {
  readonly profile: Profile
  /** Blocks that must follow an event's block. */
  readonly depth: number
}

/** Each contract's profile, asked once; throws CC20401 if the configuration contradicts it. */
function createProfiles(
  rpc: Rpc,
  configured: number | undefined,
): (contract: Hex) => Promise<AgreedProfile> {
  const known = new Map<Hex, AgreedProfile>()
  return async (contract) => {
    const found = known.get(contract)
    if (found) return found
    const profile = await readProfile(rpc, contract)
    const agreed = profile.confirmations
    if (agreed !== undefined && configured !== undefined && agreed !== configured) {
      throw new NodeError('CC20401', {
        faults: `confirmations is ${configured}, but contract ${contract} says ${agreed}`,
      })
    }
    const entry = { profile, depth: agreed ?? configured ?? cautiousConfirmations }
    known.set(contract, entry)
    return entry
  }
}

/** Tries until the chain answers. */
async function patiently<T>(world: World, signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  for (let pause = 100; ; pause = Math.min(pause * 2, 10_000)) {
    try {
      return await ask()
    } catch (error) {
      const lasting = error instanceof NodeError && !error.retryable
      if (lasting || signal.aborted) throw error
      await world.sleep(pause, signal)
    }
  }
}

const askHead = async (rpc: Rpc): Promise<Head> =>
  toHead(await rpc.request({ method: 'eth_getBlockByNumber', params: ['latest', false] }))

function rethrow(error: unknown): never {
  throw unreachable(error)
}
