import { CALLER_ORGANIZATIONS } from '../../packages/postern/src/schema/organization-rules.js'
import { ACTIVE_ORGANIZATION, CALLER } from '../../packages/postern/src/schema/rule-text.js'
import type { Sabotage } from './sabotages.js'

const MINE = `m.user_id = ${CALLER}`
const ACTIVE = `(${ACTIVE_ORGANIZATION} is null or m.organization_id = ${ACTIVE_ORGANIZATION})`
const among = (where: string) => `organization_id = any(array(select m.organization_id from members m where ${where}))`
const article = (rule: string) => `exists (select from articles a where a.id = figures.article_id and ${rule})`
const FUNCTION = `${CALLER_ORGANIZATIONS}()`
const BODY = `select organization_id from public.members where user_id = ${CALLER}`

/** Ways to break what belongs to an organization, to a parent, or is deleted softly. */
export const organizationSabotages: readonly Sabotage[] = [
  ...onRoles(),
  ...onMembers(),
  ...onTheFunction(),
  ...onParentsRules(),
  ...onSoftDeletion(),
  ...onKeys(),
]

function onRoles(): Sabotage[] {
  return [
    {
      what: 'organizations of any member whom one sees, not only one’s own',
      where: 'ledgers',
      sql: `alter policy ledgers_read on ledgers using (${among(`m.role in ('owner', 'viewer') and ${ACTIVE}`)})`,
      caught: ['reads-others'],
    },
    {
      what: 'reading without a look at the role',
      where: 'ledgers',
      sql: `alter policy ledgers_read on ledgers using (${among(`${MINE} and ${ACTIVE}`)})`,
      caught: ['reads-others'],
    },
    {
      what: 'updating by the roles that read',
      where: 'products',
      sql: `alter policy products_update on products using (deleted_at is null and ${among(`${MINE} and ${ACTIVE}`)})
        with check (deleted_at is null and ${among(`${MINE} and ${ACTIVE}`)})`,
      caught: ['updates-others', 'updates-all'],
    },
    {
      what: 'inserting without a look at the role',
      where: 'ledgers',
      sql: `alter policy ledgers_insert on ledgers with check (${among(`${MINE} and ${ACTIVE}`)})`,
      caught: ['inserts-as-another'],
    },
    {
      what: 'deleting without a look at the role',
      where: 'ledgers',
      sql: `alter policy ledgers_delete on ledgers using (${among(`${MINE} and ${ACTIVE}`)})`,
      caught: ['deletes-others', 'deletes-all'],
    },
    {
      what: 'the organization that is named believed, not asked after',
      where: 'products',
      sql: `alter policy products_read on products using (organization_id = ${ACTIVE_ORGANIZATION} or ${among(MINE)})`,
      caught: ['reads-others'],
    },
    {
      what: 'writing where one says one works',
      where: 'boards',
      sql: `alter policy boards_insert on boards with check (team_id = ${ACTIVE_ORGANIZATION} or
        team_id = any(array(select m.organization_id from members m where ${MINE} and ${ACTIVE})))`,
      caught: ['inserts-as-another'],
    },
    {
      what: 'rows of one’s other organization, whichever one works in',
      where: 'tips',
      sql: `alter policy tips_read on tips using (${among(`${MINE} and m.role = 'owner'`)})`,
      caught: ['reads-others'],
    },
    {
      what: 'an update that may carry a row to any organization',
      where: 'ledgers',
      sql: 'alter policy ledgers_update on ledgers with check (organization_id is not null)',
      caught: ['gives-away'],
    },
    {
      what: 'an update that may take a row from any organization',
      where: 'ledgers',
      sql: 'alter policy ledgers_update on ledgers using (organization_id is not null)',
      caught: ['takes-over'],
    },
  ]
}

function onMembers(): Sabotage[] {
  return [
    {
      what: 'members open to everyone who is signed in',
      where: 'members',
      sql: 'alter policy members_read on members using (true)',
      caught: ['open-policy', 'reads-others'],
    },
    {
      what: 'members who may let themselves in',
      where: 'members',
      sql: `create policy join_in on members for insert to authenticated with check (user_id = ${CALLER});
        grant insert on members to authenticated`,
      caught: ['joins-uninvited'],
    },
    {
      what: 'members who may change their own row, role and all',
      where: 'members',
      sql: `create policy own on members for update to authenticated using (user_id = ${CALLER}) with check (user_id = ${CALLER});
        grant update on members to authenticated`,
      caught: ['raises-own-role'],
    },
    {
      what: 'members who bring their friends',
      where: 'members',
      sql: `create policy invite on members for insert to authenticated with check (organization_id in (select ${FUNCTION}));
        grant insert on members to authenticated`,
      caught: ['joins-uninvited'],
    },
    {
      what: 'organizations that everyone who is signed in sees',
      where: 'organizations',
      sql: 'alter policy organizations_read on organizations using (true)',
      caught: ['open-policy', 'reads-others'],
    },
    {
      what: 'organizations that every member renames',
      where: 'organizations',
      sql: `create policy rename on organizations for update to authenticated using (id in (select ${FUNCTION})) with check (id in (select ${FUNCTION}));
        grant update on organizations to authenticated`,
      caught: ['updates-others', 'updates-all'],
    },
  ]
}

