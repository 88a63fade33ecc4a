import type { Connections } from './connections.js'
import { DatabaseUnreachable } from './unreachable.js'

/** Something about the login that weakens row-level security. */
interface Warning {
  readonly message: string
  readonly hint: string
}

/** At the start of a server there is time: a serverless database wakes up, an embedded one is made. */
const FIRST_WAIT_MS = 15_000

const OLDEST_VERSION = 150_000

/**
 * pg_has_role: USAGE means that the role's rights are inherited, MEMBER that it can be switched to (SET says so since 16, and 15
 * knows only MEMBER).
 */
const LOOK = `select current_setting('server_version_num'), session_user, me.rolsuper, me.rolbypassrls,
  array(select r.rolname from pg_roles r where r.rolname = any(array['anon', 'authenticated', 'service_role'])
    and pg_has_role(me.oid, r.oid, 'MEMBER'))::text,
  array(select r.rolname from pg_roles r where r.rolname = any(array['anon', 'authenticated', 'service_role'])
    and not me.rolsuper and pg_has_role(me.oid, r.oid, 'USAGE'))::text,
  array(select c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relowner = me.oid
    and c.relkind in ('r', 'p') and not c.relforcerowsecurity and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema')::text
from pg_roles me where me.rolname = session_user`

/** Proves from the catalog that the bare login is harmless. Throws `DatabaseUnreachable` where PostgreSQL is too old. */
export async function inspectServer(connections: Connections): Promise<Warning[]> {
  const connection = await connections.acquire(FIRST_WAIT_MS)
  try {
    const [look] = await connection.batch([{ text: LOOK, values: [] }])
    const [version, login, superuser, bypasses, becomes, inherits, owns] = look!.rows[0]!
    if (Number(version) < OLDEST_VERSION) {
      throw new DatabaseUnreachable(
        `PostgreSQL ${Math.floor(Number(version) / 10_000)} is too old (${connections.label})`,
        'Use PostgreSQL 15 or newer',
      )
    }
    return [
      ...warn(
        superuser === 't',
        `The login ${login} is a superuser, so row-level security ends where its role is left`,
        OWN_LOGIN,
      ),
      ...warn(superuser !== 't' && bypasses === 't', `The login ${login} has BYPASSRLS`, OWN_LOGIN),
      ...warn(
        inherits !== '{}',
        `The login ${login} inherits ${list(inherits)}, so a statement without a role reads rows`,
        GRANT,
      ),
      ...warn(
        becomes!.split(',').length < 3,
        `The login ${login} cannot become anon, authenticated and service_role`,
        MIGRATE,
      ),
      ...warn(owns !== '{}', `The login ${login} owns ${list(owns)} without FORCE ROW LEVEL SECURITY`, OWN_LOGIN),
    ]
  } finally {
    connection.release()
  }
}

const OWN_LOGIN = 'Give DATABASE_URL a login that owns nothing, and keep the owner for MIGRATION_DATABASE_URL'
const GRANT = 'Grant the three roles again with inherit false, set true (PostgreSQL 15: alter role … noinherit)'
const MIGRATE = 'Run `postern migrate up`, and grant the three roles to the login with inherit false, set true'

function warn(when: boolean, message: string, hint: string): Warning[] {
  return when ? [{ message, hint }] : []
}

function list(names: string | null | undefined): string {
  return (names ?? '{}').slice(1, -1).replaceAll(',', ', ')
}
