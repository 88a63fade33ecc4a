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

CREATE TABLE "account" (
	"id" text PRIMARY KEY NOT NULL,
	"account_id" text NOT NULL,
	"provider_id" text NOT NULL,
	"user_id" text NOT NULL,
	"access_token" text,
	"refresh_token" text,
	"id_token" text,
	"access_token_expires_at" timestamp (3) with time zone,
	"refresh_token_expires_at" timestamp (3) with time zone,
	"scope" text,
	"password" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "customers" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "customers_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"email" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"owner_id" text DEFAULT coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', '')) NOT NULL,
	CONSTRAINT "customers_owner_key" UNIQUE("owner_id","id")
);

CREATE TABLE "invoices" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "invoices_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"customer_id" bigint NOT NULL,
	"number" text NOT NULL,
	"total" numeric(19, 4) NOT NULL,
	"currency" text NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"status" text DEFAULT 'draft' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"owner_id" text DEFAULT coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', '')) NOT NULL,
	CONSTRAINT "invoices_owner_key" UNIQUE("owner_id","id"),
	CONSTRAINT "invoices_number_key" UNIQUE("owner_id","number")
);

CREATE TABLE "payments" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "payments_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"invoice_id" bigint NOT NULL,
	"amount" numeric(19, 4) NOT NULL,
	"paid_at" timestamp (3) with time zone NOT NULL,
	"note" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"owner_id" text DEFAULT coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', '')) NOT NULL,
	CONSTRAINT "payments_owner_key" UNIQUE("owner_id","id")
);

CREATE TABLE "rates" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rates_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"plan" text NOT NULL,
	"monthly" numeric(19, 4) NOT NULL,
	"currency" text NOT NULL,
	CONSTRAINT "rates_plan_unique" UNIQUE("plan")
);

CREATE TABLE "session" (
	"id" text PRIMARY KEY NOT NULL,
	"token" text NOT NULL,
	"user_id" text NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"ip_address" text,
	"user_agent" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "session_token_unique" UNIQUE("token")
);

CREATE TABLE "user" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"email" text NOT NULL,
	"email_verified" boolean DEFAULT false NOT NULL,
	"image" text,
	"role" text DEFAULT 'user' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "user_email_unique" UNIQUE("email")
);

CREATE TABLE "verification" (
	"id" text PRIMARY KEY NOT NULL,
	"identifier" text NOT NULL,
	"value" text NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);

CREATE INDEX "account_user_id_idx" ON "account" USING btree ("user_id");

CREATE INDEX "invoices_customer_id_idx" ON "invoices" USING btree ("customer_id");

CREATE INDEX "invoices_due_at_idx" ON "invoices" USING btree ("owner_id","due_at","id");

CREATE INDEX "payments_invoice_id_idx" ON "payments" USING btree ("invoice_id");

CREATE INDEX "session_user_id_idx" ON "session" USING btree ("user_id");

CREATE INDEX "verification_identifier_idx" ON "verification" USING btree ("identifier");

CREATE POLICY "customers_read" ON "customers" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));

CREATE POLICY "customers_insert" ON "customers" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));

CREATE POLICY "customers_update" ON "customers" AS PERMISSIVE FOR UPDATE TO "authenticated" USING ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', '')))) WITH CHECK ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));

CREATE POLICY "customers_delete" ON "customers" AS PERMISSIVE FOR DELETE TO "authenticated" USING ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));

CREATE POLICY "customers_service" ON "customers" AS PERMISSIVE FOR ALL TO "service_role" USING (true) WITH CHECK (true);

CREATE POLICY "invoices_read" ON "invoices" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));

CREATE POLICY "invoices_insert" ON "invoices" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));

CREATE POLICY "invoices_update" ON "invoices" AS PERMISSIVE FOR UPDATE TO "authenticated" USING ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', '')))) WITH CHECK ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));

CREATE POLICY "invoices_delete" ON "invoices" AS PERMISSIVE FOR DELETE TO "authenticated" USING ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));

CREATE POLICY "invoices_service" ON "invoices" AS PERMISSIVE FOR ALL TO "service_role" USING (true) WITH CHECK (true);

CREATE POLICY "payments_read" ON "payments" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));

CREATE POLICY "payments_insert" ON "payments" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));

CREATE POLICY "payments_update" ON "payments" AS PERMISSIVE FOR UPDATE TO "authenticated" USING ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', '')))) WITH CHECK ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));

