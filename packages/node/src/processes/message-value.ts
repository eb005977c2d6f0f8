import { type DataInput, jsonAnyText, RawJson } from '@concordat/protocol'

/** A text of flow/1 as the value of a data item, in the spelling that messages are hashed in. */
export const messageValue = (text: string): DataInput => ({ value: new RawJson(jsonAnyText(text)) })
