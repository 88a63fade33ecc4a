CREATE TABLE "invitations" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "invitations_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"email" text NOT NULL,
	"role" text NOT NULL,
	"token_hash" text NOT NULL,
	"expires_at" timestamp (3) with time zone DEFAULT now() + interval '7 days' NOT NULL,
	"accepted_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"organization_id" bigint DEFAULT substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint NOT NULL,
	CONSTRAINT "invitations_token_hash_unique" UNIQUE("token_hash"),
	CONSTRAINT "invitations_owner_key" UNIQUE("organization_id","id")
);

CREATE TABLE "invoice_lines" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "invoice_lines_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"invoice_id" bigint NOT NULL,
	"product_id" bigint,
	"description" text NOT NULL,
	"quantity" integer NOT NULL,
	"price" numeric(19, 4) NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "members" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "members_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"organization_id" bigint NOT NULL,
	"user_id" text NOT NULL,
	"role" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "members_user_organization_key" UNIQUE("user_id","organization_id")
);

CREATE TABLE "organizations" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "organizations_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "products" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "products_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"sku" text NOT NULL,
	"name" text NOT NULL,
	"price" numeric(19, 4) NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"organization_id" bigint DEFAULT substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "products_owner_key" UNIQUE("organization_id","id")
);

CREATE TABLE "shared_customers" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "shared_customers_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"email" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"organization_id" bigint DEFAULT substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint NOT NULL,
	CONSTRAINT "shared_customers_owner_key" UNIQUE("organization_id","id")
);

CREATE INDEX "invoice_lines_invoice_id_idx" ON "invoice_lines" USING btree ("invoice_id");

CREATE INDEX "invoice_lines_product_id_idx" ON "invoice_lines" USING btree ("product_id");

CREATE INDEX "members_organization_id_idx" ON "members" USING btree ("organization_id");

CREATE UNIQUE INDEX "products_sku_key" ON "products" USING btree ("organization_id","sku") WHERE deleted_at is null;

ALTER TABLE "invitations" ADD CONSTRAINT "invitations_organization_fkey" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;

ALTER TABLE "invoice_lines" ADD CONSTRAINT "invoice_lines_invoice_id_fkey" FOREIGN KEY ("invoice_id") REFERENCES "public"."invoices"("id") ON DELETE cascade ON UPDATE no action;

ALTER TABLE "invoice_lines" ADD CONSTRAINT "invoice_lines_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "public"."products"("id") ON DELETE restrict ON UPDATE no action;

ALTER TABLE "members" ADD CONSTRAINT "members_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;

ALTER TABLE "products" ADD CONSTRAINT "products_organization_fkey" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;

ALTER TABLE "shared_customers" ADD CONSTRAINT "shared_customers_organization_fkey" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;

