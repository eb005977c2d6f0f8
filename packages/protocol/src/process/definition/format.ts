import { FOLD_LIMITS } from '../fold/limits.ts'
import { profileSchema } from '../schema/editor-schema.ts'
import type { ProfileSchema } from '../schema/types.ts'
import type { Json, JsonMap } from '../values/value.ts'
import {
  choice,
  type EditorSchema,
  either,
  flag,
  list,
  named,
  record,
  type Shape,
  table,
  text,
  unchecked,
  uniqueTexts,
  whole,
} from './shape.ts'
import type {
  Assignment,
  CalendarTable,
  Child,
  Deadline,
  Definition,
  Effect,
  Field,
  Governance,
  Guard,
  Migration,
  Proof,
  Role,
  Step,
  TaskHints,
  Track,
  Trigger,
  Votes,
} from './types.ts'

/** What one definition may hold, at most. Constants of flow/1: a change of any of them is a change of the language. */
export const LIMITS = {
  roles: 32,
  fields: 200,
  tracks: 8,
  stages: 40,
  steps: 100,
  deadlines: 40,
  guards: 32,
  assignments: 64,
  outputs: 32,
  effects: 8,
  calendars: 16,
  holidays: 2000,
  parties: FOLD_LIMITS.parties,
} as const

const title = text({ max: 200 })
const prose = text({ max: 4000 })
const anyName = text({ max: 200, noun: 'a name' })
const idShape = text({
  max: 40,
  pattern: /^[A-Za-z][A-Za-z0-9_]*$/,
  noun: 'a name of letters, digits and underscores that begins with a letter',
})
const id = named('id', idShape)
const idsShape = uniqueTexts(id, { least: 1, most: 40 })
const ids = named('ids', idsShape)
const expressionShape = text({ max: 4096, noun: 'an expression' })
const expression = named('expression', expressionShape)
const durationShape = text({
  max: 40,
  pattern: /^P([0-9]{1,6}W)?([0-9]{1,6}D)?(T([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}S)?)?$/,
  noun: 'a duration such as "P5D" or "PT12H"',
})
const duration = named('duration', durationShape)
const code = text({
  max: 40,
  pattern: /^[A-Z][A-Z0-9_]+$/,
  noun: 'a code in capitals, such as "PRICE_TOO_HIGH"',
})
const hash = text({ max: 64, pattern: /^[0-9a-f]{64}$/, noun: 'a SHA-256 in lower-case hex' })
const stages = either(id, ids, Array.isArray)
const goto = table(id, id, { least: 1, most: LIMITS.tracks })
const expressions = table(id, expression, { most: LIMITS.outputs })
/** The profile check looks inside. */
const schema = named('schema', unchecked<ProfileSchema>('a schema', profileSchema))
const anyJson = unchecked<Json>('a value', true)
const anyMap = unchecked<JsonMap>('an object', { type: 'object' })

const votesShape = record<Votes>(
  { by: ids, quorum: whole(1, LIMITS.parties), self: flag, within: duration },
  ['by', 'quorum'],
)
const votes = named('votes', votesShape)

const assignmentShape = record<Assignment>(
  { set: text({ max: 200, noun: 'a field of the state' }), to: expression, if: expression },
  ['set', 'to'],
)
const assignments = list(named('assignment', assignmentShape), { most: LIMITS.assignments })

const role = record<Role>(
  {
    title,
    one: choice(true),
    many: choice(true),
    min: whole(1, LIMITS.parties),
    max: whole(1, LIMITS.parties),
    late: flag,
    observer: flag,
  },
  [],
  ['one', 'many'],
)

const field = record<Field>({ title, schema, visible: ids, default: anyJson }, ['schema'])

const track = record<Track>(
  { initial: id, values: uniqueTexts(id, { least: 1, most: LIMITS.stages }), final: ids },
  ['initial', 'values', 'final'],
)

const proof = record<Proof>(
  {
    system: choice('range-pedersen/1', 'sum-pedersen/1', 'groth16-bn254/1'),
    vk: text({ max: 20_000 }),
    inputs: list(expression, { most: 32 }),
  },
  ['system'],
)

const guard = record<Guard>(
  { code, rule: expression, message: text({ max: 300 }), attest: votes, proof },
  ['code', 'rule'],
)

const effect = record<Effect>(
  {
    id,
    kind: choice(
      'message.private',
      'message.broadcast',
      'token.mint',
      'token.burn',
      'token.transfer',
      'token.approval',
      'contract.invoke',
    ),
    by: text({
      max: 40,
      pattern: /^(\$author|[A-Za-z][A-Za-z0-9_]*)$/,
      noun: 'a role or "$author"',
    }),
    with: expressions,
    within: duration,
  },
  ['id', 'kind', 'by', 'with'],
)