function onTheFunction(): Sabotage[] {
  return [
    {
      what: 'the function without a search path, and members by name alone',
      where: FUNCTION,
      sql: `alter function ${FUNCTION} reset search_path;
        create or replace function ${FUNCTION} returns setof bigint language sql stable security definer
        as $$ ${BODY.replace('public.', '')} $$`,
      caught: ['definer-function', 'believes-a-stand-in'],
    },
    {
      what: 'the function owned by a superuser',
      where: FUNCTION,
      sql: `alter function ${FUNCTION} owner to current_user`,
      caught: ['definer-function'],
    },
    {
      what: 'the function for everyone, and its schema too',
      where: FUNCTION,
      sql: `grant execute on function ${FUNCTION} to public; grant usage on schema postern to anon`,
      caught: ['definer-function', 'tells-others-organizations'],
    },
    {
      what: 'the function that forgets whose organizations are asked for',
      where: FUNCTION,
      sql: `create or replace function ${FUNCTION} returns setof bigint language sql stable security definer set search_path = ''
        as $$ select organization_id from public.members $$`,
      caught: ['tells-others-organizations'],
    },
    {
      what: 'the same, seen in the table that it opens',
      where: 'members',
      sql: `create or replace function ${FUNCTION} returns setof bigint language sql stable security definer set search_path = ''
        as $$ select organization_id from public.members $$`,
      caught: ['reads-others'],
    },
    {
      what: 'the function with the rights of whoever calls it, who gets nothing',
      where: 'members',
      sql: `alter function ${FUNCTION} security invoker`,
      caught: ['unknown'],
    },
    {
      what: 'the schema of the function open for planting',
      where: 'postern',
      sql: 'grant create on schema postern to authenticated',
      caught: ['role-makes-objects'],
    },
    {
      what: 'the schema of the tables open for planting',
      where: 'public',
      sql: 'grant create on schema public to public',
      caught: ['role-makes-objects'],
    },
  ]
}

function onParentsRules(): Sabotage[] {
  return [
    {
      what: 'written by whoever may read the parent',
      where: 'figures',
      sql: `alter policy figures_insert on figures with check (${article('true')});
        alter policy figures_update on figures using (${article('true')}) with check (${article('true')});
        alter policy figures_delete on figures using (${article('true')})`,
      caught: [
        'inserts-as-another',
        'updates-others',
        'updates-all',
        'deletes-others',
        'takes-over',
        'attaches-to-others',
      ],
    },
    {
      what: 'the same below a row of an organization, by those who only read it',
      where: 'parts',
      sql: `alter policy parts_insert on parts with check (exists (select from products p where p.id = parts.product_id))`,
      caught: ['inserts-as-another'],
    },
    {
      what: 'a row that may be carried below another’s parent',
      where: 'lines',
      sql: 'alter policy lines_update on lines with check (invoice_id is not null)',
      caught: ['attaches-to-others'],
    },
    {
      what: 'a link of which one end is enough to write',
      where: 'features',
      sql: `alter policy features_insert on features with check (exists (select from articles a where a.id = features.article_id and a.owner_id = ${CALLER}));
        alter policy features_delete on features using (exists (select from articles a where a.id = features.article_id and a.owner_id = ${CALLER}))`,
      caught: ['attaches-to-others'],
    },
    {
      what: 'a link of which one end is enough to read',
      where: 'features',
      sql: 'alter policy features_read on features using (exists (select from articles a where a.id = features.article_id))',
      caught: ['reads-others'],
    },
    {
      what: 'the parent’s id compared with its own: every parent will do',
      where: 'stamps',
      sql: 'alter policy stamps_insert on stamps with check (exists (select from articles line_id where line_id.id = line_id.id))',
      caught: ['inserts-as-another'],
    },
  ]
}

function onSoftDeletion(): Sabotage[] {
  return [
    {
      what: 'deleted rows still read',
      where: 'drafts',
      sql: `alter policy drafts_read on drafts using (owner_id = ${CALLER})`,
      caught: ['reads-deleted'],
    },
    {
      what: 'deleted rows still written, and so brought back',
      where: 'drafts',
      sql: `alter policy drafts_update on drafts using (owner_id = ${CALLER})`,
      caught: ['undeletes'],
    },
    {
      what: 'deletion for good where it should be soft',
      where: 'products',
      sql: `create policy products_delete on products for delete to authenticated using (${among(`${MINE} and ${ACTIVE}`)});
        grant delete on products to authenticated`,
      caught: ['deletes-others', 'deletes-all'],
    },
    {
      what: 'rows of a deleted parent still there',
      where: 'products',
      sql: `alter policy products_read on products using (${among(`${MINE} and ${ACTIVE}`)});
        alter policy parts_read on parts using (exists (select from products p where p.id = parts.product_id))`,
      caught: ['reads-deleted'],
    },
  ]
}

function onKeys(): Sabotage[] {
  return [
    {
      what: 'a foreign key without the organization',
      where: 'boards',
      sql: `alter table boards drop constraint boards_product_id_fkey;
        alter table boards add constraint boards_product_id_fkey foreign key (product_id) references products (id)`,
      caught: ['plain-foreign-key', 'attaches-to-others'],
    },
    {
      what: 'a user’s row on a product that they can’t see',
      where: 'wishes',
      sql: `alter policy wishes_insert on wishes with check (owner_id = ${CALLER})`,
      caught: ['attaches-to-others'],
    },
    {
      what: 'an organization’s row on a customer who is somebody’s',
      where: 'boards',
      sql: `alter policy boards_insert on boards with check (team_id = any(array(select m.organization_id from members m where ${MINE} and ${ACTIVE})))`,
      caught: ['attaches-to-others'],
    },
  ]
}
