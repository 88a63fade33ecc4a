-- Row-level security is forced: as the owner of the tables a statement sees no row and changes none.
-- Between these two lines it acts as the service, which sees every row.
set local role service_role;

insert into rates (plan, monthly, currency)
values ('free', 0, 'EUR'), ('team', 29, 'EUR'), ('business', 99, 'EUR')
on conflict (plan) do nothing;

reset role;
