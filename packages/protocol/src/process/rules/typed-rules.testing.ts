import fc from 'fast-check'
import { mapOf, type Value } from '../values/value.ts'

/** By type: what a text of it may be made of. A name in `<>` stands for any text of that type. */
const forms = {
  bool: [
    ...['true', 'false', 'x > 1', 'has(m.a)', 't.contains("a")'],
    ...['(<bool> && <bool>)', '(<bool> || <bool>)', '!(<bool>)', '<int> < <int>'],
    ...['(<text> == <text>)', '(<list> != <list>)', '(<map> == <map>)', '(<int> in <list>)'],
    ...['(<text> in <map>)', '<list>.all(x, <bool>)', '<list>.exists(x, <bool>)'],
    ...['<list>.exists_one(x, <bool>)', '<text>.matches("^[ab]+|c$")'],
  ],
  int: [
    ...['0', '1', '7', 'x', 'm["a"]', 'l[0]', '(<int> + <int>)', '(<int> - <int>)'],
    ...['(<int> * <int>)', '(<int> / <int>)', '(<int> % <int>)', '(<bool> ? <int> : <int>)'],
    ...['size(<list>)', 'size(<text>)', 'size(<map>)', '<list>[<int>]', 'sum(<list>)'],
    ...['int(round(<int> * 0.25, 0, "HALF_EVEN"))', 'int(div(<int>, <int>, 1, "DOWN"))'],
    ...['max(<int>, <int>)', '<text>.indexOf(<text>)', '(<int> + duration("PT1H"))'],
  ],
  text: [
    ...['""', '"ab😀"', 't', '"\\uff5e"', '(<text> + <text>)', 'string(<int>)'],
    ...['<text>.upperAscii()', '<text>.replace("a", <text>)', '<text>.substring(1)'],
    ...['(<bool> ? <text> : <text>)', 'keys(<map>).join(",")', 'sealed("s", <text>, <list>)'],
  ],
  list: [
    ...['l', '[]', '[1, 2, 3]', '[<int>, <int>]', '(<list> + <list>)', '<list>.map(x, <int>)'],
    ...['<list>.filter(x, <bool>)', 'distinct(<list>)', '<map>.map(k, k.size())'],
  ],
  map: ['m', '{}', '{"b": 2, "a": 1}', '{"a": <int>, "b": <int>}', '{<text>: <int>}'],
} as const

type FormName = keyof typeof forms

const isFormName = (name: string): name is FormName => Object.hasOwn(forms, name)

/** Texts of rules whose types fit, so that they get far: over the variables of `typedEnvironment`. */
export const typedRule: fc.Arbitrary<string> = fc.letrec<Record<FormName | 'any', string>>(
  (tie) => {
    const fill = (form: string): fc.Arbitrary<string> => {
      const pieces = form.split(/<(\w+)>/)
      return fc
        .tuple(...pieces.map((piece) => (isFormName(piece) ? tie(piece) : fc.constant(piece))))
        .map((texts) => texts.join(''))
    }
    const textsOf = (name: FormName): fc.Arbitrary<string> =>
      fc.oneof({ depthSize: 'small', maxDepth: 5 }, ...forms[name].map(fill))
    return {
      ...{ bool: textsOf('bool'), int: textsOf('int'), text: textsOf('text') },
      ...{ list: textsOf('list'), map: textsOf('map') },
      any: fc.oneof(tie('bool'), tie('int'), tie('text'), tie('list'), tie('map')),
    }
  },
).any

const key = fc.constantFrom('a', 'b', '10', '9', '😀', '\uff5e')

export const typedEnvironment: fc.Arbitrary<{ readonly [root: string]: Value }> = fc
  .record({
    x: fc.bigInt(-3n, 12n),
    t: fc.string({ unit: fc.constantFrom('a', 'b', 'C', '😀', '\uff5e'), maxLength: 6 }),
    l: fc.array(fc.bigInt(-3n, 12n), { maxLength: 5 }),
    m: fc.array(fc.tuple(key, fc.bigInt(0n, 9n)), { maxLength: 5 }).map(mapOf),
  })
  .map((roots) => mapOf(Object.entries(roots)))
