import { NodeError } from '../errors/node-error.ts'

const SIZE = /^(\d+(?:\.\d+)?) ?([kmgtp])?i?b?$/i
const POWERS = 'kmgtp'

/** Bytes of a size such as `800Kb` or `50Mb`; units are powers of 1024. Throws CC20402. */
export function parseByteSize(input: string | number): number {
  const parts = SIZE.exec(String(input))
  if (parts === null || (typeof input === 'number' && !Number.isSafeInteger(input))) {
    throw new NodeError('CC20402', { input })
  }
  const [, amount, unit = ''] = parts
  const power = unit === '' ? 0 : POWERS.indexOf(unit.toLowerCase()) + 1
  return Math.floor(Number(amount) * 1024 ** power)
}
