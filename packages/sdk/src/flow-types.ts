import type { Plain, Process } from '@concordat/protocol'

/** What `concordat types` writes of a definition: `<Name>Process`. */
export interface FlowTypes {
  readonly role: string
  readonly stages: object
  readonly state: object
  /** By step: who may take it, with what input. */
  readonly steps: object
}

/** Of a definition whose types are not known. */
export interface AnyFlow extends FlowTypes {
  readonly stages: Readonly<Record<string, string>>
  readonly state: Readonly<Record<string, unknown>>
  readonly steps: Readonly<
    Record<
      string,
      { readonly role: string; readonly input: Readonly<Record<string, unknown>> | undefined }
    >
  >
}

/** A process as of its last decision, by the types of its definition. */
export type ProcessOf<F extends FlowTypes> = Omit<
  Plain<Process>,
  'state' | 'stages' | 'parties'
> & {
  readonly state: F['state']
  readonly stages: {
    readonly [track in keyof F['stages']]: {
      readonly stage: F['stages'][track]
      readonly since: string
    }
  }
  readonly parties: { readonly [role in F['role']]: readonly string[] }
}

/** Who is who, by role: a name, id or DID, or several. */
export type PartiesOf<F extends FlowTypes> = {
  readonly [role in F['role']]: string | readonly string[]
}
