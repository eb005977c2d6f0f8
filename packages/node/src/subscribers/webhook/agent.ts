import { type LookupAddress, lookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { SubscriptionOptions } from '@concordat/protocol'
import { parseDuration } from '@concordat/protocol'
import { Agent, buildConnector, type Dispatcher, ProxyAgent } from 'undici'
import type { AddressCheck } from './addresses.ts'

/** Client certificates and authorities that subscriptions name by `tlsConfigName`. */
export type TlsConfig = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'passphrase'>

export type HttpOptions = NonNullable<SubscriptionOptions['httpOptions']>

/**
 * Connections of one subscription. The address is judged after the name was resolved and again once connected, so a name
 * that changes its mind in between gains nothing. With a proxy, the proxy's own address is judged.
 */
export function createAgent(
  allows: AddressCheck,
  options: HttpOptions,
  tls: TlsConfig | undefined,
): Dispatcher {
  const guarded = guardLookup(allows)
  const idleMs = parseDuration(options.idleTimeout ?? '30s')
  const timeout =
    parseDuration(options.connectionTimeout ?? '30s') +
    parseDuration(options.tlsHandshakeTimeout ?? '10s')
  const shared = {
    keepAliveTimeout: Math.max(1, idleMs),
    ...(options.maxIdleConns && { connections: options.maxIdleConns }),
  }
  if (options.proxyURL) {
    const { hostname } = new URL(options.proxyURL)
    refuse(hostname, allows)
    return new ProxyAgent({
      ...shared,
      uri: options.proxyURL,
      proxyTls: { lookup: guarded, timeout },
      requestTls: { ...tls, timeout },
    })
  }
  const connect = buildConnector({ ...tls, timeout, lookup: guarded })
  return new Agent({
    ...shared,
    connect(target, callback) {
      try {
        refuse(target.hostname, allows)
      } catch (error) {
        callback(asError(error), null)
        return
      }
      connect(target, (...[error, socket]) => {
        if (error) callback(error, null)
        else if (allows(socket.remoteAddress ?? '')) callback(null, socket)
        else {
          socket.destroy()
          callback(refusal(socket.remoteAddress ?? ''), null)
        }
      })
    },
  })
}

/** Throws for an address that is written out and not allowed; names are judged when they are resolved. */
function refuse(hostname: string, allows: AddressCheck): void {
  const bare = hostname.replace(/^\[|\]$/g, '')
  if (isIP(bare) !== 0 && !allows(bare)) throw refusal(bare)
}

const refusal = (address: string): Error =>
  new Error(`Address ${address} is not allowed as a webhook target`)

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error))

/** Resolves names to allowed addresses only. */
const guardLookup =
  (allows: AddressCheck): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) {
        callback(error, '', 0)
        return
      }
      const allowed = addresses.filter(({ address }) => allows(address))
      const [first] = allowed
      if (!first) callback(refusal(addresses[0]?.address ?? hostname), '', 0)
      else if (options.all) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
  }
