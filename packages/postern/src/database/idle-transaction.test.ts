import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { alice, onEachDriver, once } from '../../../../test/support/drivers.js'
import { problemOfDatabaseError } from './errors.js'

const LIMIT = "select current_setting('idle_in_transaction_session_timeout')"

onEachDriver(({ connect, kind, superuser }) => {
  test('a transaction knows how long it may wait for its next statement, and its connection forgets it', async () => {
    const options = { poolSize: 1 }
    const db = connect(options)
    for (const mode of ['request', 'snapshot'] as const) {
      const unit = db.unit({ mode })
      const { rows } = await unit.run(alice, { text: LIMIT, values: [] })
      expect(rows).toEqual([[kind === 'embedded' ? '0' : '1min']])
      await unit.close()
      expect((await once(db, alice, LIMIT)).rows).toEqual([['0']])
    }
  })

  test.runIf(kind === 'postgres')(
    'one that was left idle is ended: its locks are free, and nothing of it stays',
    async () => {
      const db = connect({ poolSize: 1, idleTransactionMs: 300, poolWaitMs: 5_000 })
      await once(db, alice, "insert into notes (body) values ('locked')")
      const unit = db.unit({ mode: 'request' })
      await unit.run(alice, { text: "update notes set body = 'lost' where body = 'locked'", values: [] })
      // Waits for the lock, which nobody but PostgreSQL can take from the transaction.
      const [row] = await superuser("update notes set body = 'free' where body = 'locked' returning body")
      expect(row).toEqual({ body: 'free' })
      await pause(50)
      const late = await unit.run(alice, { text: 'select 1', values: [] }).catch((error: unknown) => error)
      expect(problemOfDatabaseError(late)?.code).toBe('unavailable')
      await expect(unit.commit()).rejects.toThrow(/terminated|connection|ended/i)
      await unit.close()
      expect((await once(db, alice, "select body from notes where body in ('locked', 'lost', 'free')")).rows).toEqual([
        ['free'],
      ])
    },
  )
})
