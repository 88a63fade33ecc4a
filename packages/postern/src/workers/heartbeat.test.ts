import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { onEachDriver } from '../../../../test/support/drivers.js'
import { applyOwnMigrations } from '../database/own-migrations.js'
import { SERVICE } from '../database/identity.js'
import { beat, runsAnywhere } from './heartbeat.js'

onEachDriver((driver) => {
  const db = () => driver.connect({ poolWaitMs: 5_000 })
  const start = (workers: readonly string[], database = db()) =>
    beat(database, { id: randomUUID(), workers, onFailure: () => {} })
  const runs = async (worker: string) => {
    const unit = db().unit({ mode: 'read' })
    const { rows } = await unit.run(SERVICE, runsAnywhere(worker))
    await unit.close()
    return rows[0]?.[0] === 't'
  }

  test('a database without the framework’s tables is told in one sentence', async () => {
    await expect(start(['webhooks'])).rejects.toThrow(/not in this database .*postern migrate up/)
  })

  describe('with them', () => {
    beforeAll(async () => {
      await db().asOwner((owner) => applyOwnMigrations(owner, () => {}))
    })

    test('each of two processes counts, and the last to end takes the answer with it', async () => {
      const ends = [await start(['webhooks', 'jobs']), await start(['webhooks'])]
      expect([await runs('webhooks'), await runs('jobs'), await runs('other')]).toEqual([true, true, false])
      await ends[0]!()
      expect([await runs('webhooks'), await runs('jobs')]).toEqual([true, false])
      await ends[1]!()
      expect(await runs('webhooks')).toBe(false)
    })

    test('a process that was killed is believed for a while, by the database’s clock, and forgotten', async () => {
      const ago = (time: string) =>
        db().asOwner((owner) =>
          owner.script(
            `begin; set local role service_role;
             insert into postern.workers values (gen_random_uuid(), 'killed', now(), clock_timestamp() - interval '${time}'); commit`,
          ),
        )
      await ago('20 seconds')
      expect(await runs('killed')).toBe(true)
      await db().asOwner((owner) =>
        owner.script('begin; set local role service_role; delete from postern.workers; commit'),
      )
      await ago('1 minute')
      await ago('2 hours')
      expect(await runs('killed')).toBe(false)
      const end = await start(['webhooks'])
      const unit = db().unit({ mode: 'read' })
      const left = await unit.run(SERVICE, { text: "select from postern.workers where name = 'killed'", values: [] })
      await unit.close()
      expect(left.rowCount).toBe(1)
      await end()
    })
  })
})
