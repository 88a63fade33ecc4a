do $$
declare name text;
begin
  foreach name in array array['anon', 'authenticated', 'service_role'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = name) then
      begin
        execute format('create role %I nologin noinherit', name);
      exception when duplicate_object or unique_violation then null;
      end;
    end if;
  end loop;
end $$;
grant usage on schema public to anon, authenticated, service_role;
revoke create on schema public from public, anon, authenticated, service_role;

do $$
declare
  since_16 boolean := current_setting('server_version_num')::int >= 160000;
begin
  if (select rolsuper from pg_catalog.pg_roles where rolname = session_user) then return; end if;
  if pg_catalog.pg_has_role(session_user, 'service_role', case when since_16 then 'SET' else 'MEMBER' end) then return; end if;
  if since_16 then
    execute format('grant anon, authenticated, service_role to %I with inherit false, set true', session_user);
  else
    execute format('alter role %I noinherit', session_user);
    execute format('grant anon, authenticated, service_role to %I', session_user);
  end if;
end $$;
CREATE TABLE "notes" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "notes_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"text" text NOT NULL,
	"owner_id" text DEFAULT coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', '')) NOT NULL,
	CONSTRAINT "notes_owner_key" UNIQUE("owner_id","id")
);

CREATE POLICY "notes_read" ON "notes" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));
CREATE POLICY "notes_insert" ON "notes" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));
CREATE POLICY "notes_update" ON "notes" AS PERMISSIVE FOR UPDATE TO "authenticated" USING ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', '')))) WITH CHECK ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));
CREATE POLICY "notes_delete" ON "notes" AS PERMISSIVE FOR DELETE TO "authenticated" USING ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));
CREATE POLICY "notes_service" ON "notes" AS PERMISSIVE FOR ALL TO "service_role" USING (true) WITH CHECK (true);
ALTER TABLE "notes" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "notes" FORCE ROW LEVEL SECURITY;
REVOKE ALL ON "notes" FROM PUBLIC, "anon", "authenticated", "service_role";
GRANT SELECT, INSERT, UPDATE, DELETE ON "notes" TO "authenticated";
GRANT SELECT, INSERT, UPDATE, DELETE ON "notes" TO "service_role";