const trigger = record<Trigger>(
  {
    api: flag,
    schedule: expression,
    chain: choice('token_transfer', 'token_approval', 'contract_event'),
    pool: anyName,
    listener: anyName,
    child: id,
    oracle: votes,
  },
  [],
  ['api', 'schedule', 'chain', 'child', 'oracle'],
)

const task = record<TaskHints>(
  {
    priority: choice('low', 'normal', 'high'),
    remind: list(duration, { most: 10 }),
    candidateHint: anyName,
    ui: anyMap,
  },
  [],
)

const stepShape = record<Step>(
  {
    title,
    help: prose,
    by: ids,
    in: table(id, stages, { least: 1, most: LIMITS.tracks }),
    to: goto,
    input: schema,
    visible: table(anyName, ids, { most: 100 }),
    receipt: votes,
    when: list(guard, { most: LIMITS.guards }),
    do: assignments,
    output: expressions,
    effects: list(effect, { most: LIMITS.effects }),
    result: id,
    trigger,
    auto: flag,
    task,
    spawn: record<NonNullable<Step['spawn']>>({ child: id, with: expressions }, ['child']),
  },
  ['by'],
)

const deadlineShape = record<Deadline>(
  { title, track: id, stage: stages, after: duration, due: expression, do: assignments, to: goto },
  ['track', 'stage'],
  ['after', 'due'],
)

const calendar = record<CalendarTable>(
  {
    weekend: list(whole(1, 7), { most: 7 }),
    holidays: list(text({ max: 10, noun: 'a date such as "2026-12-25"' }), {
      most: LIMITS.holidays,
    }),
    utcOffset: whole(-1440, 1440),
  },
  ['weekend', 'holidays'],
)

const child = record<Child>(
  { definition: anyName, parties: table(id, expression, { most: LIMITS.roles }), report: votes },
  ['definition', 'parties'],
)

const isObject = (value: unknown): boolean => typeof value === 'object'

const govern = record<Governance>(
  {
    consent: choice('each', 'standing'),
    clock: either(
      choice('block'),
      record<{ readonly quorum: number }>({ quorum: whole(1, LIMITS.parties) }, ['quorum']),
      isObject,
    ),
    join: votes,
    leave: votes,
    migrate: votes,
    gap: record<NonNullable<Governance['gap']>>(
      {
        quorum: either(
          choice('all', 'majority'),
          whole(1, LIMITS.parties),
          (value) => typeof value === 'number',
        ),
        window: duration,
      },
      ['quorum', 'window'],
    ),
  },
  [],
)

const migration = record<Migration>(
  {
    from: anyName,
    stages: table(id, table(id, id, { most: LIMITS.stages }), { most: LIMITS.tracks }),
    do: assignments,
  },
  ['from'],
)

/** Every key of a `flow/1` document. */
export const definitionShape: Shape<Definition> = record<Definition>(
  {
    flow: choice('flow/1'),
    name: text({
      max: 63,
      pattern: /^[a-z][a-z0-9-]*$/,
      noun: 'a name of small letters, digits and hyphens that begins with a letter',
    }),
    version: text({
      max: 40,
      pattern: /^[0-9]+\.[0-9]+\.[0-9]+$/,
      noun: 'a version such as "1.0.0"',
    }),
    title,
    description: prose,
    terms: record<NonNullable<Definition['terms']>>({ title, hash }, ['hash']),
    govern,
    roles: table(id, role, { least: 1, most: LIMITS.roles }),
    state: table(id, field, { most: LIMITS.fields }),
    stages: table(id, track, { least: 1, most: LIMITS.tracks }),
    steps: table(id, named('step', stepShape), { least: 1, most: LIMITS.steps }),
    deadlines: table(id, named('deadline', deadlineShape), { most: LIMITS.deadlines }),
    calendars: table(id, calendar, { most: LIMITS.calendars }),
    children: table(id, child, { most: 32 }),
    migrate: list(migration, { most: 32 }),
  },
  ['flow', 'name', 'version', 'roles', 'stages', 'steps'],
)

/** JSON Schema of the format, for editors. It knows the shape; the loader checks far more. */
export const definitionSchema: EditorSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'flow/1 process definition',
  $defs: {
    id: idShape.schema,
    ids: idsShape.schema,
    expression: expressionShape.schema,
    duration: durationShape.schema,
    schema: profileSchema,
    votes: votesShape.schema,
    assignment: assignmentShape.schema,
    step: stepShape.schema,
    deadline: deadlineShape.schema,
  },
  ...(typeof definitionShape.schema === 'object' ? definitionShape.schema : {}),
}
