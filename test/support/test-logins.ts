import { loginSql, ROLES, ROLES_SQL } from '../../packages/postern/src/database/roles.js'

/** Owns the tables; no superuser. */
export const OWNER = 'test_owner'
/** Serves requests: owns nothing, may become the three roles. */
export const LOGIN = 'test_app'

/** Who logs in to the servers of the tests, and with what. */
export const PASSWORDS = { postgres: 'postgres', [OWNER]: 'test', [LOGIN]: 'test' }

/** Logins belong to the whole server, and test files start at the same moment: one after the other. */
export function loginsSql(versionNumber: number): string {
  return `begin;
select pg_advisory_xact_lock(7301);
${ROLES_SQL}
do $$ begin
  if not exists (select from pg_roles where rolname = '${OWNER}') then
    create role ${OWNER} login noinherit password '${PASSWORDS[OWNER]}' createrole nosuperuser nobypassrls;
    ${ownerGrant(versionNumber)}
  end if;
  if not exists (select from pg_roles where rolname = '${LOGIN}') then
    create role ${LOGIN} login password '${PASSWORDS[LOGIN]}';
  end if;
end $$;
${loginSql(LOGIN, versionNumber)}
commit;`
}

/** PostgreSQL 15 knows no options of a grant but this one; there NOINHERIT of the role says the rest. */
function ownerGrant(versionNumber: number): string {
  const grant = `grant ${ROLES.join(', ')} to ${OWNER}`
  return versionNumber >= 160_000 ? `${grant} with inherit false, set true, admin true;` : `${grant} with admin option;`
}
