import Type, { type Static } from 'typebox'
import Value from 'typebox/value'

/** What the chain's keeper says when it is ready. */
const Ready = Type.Object({
  url: Type.String(),
  wsUrl: Type.String(),
  pid: Type.Integer(),
  /** Hash of block 0. */
  genesis: Type.String(),
  head: Type.Integer(),
  accounts: Type.Array(Type.Object({ address: Type.String(), secret: Type.String() })),
  /** Blocks that the saved state lacked and that were put back. */
  replayed: Type.Integer(),
  /** The first block that is lost for good. */
  lostFrom: Type.Optional(Type.Integer()),
})
export type ChainReady = Static<typeof Ready>

export const parseChainReady = (message: unknown): ChainReady => Value.Parse(Ready, message)
