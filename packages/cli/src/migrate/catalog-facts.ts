/** One thing that PostgreSQL says of its catalog. Both sides of a comparison are printed by PostgreSQL itself. */
export interface CatalogFact {
  /** The table it belongs to, `schema.table`; the thing's own name where it belongs to none. */
  readonly table: string
  /** What it is a property of, for people: `column total`, `policy notes_read`. Empty: the table itself. */
  readonly thing: string
  readonly property: string
  readonly value: string
}

/** A connection, by its shape: the project may run on another version than the command. */
interface Reader {
  batch(
    statements: readonly { readonly text: string; readonly values: readonly unknown[] }[],
  ): Promise<{ readonly rows: readonly (readonly (string | null)[])[] }[]>
}

interface CatalogSource {
  asOwner<T>(work: (connection: Reader) => Promise<T>): Promise<T>
}

/** Everything about the schemas named (default: all that are the project's) that a migration could have made. Changes nothing. */
export async function catalogFacts(source: CatalogSource, schemas?: readonly string[]): Promise<CatalogFact[]> {
  const results = await source.asOwner((connection) =>
    connection.batch([
      // With no search path every name is printed with its schema, whatever the login's own path is.
      { text: "select set_config('search_path', '', true)", values: [] },
      { text: FACTS_SQL, values: [schemas === undefined ? null : `{${schemas.map((name) => `"${name}"`).join()}}`] },
    ]),
  )
  const rows = results[1]?.rows ?? []
  return rows.map(([table, thing, property, value]) => ({
    table: table ?? '',
    thing: thing ?? '',
    property: property ?? '',
    value: value ?? '',
  }))
}

/** Who else may what. To who could become the owner it gives nothing; MAINTAIN exists since 17 only and shows nobody a row. */
const grants = (acl: string, kind: string, owner: string) =>
  `(select coalesce(string_agg(line, '; ' order by line), '') from (
     select case g.grantee when 0 then 'PUBLIC' else pg_get_userbyid(g.grantee) end || ': '
       || string_agg(g.privilege_type || case when g.is_grantable then '*' else '' end, ', ' order by g.privilege_type) line
     from aclexplode(coalesce(${acl}, acldefault('${kind}', ${owner}))) g
     where (g.grantee = 0 or not pg_has_role(g.grantee, ${owner}, 'MEMBER')) and g.privilege_type <> 'MAINTAIN' group by g.grantee) lines)`

const KINDS = `case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' else 'table' end`

/**
 * Left out: what belongs to an extension, Postern's own schemas, NOT NULL as a named constraint (since 18; columns say it),
 * and the index of a constraint, which the constraint says.
 */
