import type { Rule } from '@concordat/protocol/process'

/** What this node does when an instance of a definition has ended: private to it, as all bindings are. */
export interface Link {
  /** Unique among a node's links. */
  readonly name: string
  /** Name of the definition. */
  readonly flow: string
  /** `1` is any version that begins with `1.`; '' is any at all. */
  readonly version: string
  /** The stages in which it ended, by track. */
  readonly stages: ReadonlyMap<string, string>
  readonly when?: Rule | undefined
  readonly does: LinkCreation | LinkStep
}

/** Begins an instance of another definition. */
export interface LinkCreation {
  readonly kind: 'create'
  /** Name, name@version or hash. */
  readonly flow: string
  /** By role; each gives a DID or a list of them. */
  readonly parties: ReadonlyMap<string, Rule>
}

/** Takes a step in another instance. */
export interface LinkStep {
  readonly kind: 'step'
  /** Gives the instance's id. */
  readonly process: Rule
  readonly step: string
  readonly role?: string | undefined
  readonly input: ReadonlyMap<string, Rule>
}
