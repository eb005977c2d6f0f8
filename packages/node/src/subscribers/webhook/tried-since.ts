import type { Database, Transaction } from '../../store/database.ts'

/** Rows of `offsets`: one a subscription, named for the event that its target does not take. */
const typeOf = (subscription: string): string => `webhook_tried|${subscription}`

/** Since when (milliseconds since 1970) a target was tried with an event; `now`, kept from here on, if it never was. */
export const triedSince = (
  database: Database,
  { subscription, event, now }: { subscription: string; event: string; now: number },
): Promise<number> =>
  database.transaction(async (tx) => {
    const found = await tx.db
      .selectFrom('offsets')
      .select('current')
      .where('type', '=', typeOf(subscription))
      .where('name', '=', event)
      .executeTakeFirst()
    if (found) return found.current
    await forgetTries(tx, subscription)
    await tx.insertMany('offsets', [{ type: typeOf(subscription), name: event, current: now }])
    return now
  })

/** As if the target had not been tried. */
export const forgetTries = async ({ db }: Transaction, subscription: string): Promise<void> =>
  void (await db.deleteFrom('offsets').where('type', '=', typeOf(subscription)).execute())
