import type { BuiltIn } from './built-in.ts'
import { digests } from './digests.ts'
import { general } from './general.ts'
import { numbers } from './numbers.ts'
import { texts } from './texts.ts'
import { time } from './time.ts'

/** All functions of flow/1, by name. A change here is a change of the language. */
export const builtIns: Readonly<Record<string, BuiltIn>> = {
  ...general,
  ...numbers,
  ...texts,
  ...time,
  ...digests,
}
