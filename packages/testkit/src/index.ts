export {
  type AnvilAccount,
  type AnvilExit,
  type AnvilOptions,
  type AnvilProcess,
  startAnvil,
} from './anvil.ts'
export { freePort, type Network, type NetworkOptions, startNetwork } from './network.ts'
export { Party } from './party.ts'
