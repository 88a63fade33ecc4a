import { CALLER } from '../../packages/postern/src/schema/rule-text.js'
import type { Defect } from './finding.js'
import { organizationSabotages } from './sabotages-organizations.js'

/** One way to break the database, and by which names the proof must call it. */
export interface Sabotage {
  readonly what: string
  readonly where: string
  /** `LOGIN` stands for the server's login. */
  readonly sql: string
  readonly caught: readonly Defect[]
}

const OWN = `owner_id = ${CALLER}`

export const sabotages: readonly Sabotage[] = [
  ...onReading(),
  ...onWriting(),
  ...onParents(),
  ...roundPolicies(),
  ...onTheLogin(),
  ...onMissingClaims(),
  ...organizationSabotages,
]

function onReading(): Sabotage[] {
  return [
    {
      what: 'row-level security off',
      where: 'customers',
      sql: 'alter table customers disable row level security',
      caught: ['rls-off', 'reads-others', 'updates-all', 'deletes-all', 'gives-away', 'inserts-as-another'],
    },
    {
      what: 'not forced',
      where: 'customers',
      sql: 'alter table customers no force row level security',
      caught: ['rls-not-forced'],
    },
    {
      what: 'reading using (true)',
      where: 'customers',
      sql: 'alter policy customers_read on customers using (true)',
      caught: ['open-policy', 'reads-others'],
    },
    {
      what: 'a second reading policy that is always true',
      where: 'invoices',
      sql: 'create policy support on invoices for select to authenticated using (true)',
      caught: ['open-policy', 'reads-others'],
    },
    {
      what: 'a policy that is true in other words',
      where: 'customers',
      sql: 'alter policy customers_read on customers using (owner_id is not null)',
      caught: ['reads-others'],
    },
    {
      what: 'the wrong column',
      where: 'customers',
      sql: `alter policy customers_read on customers using (name = ${CALLER})`,
      caught: ['unknown'],
    },
    {
      what: 'a sub-select that forgets its row',
      where: 'invoices',
      sql: `alter policy invoices_read on invoices using (exists (select from customers c where c.${OWN}))`,
      caught: ['reads-others'],
    },
    {
      what: 'a policy to public, and a grant to anon',
      where: 'customers',
      sql: 'create policy open on customers for select to public using (true); grant select on customers to anon',
      caught: ['open-policy', 'reads-others'],
    },
    {
      what: 'a grant to anon that no policy knows of',
      where: 'customers',
      sql: 'grant select on customers to anon',
      caught: ['grant-without-policy'],
    },
    {
      what: 'read by those who signed in, opened to everyone',
      where: 'comments',
      sql: 'alter policy comments_read on comments to anon, authenticated; grant select on comments to anon',
      caught: ['reads-others'],
    },
    {
      what: "a library's table opened",
      where: 'session',
      sql: 'create policy open on session for select to authenticated using (true); grant select on session to authenticated',
      caught: ['open-policy', 'reads-others'],
    },
    {
      what: "the owner's policies dropped: a refusal that proves nothing",
      where: 'customers',
      sql: 'drop policy customers_read on customers; drop policy customers_update on customers',
      caught: ['unknown', 'grant-without-policy'],
    },
  ]
}

function onWriting(): Sabotage[] {
  return [
    {
      what: 'insert with check (true)',
      where: 'customers',
      sql: 'alter policy customers_insert on customers with check (true)',
      caught: ['open-policy', 'inserts-as-another', 'empty-claim', 'null-claim'],
    },
    {
      what: 'update with check (true)',
      where: 'customers',
      sql: 'alter policy customers_update on customers with check (true)',
      caught: ['open-policy', 'gives-away'],
    },
    {
      what: 'update using (true)',
      where: 'customers',
      sql: 'alter policy customers_update on customers using (true)',
      caught: ['open-policy', 'takes-over'],
    },
    {
      what: 'update true on both sides',
      where: 'invoices',
      sql: 'alter policy invoices_update on invoices using (true) with check (true)',
      caught: ['open-policy', 'updates-all', 'takes-over', 'gives-away'],
    },
    {
      what: "update true on rows that all may read: another's by id",
      where: 'articles',
      sql: 'alter policy articles_update on articles using (true) with check (true)',
      caught: ['updates-others', 'updates-all', 'upserts-others'],
    },
    {
      what: 'delete using (true)',
      where: 'payments',
      sql: 'alter policy payments_delete on payments using (true)',
      caught: ['open-policy', 'deletes-all'],
    },
    {
      what: 'the reading rule used for everything',
      where: 'articles',
      sql: `create policy everything on articles for all to authenticated using (true) with check (${OWN})`,
      caught: ['open-policy', 'takes-over', 'deletes-others', 'deletes-all'],
    },
    {
      what: 'a price list that anyone signed in may change',
      where: 'rates',
      sql: 'create policy edit on rates for update to authenticated using (true) with check (true); grant update on rates to authenticated',
      caught: ['open-policy', 'updates-others', 'updates-all'],
    },
    {
      what: 'a price list that anyone may add to',
      where: 'rates',
      sql: 'create policy add on rates for insert to anon with check (percent > 0); grant insert on rates to anon',
      caught: ['inserts-as-another'],
    },
    {
      what: 'an owner column without its default',
      where: 'customers',
      sql: 'alter table customers alter owner_id drop default',
      caught: ['unknown'],
    },
  ]
}

