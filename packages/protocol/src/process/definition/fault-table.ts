interface FaultSpec {
  /** `unsupported`: a later version may know it. `doubt`: legal, but look again. */
  readonly kind: 'fault' | 'unsupported' | 'doubt'
  /** Holes in braces are filled from the fault's details; the place is put in front. */
  readonly text: string
  readonly mend: string
}

const fault = <const T extends string, const M extends string>(text: T, mend: M) =>
  ({ kind: 'fault', text, mend }) as const
const unsupported = <const T extends string, const M extends string>(text: T, mend: M) =>
  ({ kind: 'unsupported', text, mend }) as const
const doubt = <const T extends string, const M extends string>(text: T, mend: M) =>
  ({ kind: 'doubt', text, mend }) as const

/** Everything the loader can say of a definition. The code is API: never reuse one, never change its meaning. */
export const faultTable = {
  // The document as JSON
  NOT_JSON: fault(
    '{what} is not plain JSON',
    'Use whole numbers within ±(2^53−1), well-formed text, lists and objects; write fractions as text.',
  ),
  TOO_DEEP: fault('it is nested more than {limit} deep', 'Flatten it.'),
  TOO_LARGE: fault(
    'it is larger than {limit}',
    'Shorten texts and lists, or split the process into several.',
  ),

  YAML_SYNTAX: fault('{problem}', 'Correct the YAML there.'),

  // The format
  WRONG_TYPE: fault('{expected} is expected here, not {actual}', 'Write {expected}.'),
  MISSING_KEY: fault('"{key}" is missing', 'Add "{key}": {expected}.'),
  UNKNOWN_KEY: fault('"{key}" means nothing here', '{suggestion}'),
  BAD_TEXT: fault('{value} is not {expected}', 'Write {expected}.'),
  TOO_LONG: fault('the text is longer than {limit} characters', 'Shorten it.'),
  TOO_MANY: fault('there are {count}, more than {limit}', 'Keep at most {limit}.'),
  TOO_FEW: fault('there are {count}, fewer than {limit}', 'Give at least {limit}.'),
  NOT_A_CHOICE: fault('{value} is not one of: {known}', '{suggestion}'),
  NOT_UNIQUE: fault('{value} appears twice', 'Remove one of them.'),
  OUT_OF_RANGE: fault('{value} is not between {least} and {most}', 'Take a number in that range.'),
  EXACTLY_ONE: fault('exactly one of {keys} is needed', 'Keep one of them.'),

  // What a later version may know
  UNKNOWN_FLOW: unsupported(
    'the format {value} is not known to this version',
    'Write "flow: flow/1", or run a version that knows it.',
  ),
  NOT_YET: unsupported(
    '"{feature}" is part of the format, but this version does not carry it out',
    'Leave "{feature}" out: {instead}.',
  ),

  // Schemas
  SCHEMA_KEYWORD: fault('the keyword "{key}" is not in the schema profile', '{suggestion}'),
  SCHEMA_VALUE: fault('"{key}" must be {expected}', 'Write {expected}.'),
  SCHEMA_TYPE: fault('{value} is not a type of the profile', '{suggestion}'),
  SCHEMA_FORMAT: fault('{value} is not a format of the profile', '{suggestion}'),
  SCHEMA_REF: fault(
    '{value} does not name a schema under "$defs" of the same schema',
    'Write "#/$defs/<name>" and define that name at the top of this schema.',
  ),
  SCHEMA_RECURSION: fault(
    '{value} leads back to itself',
    'Write the levels out, to a fixed depth.',
  ),
  SCHEMA_TOO_LARGE: fault(
    'with its references written out it has more than {limit} parts',
    'Simplify it, or refer to fewer definitions.',
  ),
  SCHEMA_TOO_DEEP: fault(
    'with its references written out it is nested more than {limit} deep',
    'Flatten it.',
  ),
  SCHEMA_CHOICE: fault(
    'the choices of "oneOf" cannot be told apart',
    'Give every choice one and the same required property with a "const" of its own.',
  ),
  SCHEMA_LIMITS: fault('"{least}" is above "{most}", so nothing fits', 'Swap or drop one of them.'),
  SCHEMA_INPUT: fault(
    'the input of a step is always an object',
    'Write "type: object" with "properties".',
  ),
  DEFAULT_INVALID: fault(
    'the default does not fit the schema',
    'Change the default, or leave it out: the field is then null until it is set.',
  ),

  // Names
  UNKNOWN_ROLE: fault('there is no role "{name}"', '{suggestion}'),
  UNKNOWN_TRACK: fault('there is no track "{name}"', '{suggestion}'),
  UNKNOWN_STAGE: fault('track "{track}" has no stage "{name}"', '{suggestion}'),
  UNKNOWN_FIELD: fault('the state has no field "{name}"', '{suggestion}'),
  UNKNOWN_INPUT: fault('the input has no property "{name}"', '{suggestion}'),
  UNKNOWN_EFFECT: fault('no step has an effect "{name}"', '{suggestion}'),
  UNKNOWN_STEP: fault('there is no step "{name}"', '{suggestion}'),
  UNKNOWN_DEADLINE: fault('there is no deadline "{name}"', '{suggestion}'),
  UNKNOWN_CHILD: fault('there is no child "{name}"', '{suggestion}'),
  RESERVED_CODE: fault(
    '"{code}" is a verdict of the engine itself',
    'Name what the rule protects, for example "PRICE_TOO_HIGH".',
  ),
  CODE_TWICE: fault(
    'another rule of the step has the code "{code}"',
    'Give each rule its own code.',
  ),
  EFFECT_TWICE: fault('another effect is called "{name}"', 'Give each effect its own id.'),
  SET_SYNTAX: fault(
    '{value} is not a place in the state',
    'Write a field, or a field and a key: "docs" or "docs[input.kind]".',
  ),
  SET_TWICE: doubt(
    '"{name}" is set more than once without a condition, so only the last value stays',
    'Keep one of them, or give each an "if".',
  ),
  ROLE_COUNT: fault('{problem}', 'Give "many" a "min" of at least 1 and a "max" not below it.'),
  OBSERVER_ACTS: fault(
    'role "{name}" is an observer, and observers submit no steps',
    'Remove it from "by", or remove "observer" from the role.',
  ),
  PERFORMER: fault(
    'role "{name}" may have many parties, so it is not clear who performs the effect',
    'Name a role with "one: true", or "$author" for whoever takes the step.',
  ),
  EFFECT_ARGUMENT: fault('an effect {kind} takes no argument "{name}"', '{suggestion}'),
  EFFECT_INCOMPLETE: fault('an effect {kind} needs the argument "{name}"', 'Add "{name}".'),
  QUORUM: fault(
    'a quorum of {quorum} cannot be reached by at most {most} parties',
    'Lower the quorum, or let more roles vote.',
  ),

  // Expressions
  RULE_SYNTAX: fault('the expression cannot be read at character {at}: {problem}', 'Correct it.'),
  RULE_FUNCTION: fault('there is no function "{name}"', '{suggestion}'),
  RULE_ARITY: fault(
    'a function is not called as it should be: {problem}',
    'Look up its arguments in the reference of the rule language.',
  ),
  RULE_TOO_LARGE: fault(
    'the expression is too large: {problem}',
    'Split it into several rules, each with a code of its own.',
  ),
  UNKNOWN_VARIABLE: fault('there is no variable "{name}"', '{suggestion}'),
  VARIABLE_NOT_HERE: fault('"{name}" has no value here: {why}', 'Use only {known}.'),
  VARIABLE_WHOLE: fault(
    '"{name}" must be read by a name that can be checked',
    'Write "{name}.<name>".',
  ),
  UNKNOWN_CALENDAR: fault('there is no calendar "{name}"', '{suggestion}'),

  // Information flow
  LEAK_RULE: fault(
    'the rule reads {reads}, hidden from {blind}, so not everybody could come to the same verdict',
    'Read only what all parties see, or let those who see it attest.',
  ),
  LEAK_DUE: fault(
    'the time depends on {reads}, hidden from {blind}, so not everybody would know it',
    'Keep the time in a field that all parties see.',
  ),
  LEAK_SET: fault(
    '"{name}" can be read by {blind}, but its value depends on {reads}, which they may not see',
    'Hide "{name}" from {blind} too, or compute it from what they see.',
  ),
  LEAK_OUTPUT: fault(
    'the output depends on {reads}, hidden from {blind}',
    'Put out only what all parties see.',
  ),
  LEAK_EFFECT: fault(
    'the effect depends on {reads}, hidden from {blind}',
    'Use only what all parties see.',
  ),
  BLIND_ATTESTER: fault(
    '{blind} shall attest, but cannot see {reads}',
    'Ask only roles that see all that the rule reads.',
  ),
  BLIND_RECEIPT: fault(
    '{blind} shall confirm the receipt, but cannot see {reads}',
    'Ask only roles that see every sealed input.',
  ),
  NO_RECEIPT: doubt(
    'the sealed input {reads} goes into the state without a receipt, so a bad opening would go unnoticed',
    'Add a "receipt" from a role that sees it.',
  ),

  // Whether it ends
  HOLD_WITHOUT_END: fault(
    'the step would wait for ever if nobody answers',
    'Add "within", for example "PT12H".',
  ),
  DEADLINE_TO_ITSELF: fault(
    'the deadline leads from stage "{stage}" back into it, and would fire again and again',
    'Lead to another stage, or leave the stage and only change the state.',
  ),
  DEADLINE_RING: fault(
    'deadlines alone lead round in a ring, {ring}, and would fire without end',
    'Let one of these stages be left only by a step.',
  ),
  DEADLINE_IDLE: doubt(
    'the deadline changes nothing when it fires',
    'Give it a "to" or a "do", unless the note in the history is all you want.',
  ),
  DEAD_END: fault(
    'stage "{stage}" of track "{track}" is not final, yet nothing leads out of it',
    'Add a step or a deadline that leaves it, or list it under "final".',
  ),
  UNREACHABLE_STAGE: doubt(
    'nothing leads to stage "{stage}" of track "{track}"',
    'Add a step that leads there, or remove the stage.',
  ),
  NO_WAY_TO_END: doubt(
    'from stage "{stage}" of track "{track}" no final stage can be reached',
    'Add a way out to a final stage.',
  ),
  ONE_ROLE_EXIT: doubt(
    'after "{stage}" only the {role} can go on, and nothing happens if it stays silent',
    'Add a deadline for stage "{stage}" of track "{track}", or let another role leave it.',
  ),
  NO_END_WITHOUT: doubt(
    'from "{stage}" no end can be reached if the {role} stays silent',
    'Add a deadline that leads from stage "{stage}" of track "{track}" towards an end, or let another role do so.',
  ),
  UNREACHABLE_STEP: doubt(
    'the step is possible only in stages that are never reached, or when everything has ended',
    'Correct "in", or remove the step.',
  ),
  IDLE_ROLE: doubt(
    'role "{name}" has nothing to do',
    'Let it take a step, or mark it with "observer: true".',
  ),

  // Times
  DURATION: fault(
    '{value} is not a duration above zero and below 100 years',
    'Write days, hours, minutes and seconds, such as "P5D", "PT12H" or "P1DT30M".',
  ),
  CALENDAR: fault('{problem}', '{suggestion}'),
} as const satisfies Record<string, FaultSpec>

export type FaultCode = keyof typeof faultTable
