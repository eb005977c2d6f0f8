export {
  type AnvilAccount,
  type AnvilExit,
  type AnvilOptions,
  type AnvilProcess,
  startAnvil,
} from './anvil.ts'
