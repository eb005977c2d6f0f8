import { addBusinessDays, prepareCalendar } from '../../values/calendar.ts'
import { parseIsoDuration } from '../../values/duration.ts'
import { RuleFault } from '../../values/fault.ts'
import { checkInt } from '../../values/integer.ts'
import { asInt, asText, type BuiltIn } from './built-in.ts'

/** Times are ints: seconds since 1970. */
export const time: Readonly<Record<string, BuiltIn>> = {
  duration: {
    form: 'function',
    arity: [1, 1],
    literal: 0,
    prepare: (text) => {
      const seconds = parseIsoDuration(text)
      return () => seconds
    },
    dynamic: ([text]) => parseIsoDuration(asText(text)),
  },
  addBusinessDays: {
    form: 'function',
    arity: [3, 3],
    literal: 2,
    prepare: (name, calendars) => {
      const calendar = Object.hasOwn(calendars, name) ? calendars[name] : undefined
      if (calendar === undefined) throw new RuleFault('UNKNOWN_CALENDAR')
      const prepared = prepareCalendar(calendar)
      return ([start, count], meter) =>
        checkInt(addBusinessDays(asInt(start), asInt(count), prepared, () => meter.spend(1)))
    },
  },
}
