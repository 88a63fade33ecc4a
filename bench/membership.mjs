// What a membership policy costs, written as Postern writes it and as EXISTS, at a million rows:
// node bench/membership.mjs [rows]. It starts a PostgreSQL of its own; the times of one run are compared with one another only.
//
// Last figures (2026-11-22, PostgreSQL 18.4, 1,000,000 rows of 10,000 organizations, the caller in three of them, medians):
// counting what one sees: = any(array) 1.00, in (select) 287, exists 299. The first goes by the index of the organization, the
// others ask for a seat at every row. A page in the order of the key: 1.00, 1.66, 1.34; all three walk the key backwards.
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { Client } from 'pg'

const ROWS = Number(process.argv[2] ?? 1_000_000)
const ORGANIZATIONS = 10_000
const REPEATS = 15

const { startPostgres, rules, setup } = await ours()

const MINE = `m.user_id = (select nullif(current_setting('request.jwt.claim.sub', true), ''))`
const POLICIES = {
  '= any(array(select …)), as Postern': rules.products,
  'in (select …)': `organization_id in (select m.organization_id from members m where ${MINE})`,
  'exists (select …)': `exists (select from members m where m.organization_id = products.organization_id and ${MINE})`,
}
const QUERIES = {
  'a page (limit 20)': 'select id, name from products order by id desc limit 20',
  'a count of what one sees': 'select count(*) from products',
}

const server = await startPostgres()
try {
  const client = new Client({ connectionString: server.adminUrl })
  await client.connect()
  await client.query(tables())
  const { rows } = await client.query('show server_version')
  say(
    `PostgreSQL ${rows[0].server_version}, ${ROWS} rows of ${ORGANIZATIONS} organizations, the caller is a member of three\n`,
  )
  const times = {}
  for (const [name, policy] of Object.entries(POLICIES)) {
    await client.query(
      `drop policy if exists reading on products; create policy reading on products for select to authenticated using (${policy})`,
    )
    times[name] = {}
    for (const [what, query] of Object.entries(QUERIES)) times[name][what] = await measure(client, query)
  }
  await client.end()
  const [first] = Object.keys(POLICIES)
  for (const what of Object.keys(QUERIES)) {
    say(what)
    for (const [name, byQuery] of Object.entries(times)) {
      const { ms, plan } = byQuery[what]
      const ratio = (ms / times[first][what].ms).toFixed(ms / times[first][what].ms < 10 ? 2 : 0)
      say(`  ${name.padEnd(34)} ${`${ratio}×`.padStart(8)}   ${plan}`)
    }
  }
} finally {
  await server.stop()
}

function say(line) {
  process.stdout.write(`${line}\n`)
}

/** The tables as a migration makes them, with a million rows and some fifty thousand seats. */
function tables() {
  return `${setup}
    create table organizations (id bigint generated always as identity primary key);
    create table members (id bigint generated always as identity primary key, organization_id bigint not null,
      user_id text not null, role text not null default 'member', unique (user_id, organization_id));
    create table products (id bigint generated always as identity primary key, name text not null,
      organization_id bigint not null, unique (organization_id, id));
    insert into members (organization_id, user_id) select o, 'user ' || ((o * 7 + s * 13) % 20000)
      from generate_series(1, ${ORGANIZATIONS}) o, generate_series(1, 5) s on conflict do nothing;
    insert into members (organization_id, user_id) values (17, 'me'), (4711, 'me'), (9001, 'me');
    insert into products (name, organization_id)
      select 'product ' || n, 1 + (n::bigint * 7919) % ${ORGANIZATIONS} from generate_series(1, ${ROWS}) n;
    grant select on members, products to authenticated;
    alter table members enable row level security;
    create policy reading on members for select to authenticated using (${rules.members});
    alter table products enable row level security;
    analyze;`
}

/** The rules themselves, so that what is measured is what a migration writes. */
async function ours() {
  const root = fileURLToPath(new URL('..', import.meta.url))
  mkdirSync(`${root}node_modules/.cache/postern`, { recursive: true })
  const outfile = `${root}node_modules/.cache/postern/bench-membership.mjs`
  const contents = `
    import { ROLES_SQL } from './packages/postern/src/database/roles.js'
    import { factsOf } from './packages/postern/src/schema/facts.js'
    import { id, organizationTables, table, text } from './packages/postern/src/schema/index.js'
    import { CALLER_ORGANIZATIONS_SQL } from './packages/postern/src/schema/organization-rules.js'
    import { ownerRulesOf } from './packages/postern/src/schema/owner-rules.js'
    export { startPostgres } from './test/support/postgres-server.js'
    const { members, organization } = organizationTables({ roles: ['member'] })
    const products = table('products', { id: id(), name: text().notNull() }, { owner: organization() })
    const read = (made) => ownerRulesOf(factsOf(made)).read.using
    export const rules = { products: read(products), members: read(members) }
    // The function reads a table that has to be there first.
    export const setup = ROLES_SQL + 'set check_function_bodies = off;' + CALLER_ORGANIZATIONS_SQL`
  const stdin = { contents, resolveDir: root, loader: 'ts' }
  await build({ stdin, outfile, bundle: true, format: 'esm', platform: 'node', packages: 'external' })
  return import(outfile)
}

/** The median, as the caller; and which way PostgreSQL went. */
async function measure(client, query) {
  const as = async (text) => {
    await client.query(
      `begin; select set_config('role', 'authenticated', true), set_config('request.jwt.claim.sub', 'me', true)`,
    )
    const started = process.hrtime.bigint()
    const { rows } = await client.query(text)
    const ms = Number(process.hrtime.bigint() - started) / 1e6
    await client.query('commit')
    return { rows, ms }
  }
  await as(query)
  const times = []
  const isSlow = (await as(query)).ms > 400
  for (let index = 0; index < (isSlow ? 3 : REPEATS); index += 1) times.push((await as(query)).ms)
  const { rows } = await as(`explain (format json) ${query}`)
  return { ms: times.sort((a, b) => a - b)[Math.floor(times.length / 2)], plan: scansOf(rows[0]['QUERY PLAN'][0].Plan) }
}

function scansOf(node) {
  const own =
    node['Relation Name'] === undefined
      ? []
      : [`${node['Node Type']} on ${node['Relation Name']}${node['Index Name'] ? ` by ${node['Index Name']}` : ''}`]
  return [...own, ...(node.Plans ?? []).map(scansOf)].filter((text) => text !== '').join(' + ')
}
