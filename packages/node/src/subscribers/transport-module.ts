import type { EventTransport } from './transport.ts'

/** The transport that a module exports as `transport`, under the name the configuration gives it. Throws if there is none. */
export async function loadTransport(specifier: string, name: string): Promise<EventTransport> {
  const module: unknown = await import(specifier)
  const transport =
    typeof module === 'object' && module && 'transport' in module ? module.transport : undefined
  if (!isTransport(transport)) {
    throw new Error(`${specifier} does not export an event transport as 'transport'`)
  }
  return {
    name,
    validateOptions: (options) => transport.validateOptions(options),
    ...(transport.open && {
      open: (...given: Parameters<NonNullable<EventTransport['open']>>) => {
        if (!transport.open) throw new Error(`${specifier} can't open`)
        return transport.open(...given)
      },
    }),
  }
}

function isTransport(value: unknown): value is EventTransport {
  if (typeof value !== 'object' || value === null || !('validateOptions' in value)) return false
  const open = 'open' in value ? value.open : undefined
  return (
    typeof value.validateOptions === 'function' &&
    (open === undefined || typeof open === 'function')
  )
}