function onParents(): Sabotage[] {
  return [
    {
      what: 'a foreign key without the owner',
      where: 'invoices',
      sql: `alter table invoices drop constraint invoices_customer_id_fkey;
        alter table invoices add constraint invoices_customer_id_fkey foreign key (customer_id) references customers (id)`,
      caught: ['plain-foreign-key', 'attaches-to-others'],
    },
    {
      what: 'an insert that forgets to look at the parent',
      where: 'pins',
      sql: `alter policy pins_insert on pins with check (${OWN})`,
      caught: ['attaches-to-others'],
    },
    {
      what: 'no WITH CHECK',
      where: 'pins',
      sql: `drop policy pins_update on pins; create policy pins_update on pins for update to authenticated using (${OWN})`,
      caught: ['no-with-check', 'attaches-to-others'],
    },
  ]
}

function roundPolicies(): Sabotage[] {
  return [
    {
      what: "a view with its owner's rights",
      where: 'all_customers',
      sql: 'create view all_customers as select * from customers; grant select on all_customers to authenticated',
      caught: ['definer-view'],
    },
    {
      what: 'a materialized view',
      where: 'customer_names',
      sql: 'create materialized view customer_names as select name from customers; grant select on customer_names to authenticated',
      caught: ['materialized-view'],
    },
    {
      what: 'a foreign table',
      where: 'elsewhere',
      sql: `create foreign data wrapper nothing; create server nowhere foreign data wrapper nothing;
        create foreign table elsewhere (id int) server nowhere; grant select on elsewhere to anon`,
      caught: ['foreign-table'],
    },
    {
      what: 'a SECURITY DEFINER function',
      where: 'everyone()',
      sql: 'create function everyone() returns setof customers language sql security definer as $$ select * from customers $$',
      caught: ['definer-function'],
    },
    {
      what: 'TRUNCATE granted',
      where: 'customers',
      sql: 'grant truncate on customers to authenticated',
      caught: ['wide-grant'],
    },
    {
      what: 'REFERENCES and TRIGGER granted',
      where: 'customers',
      sql: 'grant references, trigger on customers to service_role',
      caught: ['wide-grant'],
    },
    {
      what: 'a table that no schema speaks of',
      where: 'sketches',
      sql: 'create table sketches (id int, owner_id text); grant select on sketches to authenticated',
      caught: ['forgotten-table', 'rls-off', 'rls-not-forced', 'no-policy', 'grant-without-policy'],
    },
    {
      what: 'a partition that is read past its parent',
      where: 'visits_2026',
      sql: `create table visits (owner_id text not null, at date not null) partition by range (at);
        create table visits_2026 partition of visits for values from ('2026-01-01') to ('2027-01-01');
        alter table visits enable row level security, force row level security;
        create policy own on visits to authenticated using (${OWN}) with check (${OWN});
        grant select on visits, visits_2026 to authenticated`,
      caught: ['rls-off', 'grant-without-policy'],
    },
  ]
}

function onTheLogin(): Sabotage[] {
  return [
    {
      what: 'the login owns a table',
      where: 'customers',
      sql: 'alter table customers owner to LOGIN',
      caught: ['owned-by-login', 'wide-grant'],
    },
    {
      what: 'the login has BYPASSRLS',
      where: 'LOGIN',
      sql: 'alter role LOGIN bypassrls',
      caught: ['login-bypasses-rls'],
    },
    {
      what: 'the login is a superuser',
      where: 'LOGIN',
      sql: 'alter role LOGIN superuser',
      caught: ['login-bypasses-rls'],
    },
    {
      what: 'the login inherits the roles',
      where: 'LOGIN',
      sql: 'grant anon, authenticated, service_role to LOGIN with inherit true, set true',
      caught: ['login-inherits-roles'],
    },
    {
      what: 'a statement without a role reads: the same, tried',
      where: 'customers',
      sql: 'grant service_role to LOGIN with inherit true, set true',
      caught: ['bare-login-reads'],
    },
    {
      what: 'the login may become the owner of the tables',
      where: 'LOGIN',
      sql: 'grant test_owner to LOGIN with inherit false, set true',
      caught: ['login-reaches-owner'],
    },
  ]
}

function onMissingClaims(): Sabotage[] {
  return [
    {
      what: 'all rows where claims are NULL',
      where: 'customers',
      sql: `alter policy customers_read on customers using (${OWN} or current_setting('request.jwt.claims', true) is null)`,
      caught: ['null-claim'],
    },
    {
      what: 'all rows where claims are empty',
      where: 'customers',
      sql: `alter policy customers_read on customers using (${OWN} or current_setting('request.jwt.claims', true) = '')`,
      caught: ['empty-claim'],
    },
    {
      what: 'deleting where claims are empty',
      where: 'payments',
      sql: `alter policy payments_delete on payments using (${OWN} or current_setting('request.jwt.claim.sub', true) = '')`,
      caught: ['empty-claim'],
    },
    {
      what: 'the claim compared without nullif: rows of nobody',
      where: 'customers',
      sql: `alter policy customers_insert on customers with check (owner_id = current_setting('request.jwt.claim.sub', true))`,
      caught: ['empty-claim'],
    },
  ]
}
