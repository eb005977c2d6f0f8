import { ipfs } from './ipfs/index.ts'
import { peer } from './peer/index.ts'

/** The kinds of shared storage that a configuration may name. */
export const storages = [peer, ipfs] as const
