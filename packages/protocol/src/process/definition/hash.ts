import { sha256Hex } from '#sha256'
import { canonicalJson } from '../values/canonical.ts'

/** SHA-256 of a definition's canonical JSON, in hex: its name among all that refer to it. Throws NOT_JSON or TOO_DEEP. */
export const definitionHash = (document: unknown): string => sha256Hex(canonicalJson(document))