const FACTS_SQL = `with
  spaces as (
    select n.oid, n.nspname, n.nspacl, n.nspowner from pg_namespace n
    where case when $1::text[] is null then n.nspname not like 'pg\\_%' and n.nspname not in ('information_schema', 'postern', 'pgboss')
      else n.nspname = any($1::text[]) end),
  foreign_things as (select classid, objid from pg_depend where deptype = 'e'),
  relations as (
    select c.*, n.nspname || '.' || c.relname as label from pg_class c join spaces n on n.oid = c.relnamespace
    where not exists (select from foreign_things e where e.classid = 'pg_class'::regclass and e.objid = c.oid)),
  tables as (select * from relations where relkind in ('r', 'p', 'v', 'm', 'f'))
select * from (
  select nspname, '', 'schema', 'yes' from spaces
  union all select nspname, '', 'grants', ${grants('nspacl', 'n', 'nspowner')} from spaces
  union all select label, '', 'kind', ${KINDS} from tables c
  union all select label, '', 'row-level security', case when relrowsecurity then 'on' else 'off' end from tables where relkind in ('r', 'p')
  union all select label, '', 'forced row-level security', case when relforcerowsecurity then 'on' else 'off' end from tables where relkind in ('r', 'p')
  union all select label, '', 'options', coalesce(array_to_string(reloptions, ', '), '') from tables
  union all select label, '', 'definition', pg_get_viewdef(oid) from tables where relkind in ('v', 'm')
  union all select label, '', 'grants', ${grants('relacl', 'r', 'relowner')} from tables
  union all select label, 'column ' || attname, p.property, p.value
    from tables c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum,
    lateral (values
      ('type', format_type(a.atttypid, a.atttypmod)),
      ('NOT NULL', case when a.attnotnull then 'yes' else 'no' end),
      ('default', case when a.attgenerated = '' then coalesce(pg_get_expr(d.adbin, d.adrelid), 'none') else 'generated: ' || pg_get_expr(d.adbin, d.adrelid) end),
      ('identity', case a.attidentity when 'a' then 'always' when 'd' then 'by default' else 'no' end),
      ('grants', coalesce((select string_agg(case g.grantee when 0 then 'PUBLIC' else pg_get_userbyid(g.grantee) end || ': ' || g.privilege_type, '; '
         order by 1) from aclexplode(a.attacl) g where g.grantee <> c.relowner), ''))) p(property, value)
  union all select label, 'policy ' || polname, p.property, p.value
    from tables c join pg_policy on polrelid = c.oid,
    lateral (values
      ('command', case polcmd when 'r' then 'SELECT' when 'a' then 'INSERT' when 'w' then 'UPDATE' when 'd' then 'DELETE' else 'ALL' end),
      ('kind', case when polpermissive then 'permissive' else 'restrictive' end),
      ('roles', (select string_agg(case r when 0 then 'PUBLIC' else pg_get_userbyid(r) end, ', ' order by 1) from unnest(polroles) r)),
      ('USING', coalesce(pg_get_expr(polqual, polrelid), 'none')),
      ('WITH CHECK', coalesce(pg_get_expr(polwithcheck, polrelid), 'none'))) p(property, value)
  union all select label, case k.contype when 'p' then 'primary key ' when 'f' then 'foreign key ' when 'u' then 'unique constraint ' else 'constraint ' end || conname,
    'definition', pg_get_constraintdef(k.oid)
    from tables c join pg_constraint k on k.conrelid = c.oid and k.contype in ('p', 'f', 'u', 'c', 'x')
  union all select label, 'index ' || i.relname, p.property, p.value
    from tables c join pg_index x on x.indrelid = c.oid join pg_class i on i.oid = x.indexrelid,
    lateral (values ('definition', pg_get_indexdef(i.oid)), ('valid', case when x.indisvalid then 'yes' else 'no' end)) p(property, value)
    where not exists (select from pg_constraint k where k.conindid = i.oid and k.contype in ('p', 'u', 'x'))
  union all select label, 'trigger ' || tgname, p.property, p.value
    from tables c join pg_trigger t on t.tgrelid = c.oid and not t.tgisinternal,
    lateral (values ('definition', pg_get_triggerdef(t.oid)), ('enabled', case tgenabled when 'D' then 'no' else 'yes' end)) p(property, value)
  union all select label, 'rule ' || rulename, 'definition', pg_get_ruledef(r.oid)
    from tables c join pg_rewrite r on r.ev_class = c.oid where rulename <> '_RETURN'
  union all select label, '', 'grants', ${grants('relacl', 's', 'relowner')} from relations where relkind = 'S'
  union all select n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', '', f.property, f.value
    from pg_proc p join spaces n on n.oid = p.pronamespace,
    lateral (values
      ('kind', case p.prokind when 'p' then 'procedure' else 'function' end),
      ('runs as', case when p.prosecdef then case when pg_get_userbyid(p.proowner) in ('anon', 'authenticated', 'service_role')
         then pg_get_userbyid(p.proowner) else 'its owner' end else 'the caller' end),
      ('settings', coalesce(array_to_string(p.proconfig, ', '), '')),
      ('body', md5(coalesce(p.prosrc, '') || coalesce(pg_get_function_sqlbody(p.oid), ''))),
      ('grants', ${grants('p.proacl', 'f', 'p.proowner')})) f(property, value)
    where not exists (select from foreign_things e where e.classid = 'pg_proc'::regclass and e.objid = p.oid)
  union all select n.nspname || '.' || t.typname, '', 'values', (select string_agg(enumlabel, ', ' order by enumsortorder) from pg_enum where enumtypid = t.oid)
    from pg_type t join spaces n on n.oid = t.typnamespace where t.typtype = 'e'
) facts(place, thing, property, value)
order by place, thing, property`
