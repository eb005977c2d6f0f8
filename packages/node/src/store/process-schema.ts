/** The tables of processes. Conventions are those of `schema.ts`; a position is text whose order is the order of the chain. */
export interface ProcessTables {
  flows: FlowRow
  flowAdoptions: FlowAdoptionRow
  processes: ProcessRow
  processValues: ProcessValueRow
  processEvents: ProcessEventRow
  decisions: DecisionRow
  processWork: ProcessWorkRow
  processSyncs: ProcessSyncRow
}

/** A definition that was pinned: to all, or to one group. */
export interface FlowRow {
  seq: number
  namespace: string
  hash: string
  name: string
  version: string
  title: string | null
  /** Canonical JSON: what the hash is of. */
  document: string
  /** `loaded`, `unsupported`, `refused`; `taken` if an earlier one has its name and version. */
  outcome: string
  /** JSON arrays. */
  faults: string
  warnings: string
  author: string
  /** Id of the message that brought it. */
  message: string
  /** Null for one that all may read. */
  groupHash: string | null
  /** Of its pin; text order is the order of the chain. */
  position: string
  created: string
}

/** A party's word that it takes part in processes of a definition. */
export interface FlowAdoptionRow {
  seq: number
  namespace: string
  flow: string
  /** DID. */
  identity: string
  message: string
  position: string
  created: string
}

/** An instance as of its last decision. */
export interface ProcessRow {
  seq: number
  namespace: string
  /** UUID. */
  id: string
  /** Hash of the definition. */
  flow: string
  name: string
  version: string
  groupHash: string
  /** DID. */
  creator: string
  /** Id of the message that created it. */
  message: string
  /**
   * `waiting` (its creation is not decided: something pinned before is), `open` (parties have to join), `running`, `closed`,
   * `parked`, `halted`, `refused`.
   */
  status: string
  /** Of `waiting`, `parked`, `halted` and `refused`. */
  reason: string | null
  /** Of the last decision. */
  n: number
  hash: string
  /** Unix seconds, as `nextDue`. */
  clock: number
  nextDue: number | null
  /** `InstanceView` as JSON. */
  view: string
  /** The first event (`process_events.seq`) that is not folded. */
  nextEvent: number
  /** `SavedState` as JSON, and the first event that is not in it. */
  saved: string | null
  savedEvent: number
  created: string
  updated: string
}

/** What instances are found by: `stage.<track>`, `state.<field>`, `party.<role>`. */
export interface ProcessValueRow {
  namespace: string
  process: string
  name: string
  /** Text order is the order of the values. */
  key: string
}

/** A settled pin on an instance's topic. */
export interface ProcessEventRow {
  seq: number
  namespace: string
  process: string
  position: string
  /** Unix seconds of its block. */
  time: number
  author: string
  groupHash: string
  message: string | null
  messageHash: string | null
  tag: string | null
  /** JSON array: the texts of the data items' values, null for one without. */
  content: string | null
  /** Why there is no message. */
  void: string | null
  created: string
}

export interface DecisionRow {
  seq: number
  namespace: string
  process: string
  n: number
  verdict: string
  step: string | null
  role: string | null
  author: string | null
  message: string | null
  code: string | null
  deadline: string | null
  /** `DecisionRecord` of the protocol as JSON. */
  record: string
  hash: string
  /** Unix seconds of ledger time. */
  time: number
  created: string
}

/** Something that this node is to do for an instance, once. */
export interface ProcessWorkRow {
  seq: number
  namespace: string
  process: string
  /** `effect`, `schedule` or `link`. */
  kind: string
  /** Which of its kind it is: unique within the instance. */
  key: string
  /** The decision that it follows from. */
  n: number
  /** `open`; `begun` (an effect's end is awaited), `reporting`; `done` and `failed` are ends. */
  state: string
  /** Unix seconds: it is not looked at before. */
  due: number
  /** Looks in a row that brought nothing. */
  tries: number
  /** Intents used up by steps that were sent for it and not accepted. */
  intents: number
  /** JSON, by kind. */
  content: string
  /** What an effect's doing is known by. */
  reference: string | null
  /** Why it did not get on when it was last looked at. */
  reason: string | null
  created: string
  updated: string
}

/** How far a system has been told of decisions. */
export interface ProcessSyncRow {
  namespace: string
  /** As in the bindings. */
  name: string
  /** `decisions.seq` of the last one told. */
  cursor: number
  /** Unix seconds of the next time. */
  due: number
  tries: number
  reason: string | null
  updated: string
}
