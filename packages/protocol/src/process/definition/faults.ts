/** One thing wrong in a definition, or doubtful if it is a warning. */
export interface Fault {
  readonly code: string
  /** JSON path: `$.steps.accept.when[1].rule`. */
  readonly path: string
  /** Says what is wrong, and names the place. */
  readonly message: string
  /** Says how to put it right. */
  readonly mend: string
}
