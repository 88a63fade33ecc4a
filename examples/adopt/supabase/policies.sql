-- What `supabase-js` relies on: each reads and writes only their own.
alter table posts enable row level security;
grant select, insert, update, delete on posts to authenticated;
create policy own on posts to authenticated
  using (author_id = (select auth.uid())::text) with check (author_id = (select auth.uid())::text);