CREATE POLICY "invitations_read" ON "invitations" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("organization_id" = any(array(select m."organization_id" from "members" m where m."user_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))) and m."role" in ('owner', 'admin') and ((select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint) is null or m."organization_id" = (select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint)))));

CREATE POLICY "invitations_insert" ON "invitations" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK ("organization_id" = any(array(select m."organization_id" from "members" m where m."user_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))) and m."role" in ('owner', 'admin') and ((select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint) is null or m."organization_id" = (select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint)))));

CREATE POLICY "invitations_update" ON "invitations" AS PERMISSIVE FOR UPDATE TO "authenticated" USING ("organization_id" = any(array(select m."organization_id" from "members" m where m."user_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))) and m."role" in ('owner', 'admin') and ((select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint) is null or m."organization_id" = (select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint))))) WITH CHECK ("organization_id" = any(array(select m."organization_id" from "members" m where m."user_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))) and m."role" in ('owner', 'admin') and ((select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint) is null or m."organization_id" = (select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint)))));

CREATE POLICY "invitations_delete" ON "invitations" AS PERMISSIVE FOR DELETE TO "authenticated" USING ("organization_id" = any(array(select m."organization_id" from "members" m where m."user_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))) and m."role" in ('owner', 'admin') and ((select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint) is null or m."organization_id" = (select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint)))));

CREATE POLICY "invitations_service" ON "invitations" AS PERMISSIVE FOR ALL TO "service_role" USING (true) WITH CHECK (true);

CREATE POLICY "invoice_lines_read" ON "invoice_lines" AS PERMISSIVE FOR SELECT TO "authenticated" USING (exists (select 1 from "invoices" "via_invoices" where "via_invoices"."id" = "invoice_lines"."invoice_id" and ("via_invoices"."owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))))));

CREATE POLICY "invoice_lines_insert" ON "invoice_lines" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK (exists (select 1 from "invoices" "via_invoices" where "via_invoices"."id" = "invoice_lines"."invoice_id" and ("via_invoices"."owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))))) and ("invoice_lines"."product_id" is null or exists (select 1 from "products" p where p."id" = "invoice_lines"."product_id")));

CREATE POLICY "invoice_lines_update" ON "invoice_lines" AS PERMISSIVE FOR UPDATE TO "authenticated" USING (exists (select 1 from "invoices" "via_invoices" where "via_invoices"."id" = "invoice_lines"."invoice_id" and ("via_invoices"."owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', '')))))) WITH CHECK (exists (select 1 from "invoices" "via_invoices" where "via_invoices"."id" = "invoice_lines"."invoice_id" and ("via_invoices"."owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))))) and ("invoice_lines"."product_id" is null or exists (select 1 from "products" p where p."id" = "invoice_lines"."product_id")));

CREATE POLICY "invoice_lines_delete" ON "invoice_lines" AS PERMISSIVE FOR DELETE TO "authenticated" USING (exists (select 1 from "invoices" "via_invoices" where "via_invoices"."id" = "invoice_lines"."invoice_id" and ("via_invoices"."owner_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))))));

CREATE POLICY "invoice_lines_service" ON "invoice_lines" AS PERMISSIVE FOR ALL TO "service_role" USING (true) WITH CHECK (true);

create schema if not exists postern;
create or replace function postern.caller_organizations() returns setof bigint
language sql stable security definer set search_path = ''
as $$ select organization_id from public.members where user_id = coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', '')) $$;
revoke all on function postern.caller_organizations() from public;
grant execute on function postern.caller_organizations() to authenticated, service_role;
grant usage, create on schema postern to service_role;
alter function postern.caller_organizations() owner to service_role;
revoke create on schema postern from service_role;
grant usage on schema postern to authenticated;

CREATE POLICY "members_read" ON "members" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("user_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))) or "organization_id" = any(array(select postern.caller_organizations())));

CREATE POLICY "members_service" ON "members" AS PERMISSIVE FOR ALL TO "service_role" USING (true) WITH CHECK (true);

CREATE POLICY "organizations_read" ON "organizations" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("id" = any(array(select m."organization_id" from "members" m where m."user_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))) and ((select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint) is null or m."organization_id" = (select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint)))));

CREATE POLICY "organizations_service" ON "organizations" AS PERMISSIVE FOR ALL TO "service_role" USING (true) WITH CHECK (true);

CREATE POLICY "products_read" ON "products" AS PERMISSIVE FOR SELECT TO "authenticated" USING (("deleted_at" is null or "deleted_at" = now()::timestamptz(3)) and ("organization_id" = any(array(select m."organization_id" from "members" m where m."user_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))) and ((select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint) is null or m."organization_id" = (select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint))))));

CREATE POLICY "products_insert" ON "products" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK (("deleted_at" is null or "deleted_at" = now()::timestamptz(3)) and ("organization_id" = any(array(select m."organization_id" from "members" m where m."user_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))) and m."role" in ('owner', 'admin') and ((select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint) is null or m."organization_id" = (select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint))))));

CREATE POLICY "products_update" ON "products" AS PERMISSIVE FOR UPDATE TO "authenticated" USING (("deleted_at" is null or "deleted_at" = now()::timestamptz(3)) and ("organization_id" = any(array(select m."organization_id" from "members" m where m."user_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))) and m."role" in ('owner', 'admin') and ((select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint) is null or m."organization_id" = (select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint)))))) WITH CHECK (("deleted_at" is null or "deleted_at" = now()::timestamptz(3)) and ("organization_id" = any(array(select m."organization_id" from "members" m where m."user_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))) and m."role" in ('owner', 'admin') and ((select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint) is null or m."organization_id" = (select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint))))));

CREATE POLICY "products_service" ON "products" AS PERMISSIVE FOR ALL TO "service_role" USING (true) WITH CHECK (true);

CREATE POLICY "shared_customers_read" ON "shared_customers" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("organization_id" = any(array(select m."organization_id" from "members" m where m."user_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))) and ((select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint) is null or m."organization_id" = (select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint)))));

CREATE POLICY "shared_customers_insert" ON "shared_customers" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK ("organization_id" = any(array(select m."organization_id" from "members" m where m."user_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))) and ((select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint) is null or m."organization_id" = (select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint)))));

CREATE POLICY "shared_customers_update" ON "shared_customers" AS PERMISSIVE FOR UPDATE TO "authenticated" USING ("organization_id" = any(array(select m."organization_id" from "members" m where m."user_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))) and ((select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint) is null or m."organization_id" = (select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint))))) WITH CHECK ("organization_id" = any(array(select m."organization_id" from "members" m where m."user_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))) and ((select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint) is null or m."organization_id" = (select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint)))));

CREATE POLICY "shared_customers_delete" ON "shared_customers" AS PERMISSIVE FOR DELETE TO "authenticated" USING ("organization_id" = any(array(select m."organization_id" from "members" m where m."user_id" = (select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))) and ((select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint) is null or m."organization_id" = (select substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' from '^[1-9][0-9]{0,18}$')::bigint)))));

CREATE POLICY "shared_customers_service" ON "shared_customers" AS PERMISSIVE FOR ALL TO "service_role" USING (true) WITH CHECK (true);

ALTER TABLE "invitations" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "invitations" FORCE ROW LEVEL SECURITY;

REVOKE ALL ON "invitations" FROM PUBLIC, "anon", "authenticated", "service_role";

GRANT SELECT, INSERT, UPDATE, DELETE ON "invitations" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "invitations" TO "service_role";

ALTER TABLE "invoice_lines" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "invoice_lines" FORCE ROW LEVEL SECURITY;

REVOKE ALL ON "invoice_lines" FROM PUBLIC, "anon", "authenticated", "service_role";

GRANT SELECT, INSERT, UPDATE, DELETE ON "invoice_lines" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "invoice_lines" TO "service_role";

ALTER TABLE "members" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "members" FORCE ROW LEVEL SECURITY;

REVOKE ALL ON "members" FROM PUBLIC, "anon", "authenticated", "service_role";

GRANT SELECT ON "members" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "members" TO "service_role";

ALTER TABLE "organizations" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "organizations" FORCE ROW LEVEL SECURITY;

REVOKE ALL ON "organizations" FROM PUBLIC, "anon", "authenticated", "service_role";

GRANT SELECT ON "organizations" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "organizations" TO "service_role";

ALTER TABLE "products" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "products" FORCE ROW LEVEL SECURITY;

REVOKE ALL ON "products" FROM PUBLIC, "anon", "authenticated", "service_role";

GRANT SELECT, INSERT, UPDATE ON "products" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "products" TO "service_role";

ALTER TABLE "shared_customers" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "shared_customers" FORCE ROW LEVEL SECURITY;

REVOKE ALL ON "shared_customers" FROM PUBLIC, "anon", "authenticated", "service_role";

GRANT SELECT, INSERT, UPDATE, DELETE ON "shared_customers" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "shared_customers" TO "service_role";
