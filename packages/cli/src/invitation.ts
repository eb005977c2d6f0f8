import { Failure } from './failure.ts'
import type { Seed } from './party-config.ts'

/** What a newcomer needs to reach a member: `https://host:port#<sha-256 of its certificate>`. */
export const toInvitation = ({ url, certSha256 }: Seed): string => `${url}#${certSha256}`

/** Reads an invitation; throws a `Failure` that says what one looks like. */
export function parseInvitation(text: string): Seed {
  const [url = '', certSha256 = ''] = text.trim().split('#')
  const usable = url.startsWith('https://') && URL.canParse(url)
  if (usable && /^[0-9a-f]{64}$/i.test(certSha256))
    return { url, certSha256: certSha256.toLowerCase() }
  throw new Failure(`'${text}' is not an invitation: https://host:port#<64 hex digits>`, {
    exitCode: 2,
  })
}
