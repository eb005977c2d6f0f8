import Type, { type Static } from 'typebox'
import { KeySource } from '../../identity/signers/signers.ts'

const Wei = Type.Union([Type.Integer({ minimum: 0 }), Type.String({ pattern: '^[0-9]{1,30}$' })])

/** The section `plugins.blockchain[].evm`. */
export const EvmConfig = Type.Object(
  {
    url: Type.String({
      pattern: '^(https?|wss?)://',
      description: 'JSON-RPC endpoint of a chain node, http(s) or ws(s).',
    }),
    wsUrl: Type.Optional(
      Type.String({
        pattern: '^(wss?://|none$)',
        description:
          'Where new blocks are announced; by default `url` as a WebSocket. `none`: ask instead, every `pollIntervalMs`.',
      }),
    ),
    chainId: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Refuse a chain with another id.' }),
    ),
    confirmations: Type.Optional(
      Type.Integer({
        minimum: 0,
        description:
          "Blocks after an event's block before it counts. Needed only if the contract has no profile; 20 if neither says.",
      }),
    ),
    pollIntervalMs: Type.Optional(
      Type.Integer({ minimum: 20, description: 'Pause between questions for the head; 250.' }),
    ),
    maxBlockRange: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'Blocks asked for at once; 1000. Halved by itself when the node refuses.',
      }),
    ),
    requestTimeoutMs: Type.Optional(
      Type.Integer({ minimum: 100, description: 'Time limit of one request; 15000.' }),
    ),
    gas: Type.Optional(
      Type.Object(
        {
          limit: Type.Optional(
            Type.Union([
              Type.Literal('formula'),
              Type.Literal('estimate'),
              Type.Integer({ minimum: 21_000 }),
            ]),
          ),
          price: Type.Optional(Type.Union([Type.Literal('node'), Wei])),
          stuckSeconds: Type.Optional(Type.Integer({ minimum: 1 })),
        },
        {
          additionalProperties: false,
          description:
            "`limit`: by size of the call (`formula`), asked of the node, or fixed. `price`: the node's, or fixed, in wei. A transaction not mined after `stuckSeconds` (60) is sent again, with a higher fee unless the price is fixed.",
        },
      ),
    ),
    keys: Type.Optional(Type.Array(KeySource, { description: 'What this node may sign with.' })),
  },
  { additionalProperties: false },
)
export type EvmConfig = Static<typeof EvmConfig>

/** Without a profile and without a word in the configuration. */
export const cautiousConfirmations = 20
