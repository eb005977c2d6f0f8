export type { Api } from './api.ts'
export { ApiError } from './api-error.ts'
export {
  type Caller,
  type CallOptions,
  type Client,
  type ClientOptions,
  createClient,
  type Page,
} from './client.ts'
export type { EventStream, StreamOptions } from './event-stream.ts'
export type { AnyFlow, FlowTypes, PartiesOf, ProcessOf } from './flow-types.ts'
export type { Flows, ProposeOptions, WaitOptions } from './flows.ts'
export type { UploadFields } from './form.ts'
export type { AgreedProcess, BeginOptions, Processes, SubmitOptions } from './processes.ts'
export type { StepFunction, StepOptions, Steps } from './steps.ts'
