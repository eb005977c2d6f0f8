import { mtls } from './mtls/index.ts'

/** The kinds of data exchange that a configuration may name. */
export const exchanges = [mtls] as const
