import { readFile } from 'node:fs/promises'
import type { SecureContextOptions, TlsOptions } from 'node:tls'
import { NodeError } from '@concordat/protocol'
import type { NodeConfig } from '../config/config.ts'

/** What Node's HTTPS server takes. */
export type ServerTls = SecureContextOptions & TlsOptions

/** Reads the files of a server that speaks HTTPS; undefined for one that speaks HTTP. */
export async function readTls(tls: NodeConfig['http']['tls']): Promise<ServerTls | undefined> {
  if (!tls.enabled) return undefined
  const ca = tls.caFile === '' ? undefined : await read(tls.caFile)
  return {
    cert: await read(tls.certFile),
    key: await read(tls.keyFile),
    ...(ca && { ca }),
    requestCert: tls.clientAuth,
    rejectUnauthorized: tls.clientAuth,
  }
}

const read = async (file: string): Promise<string> =>
  await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new NodeError('CC20401', { faults: `${file} cannot be read` }, { cause })
  })

/** The option by which fastify serves HTTPS: it names it in the singular of its two server kinds only. */
export const httpsOption = (tls: ServerTls | undefined): object => (tls ? { https: tls } : {})
