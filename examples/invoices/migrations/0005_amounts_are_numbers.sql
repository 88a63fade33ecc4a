ALTER TABLE "invoice_lines" ADD CONSTRAINT "invoice_lines_price_number" CHECK ("invoice_lines"."price" <> 'NaN');

ALTER TABLE "invoices" ADD CONSTRAINT "invoices_total_number" CHECK ("invoices"."total" <> 'NaN');

ALTER TABLE "payments" ADD CONSTRAINT "payments_amount_number" CHECK ("payments"."amount" <> 'NaN');

ALTER TABLE "products" ADD CONSTRAINT "products_price_number" CHECK ("products"."price" <> 'NaN');

ALTER TABLE "rates" ADD CONSTRAINT "rates_monthly_number" CHECK ("rates"."monthly" <> 'NaN');