CREATE POLICY "payments_delete" ON "payments" AS PERMISSIVE FOR DELETE TO "authenticated" USING ("owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))));

CREATE POLICY "payments_service" ON "payments" AS PERMISSIVE FOR ALL TO "service_role" USING (true) WITH CHECK (true);

CREATE POLICY "rates_read" ON "rates" AS PERMISSIVE FOR SELECT TO "anon", "authenticated" USING (true);

CREATE POLICY "rates_service" ON "rates" AS PERMISSIVE FOR ALL TO "service_role" USING (true) WITH CHECK (true);

ALTER TABLE "account" ADD CONSTRAINT "account_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user"("id") ON DELETE cascade ON UPDATE no action;

ALTER TABLE "invoices" ADD CONSTRAINT "invoices_customer_id_fkey" FOREIGN KEY ("owner_id","customer_id") REFERENCES "public"."customers"("owner_id","id") ON DELETE restrict ON UPDATE no action;

ALTER TABLE "payments" ADD CONSTRAINT "payments_invoice_id_fkey" FOREIGN KEY ("owner_id","invoice_id") REFERENCES "public"."invoices"("owner_id","id") ON DELETE cascade ON UPDATE no action;

ALTER TABLE "session" ADD CONSTRAINT "session_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user"("id") ON DELETE cascade ON UPDATE no action;

ALTER TABLE "account" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "account" FORCE ROW LEVEL SECURITY;

CREATE POLICY "account_service" ON "account" AS PERMISSIVE FOR ALL TO "service_role" USING (true) WITH CHECK (true);

REVOKE ALL ON "account" FROM PUBLIC, "anon", "authenticated", "service_role";

GRANT SELECT, INSERT, UPDATE, DELETE ON "account" TO "service_role";

ALTER TABLE "customers" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "customers" FORCE ROW LEVEL SECURITY;

REVOKE ALL ON "customers" FROM PUBLIC, "anon", "authenticated", "service_role";

GRANT SELECT, INSERT, UPDATE, DELETE ON "customers" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "customers" TO "service_role";

ALTER TABLE "invoices" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "invoices" FORCE ROW LEVEL SECURITY;

REVOKE ALL ON "invoices" FROM PUBLIC, "anon", "authenticated", "service_role";

GRANT SELECT, INSERT, UPDATE, DELETE ON "invoices" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "invoices" TO "service_role";

ALTER TABLE "payments" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "payments" FORCE ROW LEVEL SECURITY;

REVOKE ALL ON "payments" FROM PUBLIC, "anon", "authenticated", "service_role";

GRANT SELECT, INSERT, UPDATE, DELETE ON "payments" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "payments" TO "service_role";

ALTER TABLE "rates" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "rates" FORCE ROW LEVEL SECURITY;

REVOKE ALL ON "rates" FROM PUBLIC, "anon", "authenticated", "service_role";

GRANT SELECT ON "rates" TO "anon";

GRANT SELECT ON "rates" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "rates" TO "service_role";

ALTER TABLE "session" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "session" FORCE ROW LEVEL SECURITY;

CREATE POLICY "session_service" ON "session" AS PERMISSIVE FOR ALL TO "service_role" USING (true) WITH CHECK (true);

REVOKE ALL ON "session" FROM PUBLIC, "anon", "authenticated", "service_role";

GRANT SELECT, INSERT, UPDATE, DELETE ON "session" TO "service_role";

ALTER TABLE "user" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "user" FORCE ROW LEVEL SECURITY;

CREATE POLICY "user_service" ON "user" AS PERMISSIVE FOR ALL TO "service_role" USING (true) WITH CHECK (true);

REVOKE ALL ON "user" FROM PUBLIC, "anon", "authenticated", "service_role";

GRANT SELECT, INSERT, UPDATE, DELETE ON "user" TO "service_role";

ALTER TABLE "verification" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "verification" FORCE ROW LEVEL SECURITY;

CREATE POLICY "verification_service" ON "verification" AS PERMISSIVE FOR ALL TO "service_role" USING (true) WITH CHECK (true);

REVOKE ALL ON "verification" FROM PUBLIC, "anon", "authenticated", "service_role";

GRANT SELECT, INSERT, UPDATE, DELETE ON "verification" TO "service_role";
