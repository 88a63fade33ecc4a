-- What a project has that never heard of Postern: two tables, and no row-level security.
create table authors (id text primary key, name text not null, password_hash text not null);
create table posts (
  id uuid primary key default gen_random_uuid(),
  author_id text not null references authors,
  title varchar(200) not null,
  slug text not null unique,
  created_at timestamptz(3) not null default now()
);
create index posts_author_idx on posts (author_id, created_at, id);
