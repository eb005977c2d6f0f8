import type { NodeConfig } from '../config/config.ts'
import type { ApiConfig } from './server.ts'
import type { ServerTls } from './tls.ts'

/** The API's part of the configuration; `tls` with the files read, when HTTPS is wanted. */
export const apiConfigOf = (
  config: Pick<NodeConfig, 'api' | 'http' | 'cors' | 'histograms' | 'defaultNamespace'>,
  tls?: ServerTls,
): ApiConfig => ({
  defaultNamespace: config.defaultNamespace,
  defaultFilterLimit: config.api.defaultFilterLimit,
  maxFilterLimit: config.api.maxFilterLimit,
  requestTimeout: config.api.requestTimeout,
  requestMaxTimeout: config.api.requestMaxTimeout,
  maxBodySize: config.api.maxBodySize,
  maxBlobSize: config.api.maxBlobSize,
  maxChartRows: config.histograms.maxChartRows,
  publicURL: config.http.publicURL,
  shutdownTimeout: config.http.shutdownTimeout,
  cors: config.cors,
  ...(tls && { tls }),
})
