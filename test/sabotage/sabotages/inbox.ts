import type { Sabotage } from '../sabotage.js'

const once = 'packages/postern/src/inbox/exactly-once.test.ts'
const protocol = 'packages/postern/src/inbox/protocol.test.ts'
const webhook = 'packages/postern/src/webhook.test.ts'

const HEAD_OF_LINE = ` not exists (
      select from postern.webhook_inbox p where p.endpoint = w.endpoint and p.ordering_key = w.ordering_key and p.seq < w.seq
        and (p.status = 'received' or (p.status = 'dead' and p.blocks_key)))`

/** What the inbox promises of an event, from its storing to its end. What runs is the module that sql/ is made into. */
export const inbox: readonly Sabotage[] = [
  {
    claim: 'An event is there once',
    sabotage: 'nothing is unique',
    file: 'database/own-tables.ts',
    edit: [',\n         constraint webhook_inbox_dedupe unique (endpoint, dedupe_key))`', ')`'],
    test: webhook,
    by: 'on postgres a duplicate is counted',
  },
  {
    claim: 'A copy is no fault',
    sabotage: 'a copy fails on the constraint',
    file: 'inbox/sql.ts',
    edit: ['on conflict do nothing\nreturning id, status, attempts', 'returning id, status, attempts'],
    test: webhook,
    by: 'on postgres a duplicate is counted',
  },
  {
    claim: 'A copy waits for nobody',
    sabotage: 'storing counts the copy, and waits for the handler’s lock',
    file: 'inbox/sql.ts',
    edit: [
      'on conflict do nothing\nreturning id, status, attempts',
      'on conflict (endpoint, dedupe_key) do update set duplicates = w.duplicates + 1\nreturning id, status, attempts',
    ],
    test: once,
    by: 'has its answer before that ends',
    also: true,
  },
  {
    claim: 'The mark is the last that an attempt does',
    sabotage: 'it is set before the handler, so that copies wait for it',
    file: 'inbox/attempt.ts',
    edit: [
      `  await handle(database, unit, running, lock)
  const mark = bind(STATEMENTS.mark, [started.id, lock.transaction])
  await unit.commit({ identity: SERVICE, statements: [mark] })`,
      `  const mark = bind(STATEMENTS.mark, [started.id, lock.transaction])
  await unit.runAll(SERVICE, [mark])
  await handle(database, unit, running, lock)
  await unit.commit()`,
    ],
    test: once,
    by: 'has its answer before that ends',
    also: true,
  },
  {
    claim: 'The mark and the effects are one transaction',
    sabotage: 'the mark follows in another',
    file: 'inbox/attempt.ts',
    edit: [
      'await unit.commit({ identity: SERVICE, statements: [mark] })',
      `await unit.commit()
    const text = "update postern.webhook_inbox set status = 'succeeded', finished_at = now() where id = $1::uuid"
    const later = database.unit({ mode: 'statement' })
    await later.runAll(SERVICE, [{ text, values: [mark.values[0]] }])`,
    ],
    test: once,
    by: 'one transaction',
    also: true,
    always: true,
  },
  {
    claim: 'An event that fails is tried again',
    sabotage: 'it is marked in a transaction of its own, before the handler',
    file: 'inbox/attempt.ts',
    edit: [
      '  await handle(database, unit, running, lock)\n',
      `    const text = "update postern.webhook_inbox set status = 'succeeded' where id = $1::uuid"
    await unit.commit({ identity: SERVICE, statements: [{ text, values: [started.id] }] })
    const effects = database.unit({ mode: 'request' })
    await handle(database, effects, running, lock)
    if (running.timeMs > 0) return effects.commit().then(() => ({ kind: 'succeeded' }))
`,
    ],
    test: webhook,
    by: 'on postgres a handler that throws',
    also: true,
  },
  {
    claim: 'Two attempts of an event never run at the same time',
    sabotage: 'its row is not locked',
    file: 'inbox/sql.ts',
    edit: [
      'from postern.webhook_inbox where id = $1::uuid for no key update skip locked`',
      'from postern.webhook_inbox where id = $1::uuid`',
    ],
    test: protocol,
    by: 'the row’s lock keeps others off',
    also: true,
  },
  {
    claim: 'What is final stays so',
    sabotage: 'its status is not looked at under the lock',
    file: 'inbox/attempt.ts',
    edit: ["  if (status !== 'received') return { kind: 'final', status: status! }\n", ''],
    test: protocol,
    by: 'on postgres an attempt that comes late',
  },
  {
    claim: 'An event that kills its process is dead after so many attempts',
    sabotage: 'an attempt is not counted before it begins',
    file: 'inbox/sql.ts',
    edit: ['set attempts = attempts + 1, leased = true', 'set leased = true'],
    test: protocol,
    by: 'on postgres an event that kills its process',
    also: true,
  },
  {
    claim: 'A worker counts an attempt before its handler is called',
    sabotage: 'it counts when the attempt has failed',
    file: 'inbox/sql.ts',
    edit: ['set attempts = w.attempts + 1, leased = true', 'set leased = true'],
    test: once,
    by: 'before its handler is called',
    also: true,
  },
  {
    claim: 'An event has the attempts that it may have, and no more',
    sabotage: 'nobody asks how many were begun',
    file: 'inbox/attempt.ts',
    edit: ["  if (Number(attempts) > Number(most)) return { kind: 'exhausted' }\n", ''],
    test: protocol,
    by: 'on postgres an event that kills its process',
    also: true,
  },
  {
    claim: 'What is acknowledged is stored',
    sabotage: 'the answer does not wait for it',
    file: 'webhook.ts',
    edit: [
      '  return take(rows, { ...receiving, requestId, began })\n',
      "  void take(rows, { ...receiving, requestId, began }).catch(() => {})\n  return done('stored')\n",
    ],
    test: once,
    by: 'what could not be stored',
    also: true,
  },
  {
    claim: 'What nobody owns is not acknowledged',
    sabotage: 'a worker is taken for granted',
    file: 'inbox/store.ts',
    edit: ["return results.at(-1)!.rows[0]?.[0] === 't'", 'return true'],
    test: webhook,
    by: 'on postgres queued',
    also: true,
  },
  {
    claim: 'What has succeeded is never made undone',
    sabotage: 'a replay takes its mark away',
    file: 'inbox/sql.ts',
    edit: ["status in ('received', 'dead', 'ignored')", "status in ('received', 'dead', 'ignored', 'succeeded')"],
    test: once,
    by: 'between the look and the replay',
    also: true,
  },
  {
    claim: 'A late word of an old attempt changes nothing',
    sabotage: 'any attempt may record',
    file: 'inbox/sql.ts',
    edit: [
      'attempts = $2::integer for no key update skip locked)\nreturning status',
      'attempts <> -$2::integer for no key update skip locked)\nreturning status',
    ],
    test: protocol,
    by: 'on postgres a late record',
  },
  {
    claim: 'A row that is locked for a moment is not left to its lease',
    sabotage: 'one look is all that an attempt takes',
    file: 'inbox/process-when-free.ts',
    edit: ['PAUSES_MS = [50, 200, 800]', 'PAUSES_MS: number[] = []'],
    test: protocol,
    by: 'for a moment is not left to its lease',
  },
  {
    claim: 'An event that was stored over a connection which is lost is not left to its lease',
    sabotage: 'nobody gives it back',
    file: 'inbox/give-back-unheard.ts',
    edit: ['PAUSES_MS = [50, 200, 800, 2_000, 4_000]', 'PAUSES_MS: number[] = []'],
    test: 'test/webhooks/database-faults.test.ts',
    by: 'is processed by a worker, and not when its lease ends',
  },
  {
    claim: 'Whoever gives an event back takes it from nobody',
    sabotage: 'any first attempt is taken for the lost one',
    file: 'inbox/sql.ts',
    edit: ['\n    and next_attempt_at = received_at + make_interval(secs => $2::float8 / 1000)', ' and $2::float8 > 0'],
    test: protocol,
    by: 'on postgres an event whose storing was never answered',
  },
  {
    claim: 'What has begun is run, however long it took to store it',
    sabotage: 'it is left where its provider waits no longer',
    file: 'webhook.ts',
    edit: ['if (left() <= 0 && !hasBegun(stored)) return', 'if (left() <= 0) return'],
    test: 'test/webhooks/slow-handlers.test.ts',
    by: 'one whose storing alone',
  },
  {
    claim: 'Events of one key are processed in the order in which they came',
    sabotage: 'a worker takes any that is due',
    file: 'inbox/sql.ts',
    edit: [`(w.ordering_key is null or${HEAD_OF_LINE})`, 'true'],
    test: protocol,
    by: 'on postgres events of one key are taken',
    also: true,
  },
  {
    claim: 'An event does not overtake another of its key while its provider waits',
    sabotage: 'it begins whatever is before it',
    file: 'inbox/sql.ts',
    edit: ["where id = $1::uuid and status = 'received' and exists (", 'where id = $1::uuid and false and exists ('],
    test: protocol,
    by: 'on postgres events of one key are taken',
    also: true,
  },
  {
    claim: 'Two events of one key never run at the same time',
    sabotage: 'the key is not locked',
    file: 'inbox/sql.ts',
    edit: [
      "select pg_try_advisory_xact_lock(hashtextextended($1 || ':' || $2, 7))",
      "select $1 || ':' || $2 is not null",
    ],
    test: protocol,
    by: 'could not see each other',
  },
  {
    claim: 'What is due for longest comes first',
    sabotage: 'a worker takes any',
    file: 'inbox/sql.ts',
    edit: ['order by w.next_attempt_at, w.seq limit', 'order by w.seq limit'],
    test: once,
    by: 'taken first',
  },
  {
    claim: 'What one worker has taken no other takes',
    sabotage: 'there is no lease',
    file: 'inbox/sql.ts',
    edit: ['next_attempt_at = now() + make_interval(secs => due.lease_ms::float8 / 1000)', 'next_attempt_at = now()'],
    test: protocol,
    by: 'on postgres a worker takes what is due',
  },
  {
    claim: 'A copy begins no attempt beside the one that runs',
    sabotage: 'a lease is not asked for',
    file: 'inbox/sql.ts',
    edit: ["status = 'received' and (not leased or next_attempt_at <= now())", "status = 'received'"],
    test: once,
    by: 'begins no attempt',
  },
  {
    claim: 'What was captured can’t come again under another id',
    sabotage: 'the same bytes may be there twice',
    file: 'database/own-tables.ts',
    edit: ['create unique index webhook_inbox_body', 'create index webhook_inbox_body'],
    test: webhook,
    by: 'on postgres the same bytes under another id',
    also: true,
  },
  {
    claim: 'Where no time is signed, a copy is known for good',
    sabotage: 'it is forgotten as others are',
    file: 'webhook-plan.ts',
    edit: [
      'signer.signsTime ? Math.max(90 * DAY_MS, 2 * signer.resendsForMs) : null',
      'Math.max(90 * DAY_MS, 2 * signer.resendsForMs)',
    ],
    test: once,
    by: 'kept for good',
    also: true,
  },
  {
    claim: 'What was captured is stale where its own date says so, and a date that is none says nothing',
    sabotage: 'a date that is none is of any age',
    file: 'webhook.ts',
    edit: ['return !(at >= now.getTime() - maxEventAge.ms)', 'return at < now.getTime() - maxEventAge.ms'],
    test: 'test/webhooks/replay-attacks.test.ts',
    by: 'by the date in its body',
  },
  {
    claim: 'Many events that are replayed leave room for what comes',
    sabotage: 'all of them are due at once',
    file: 'inbox/replay.ts',
    edit: ['afterMs: Math.round(before * paceMs)', 'afterMs: 0'],
    test: protocol,
    by: 'on postgres many that are replayed',
  },
  {
    claim: 'What waits is never taken away',
    sabotage: 'an old event is emptied whatever it is',
    file: 'inbox/sql.ts',
    edit: [
      "    and finished_at < now() - make_interval(secs => 86400 * case when status = 'dead' then $2::float8 else $1::float8 end)\n    and status <> 'received'",
      "    and received_at < now() - make_interval(secs => 86400 * case when status = 'dead' then $2::float8 else $1::float8 end)",
    ],
    test: protocol,
    by: 'on postgres pruned',
    also: true,
  },
  {
    claim: 'A prune waits for no handler',
    sabotage: 'an event goes before what was made of it by force',
    file: 'inbox/sql.ts',
    edit: ['\n    and not exists (select from postern.webhook_inbox r where r.replay_of = i.id)', ''],
    test: once,
    by: 'a prune waits',
  },
  {
    claim: 'What is forgotten is new again',
    sabotage: 'a copy fails that comes in the moment of the prune',
    file: 'inbox/store.ts',
    edit: ['if (id === undefined) continue', "if (id === undefined) throw new Error('It went away')"],
    test: once,
    by: 'forgotten in this very moment',
  },
  {
    claim: 'A signature covers bytes, and bytes are kept',
    sabotage: 'the body is read as text',
    file: 'webhook-delivery.ts',
    edit: ['inTime(readBytes(request, plan.maxBodyBytes), around.receiveMs)', 'Buffer.from(await request.text())'],
    test: once,
    by: 'the bytes that it came as',
  },
  {
    claim: 'A handler that ends its transaction is found out',
    sabotage: 'the mark does not ask whose transaction it is in',
    file: 'inbox/sql.ts',
    edit: [" and pg_current_xact_id()::text = $2 then 'succeeded'", " and $2::text is not null then 'succeeded'"],
    test: webhook,
    by: 'on postgres a handler that breaks',
  },
  {
    claim: 'What a handler forgot to await is not marked as done',
    sabotage: 'nobody looks',
    file: 'inbox/attempt.ts',
    edit: ['if (forgotten.length > 0) throw', 'if (forgotten.length < 0) throw'],
    test: webhook,
    by: 'on postgres a handler that breaks',
  },
  {
    claim: 'What met another transaction is no failed attempt',
    sabotage: 'it is not begun anew',
    file: 'inbox/as-service.ts',
    edit: ['if (tried === 3 || !isConflict(error)) throw error', 'if (tried > 0) throw error'],
    test: protocol,
    by: 'on postgres what met another',
  },
  {
    claim: 'What an object is stays what its newest event said',
    sabotage: 'the last to come wins',
    file: 'database/apply-if-newer.ts',
    edit: ['${version} is null or ${version} < ${given(version)}', '${version} is not distinct from ${version}'],
    test: 'packages/postern/src/database/apply-if-newer.test.ts',
    by: 'on postgres the newest state stays',
  },
]
