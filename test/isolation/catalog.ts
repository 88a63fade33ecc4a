/** One statement, answered with its rows as text. */
export type Ask = (text: string, values?: readonly unknown[]) => Promise<readonly (readonly (string | null)[])[]>

export interface CatalogColumn {
  readonly name: string
  readonly type: string
  readonly isRequired: boolean
  readonly hasDefault: boolean
  readonly isGenerated: boolean
  /** The first value of an enum. */
  readonly label: string | null
}

export interface CatalogForeignKey {
  readonly name: string
  readonly columns: readonly string[]
  readonly target: string
  readonly targetColumns: readonly string[]
}

export interface CatalogPolicy {
  readonly name: string
  readonly command: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'ALL'
  readonly isPermissive: boolean
  readonly roles: readonly string[]
  readonly using: string | null
  readonly check: string | null
}

/** A function that runs as its owner. */
export interface DefinerFunction {
  readonly name: string
  readonly owner: string
  /** Whether the search path is set and empty: then no caller's object can stand in for one that is named in it. */
  readonly pathIsEmpty: boolean
  readonly forNobody: boolean
}

/** A table, view or the like in a schema that callers can use. */
export interface Relation {
  readonly name: string
  readonly kind: 'r' | 'p' | 'v' | 'm' | 'f'
  readonly rls: boolean
  readonly forced: boolean
  readonly owner: string
  /** A view that reads with the rights of whoever asks. */
  readonly invoker: boolean
  readonly columns: readonly CatalogColumn[]
  readonly key: readonly string[]
  readonly foreignKeys: readonly CatalogForeignKey[]
  readonly policies: readonly CatalogPolicy[]
  /** `role PRIVILEGE`, of the three roles and the login, on the whole or on a column. */
  readonly grants: readonly string[]
}

export interface Catalog {
  readonly login: string
  readonly relations: readonly Relation[]
  readonly loginBypasses: boolean
  readonly loginInherits: readonly string[]
  /** Logins and roles beyond the three that the login can become. */
  readonly loginBecomes: readonly string[]
  readonly bypassingRoles: readonly string[]
  /** SECURITY DEFINER functions that a caller may run. */
  readonly definerFunctions: readonly DefinerFunction[]
  /** `role schema`, where one of the three may make objects. */
  readonly creatable: readonly string[]
}

/** Everything about ownership that PostgreSQL itself can tell, read by any login. */
export async function readCatalog(ask: Ask): Promise<Catalog> {
  const [[text] = []] = await ask(CATALOG_SQL)
  return JSON.parse(text ?? 'null') as Catalog
}

const EXPOSED = `n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
  and (has_schema_privilege('anon', n.oid, 'USAGE') or has_schema_privilege('authenticated', n.oid, 'USAGE'))`
const list = (of: string) => `coalesce((select json_agg(${of}), '[]'::json)`
const names = (numbers: string, table: string) =>
  `(select json_agg(a.attname order by k.n) from unnest(${numbers}) with ordinality k(num, n)
    join pg_attribute a on a.attrelid = ${table} and a.attnum = k.num)`

const COLUMNS = list(`json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
    'isRequired', a.attnotnull, 'hasDefault', a.atthasdef, 'isGenerated', a.attidentity <> '' or a.attgenerated <> '',
    'label', (select e.enumlabel from pg_enum e where e.enumtypid = a.atttypid order by e.enumsortorder limit 1)) order by a.attnum)
  from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped`)

const FOREIGN_KEYS = list(`json_build_object('name', f.conname, 'columns', ${names('f.conkey', 'f.conrelid')},
    'target', (select relname from pg_class where oid = f.confrelid), 'targetColumns', ${names('f.confkey', 'f.confrelid')}))
  from pg_constraint f where f.conrelid = c.oid and f.contype = 'f'`)

const POLICIES = list(`json_build_object('name', p.polname, 'isPermissive', p.polpermissive,
    'command', case p.polcmd when 'r' then 'SELECT' when 'a' then 'INSERT' when 'w' then 'UPDATE' when 'd' then 'DELETE' else 'ALL' end,
    'roles', array(select case r when 0 then 'public' else pg_get_userbyid(r) end from unnest(p.polroles) r),
    'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid)))
  from pg_policy p where p.polrelid = c.oid`)

const GRANTS = list(`r.name || ' ' || g.privilege)
  from unnest(array['anon', 'authenticated', 'service_role', session_user::text]) r(name),
    unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) g(privilege)
  where has_table_privilege(r.name, c.oid, g.privilege)
    or case when g.privilege in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') then has_any_column_privilege(r.name, c.oid, g.privilege) else false end`)

const CATALOG_SQL = `select json_build_object(
  'login', session_user,
  'loginBypasses', (select rolsuper or rolbypassrls from pg_roles where rolname = session_user),
  'loginInherits', array(select r from unnest(array['anon', 'authenticated', 'service_role']) r where pg_has_role(session_user, r, 'USAGE')),
  'loginBecomes', array(select rolname from pg_roles where pg_has_role(session_user, oid, 'MEMBER')
    and rolname not in ('anon', 'authenticated', 'service_role', session_user)),
  'bypassingRoles', array(select rolname from pg_roles where rolname in ('anon', 'authenticated', 'service_role') and (rolsuper or rolbypassrls)),
  'definerFunctions', ${list(`json_build_object('name', p.oid::regprocedure::text, 'owner', pg_get_userbyid(p.proowner),
      'pathIsEmpty', coalesce('search_path=""' = any(p.proconfig), false), 'forNobody', has_function_privilege('anon', p.oid, 'EXECUTE')))
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where ${EXPOSED} and p.prosecdef and (has_function_privilege('anon', p.oid, 'EXECUTE') or has_function_privilege('authenticated', p.oid, 'EXECUTE'))`)},
  'creatable', array(select r || ' ' || n.nspname from unnest(array['anon', 'authenticated', 'service_role']) r, pg_namespace n
    where n.nspname not like 'pg\\_%' and has_schema_privilege(r, n.oid, 'CREATE')),
  'relations', ${list(`json_build_object('name', c.relname, 'kind', c.relkind, 'rls', c.relrowsecurity, 'forced', c.relforcerowsecurity,
      'owner', pg_get_userbyid(c.relowner),
      'invoker', coalesce((select o.option_value::boolean from pg_options_to_table(c.reloptions) o where o.option_name = 'security_invoker'), false),
      'columns', ${COLUMNS},
      'key', coalesce((select ${names('k.conkey', 'c.oid')} from pg_constraint k where k.conrelid = c.oid and k.contype = 'p'), '[]'::json),
      'foreignKeys', ${FOREIGN_KEYS}, 'policies', ${POLICIES}, 'grants', ${GRANTS}) order by c.relname)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where ${EXPOSED} and c.relkind in ('r', 'p', 'v', 'm', 'f')
      -- Callers may use the schema for the sake of its function; its tables are nobody's until one is opened.
      and (n.nspname <> 'postern' or exists (select from unnest(array['anon', 'authenticated']) r(name),
        unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) g(privilege) where has_table_privilege(r.name, c.oid, g.privilege)))`)}
)::text`
