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
  if not since_16 and pg_catalog.pg_has_role(session_user, 'pg_database_owner', 'MEMBER') then
    perform set_config('role', 'pg_database_owner', true);
    execute format('grant usage, create on schema public to %I', session_user);
    perform set_config('role', 'none', true);
  end if;
  if pg_catalog.pg_has_role(session_user, 'service_role', case when since_16 then 'SET' else 'MEMBER' end) then return; end if;
  if since_16 then
    execute format('grant anon, authenticated, service_role to %I with inherit false, set true', session_user);
  else
    execute format('alter role %I noinherit', session_user);
    execute format('grant anon, authenticated, service_role to %I', session_user);
  end if;
end $$;

CREATE TABLE "authors" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "authors_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"about" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"owner_id" text DEFAULT coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', '')) NOT NULL,
	CONSTRAINT "authors_owner_key" UNIQUE("owner_id","id"),
	CONSTRAINT "authors_owner_id_key" UNIQUE("owner_id")
);

CREATE TABLE "comments" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "comments_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"post_id" bigint NOT NULL,
	"author_id" bigint NOT NULL,
	"text" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"owner_id" text DEFAULT coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', '')) NOT NULL,
	CONSTRAINT "comments_owner_key" UNIQUE("owner_id","id")
);

CREATE TABLE "posts" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "posts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"author_id" bigint NOT NULL,
	"title" text NOT NULL,
	"body" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"owner_id" text DEFAULT coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', '')) NOT NULL,
	CONSTRAINT "posts_owner_key" UNIQUE("owner_id","id")
);

CREATE INDEX "comments_post_id_idx" ON "comments" USING btree ("post_id");

CREATE INDEX "comments_author_id_idx" ON "comments" USING btree ("author_id");

CREATE INDEX "posts_author_id_idx" ON "posts" USING btree ("author_id");

ALTER TABLE "comments" ADD CONSTRAINT "comments_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "public"."posts"("id") ON DELETE cascade ON UPDATE no action;

ALTER TABLE "comments" ADD CONSTRAINT "comments_author_id_fkey" FOREIGN KEY ("owner_id","author_id") REFERENCES "public"."authors"("owner_id","id") ON DELETE restrict ON UPDATE no action;

ALTER TABLE "posts" ADD CONSTRAINT "posts_author_id_fkey" FOREIGN KEY ("owner_id","author_id") REFERENCES "public"."authors"("owner_id","id") ON DELETE restrict ON UPDATE no action;

CREATE POLICY "authors_read" ON "authors" AS PERMISSIVE FOR SELECT TO "anon", "authenticated" USING (true);

CREATE POLICY "authors_insert" ON "authors" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));

CREATE POLICY "authors_update" ON "authors" AS PERMISSIVE FOR UPDATE TO "authenticated" USING ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', '')))) WITH CHECK ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));

CREATE POLICY "authors_delete" ON "authors" AS PERMISSIVE FOR DELETE TO "authenticated" USING ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));

CREATE POLICY "authors_service" ON "authors" AS PERMISSIVE FOR ALL TO "service_role" USING (true) WITH CHECK (true);

CREATE POLICY "comments_read" ON "comments" AS PERMISSIVE FOR SELECT TO "anon", "authenticated" USING (true);

CREATE POLICY "comments_insert" ON "comments" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))) and ("comments"."post_id" is null or exists (select 1 from "posts" p where p."id" = "comments"."post_id")));

CREATE POLICY "comments_update" ON "comments" AS PERMISSIVE FOR UPDATE TO "authenticated" USING ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', '')))) WITH CHECK ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))) and ("comments"."post_id" is null or exists (select 1 from "posts" p where p."id" = "comments"."post_id")));

CREATE POLICY "comments_delete" ON "comments" AS PERMISSIVE FOR DELETE TO "authenticated" USING ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));

CREATE POLICY "comments_service" ON "comments" AS PERMISSIVE FOR ALL TO "service_role" USING (true) WITH CHECK (true);

CREATE POLICY "posts_read" ON "posts" AS PERMISSIVE FOR SELECT TO "anon", "authenticated" USING (true);

CREATE POLICY "posts_insert" ON "posts" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));

CREATE POLICY "posts_update" ON "posts" AS PERMISSIVE FOR UPDATE TO "authenticated" USING ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', '')))) WITH CHECK ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));

CREATE POLICY "posts_delete" ON "posts" AS PERMISSIVE FOR DELETE TO "authenticated" USING ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));

CREATE POLICY "posts_service" ON "posts" AS PERMISSIVE FOR ALL TO "service_role" USING (true) WITH CHECK (true);

ALTER TABLE "authors" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "authors" FORCE ROW LEVEL SECURITY;

REVOKE ALL ON "authors" FROM PUBLIC, "anon", "authenticated", "service_role";

GRANT SELECT ON "authors" TO "anon";

GRANT SELECT, INSERT, UPDATE, DELETE ON "authors" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "authors" TO "service_role";

ALTER TABLE "comments" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "comments" FORCE ROW LEVEL SECURITY;

REVOKE ALL ON "comments" FROM PUBLIC, "anon", "authenticated", "service_role";

GRANT SELECT ON "comments" TO "anon";

GRANT SELECT, INSERT, UPDATE, DELETE ON "comments" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "comments" TO "service_role";

ALTER TABLE "posts" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "posts" FORCE ROW LEVEL SECURITY;

REVOKE ALL ON "posts" FROM PUBLIC, "anon", "authenticated", "service_role";

GRANT SELECT ON "posts" TO "anon";

GRANT SELECT, INSERT, UPDATE, DELETE ON "posts" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "posts" TO "service_role";
