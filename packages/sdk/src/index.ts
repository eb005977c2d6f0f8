export type { Api } from './api.ts'
export { ApiError } from './api-error.ts'
export {
  type CallOptions,
  type Client,
  type ClientOptions,
  createClient,
  type Page,
} from './client.ts'
export type { EventStream, StreamOptions } from './event-stream.ts'
export type { UploadFields } from './form.ts'
