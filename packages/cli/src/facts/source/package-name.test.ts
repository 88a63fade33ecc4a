import { expect, test } from 'vitest'
import { packageNameOf } from './package-name.js'

test.each([
  ['npm:zod', 'zod'],
  ['npm:zod@4.1.0', 'zod'],
  ['npm:/zod@4', 'zod'],
  ['npm:@supabase/supabase-js@2', '@supabase/supabase-js'],
  ['npm:drizzle-orm@0.44/postgres-js', 'drizzle-orm/postgres-js'],
  ['https://esm.sh/stripe@18.5.0?target=deno&no-check', 'stripe'],
  ['https://esm.sh/v135/stripe@14', 'stripe'],
  ['https://esm.sh/*stripe@14', 'stripe'],
  ['https://esm.sh/stripe@14.21.0/dist/index.js', 'stripe'],
  ['https://esm.sh/@supabase/supabase-js', '@supabase/supabase-js'],
  ['https://esm.sh/@upstash/qstash@2.7/nextjs', '@upstash/qstash/nextjs'],
  ['https://cdn.jsdelivr.net/npm/zod@3/+esm', 'zod'],
  ['https://cdn.skypack.dev/zod@3', 'zod'],
  ['https://unpkg.com/jose@5', 'jose'],
  ['https://deno.land/x/zod@v3.22.4/mod.ts', 'zod'],
  ['https://deno.land/x/hono@v4/middleware.ts', 'hono/middleware'],
  ['https://deno.land/x/postgresjs@v3.4.3/mod.js', 'postgres'],
  ['jsr:@hono/hono@4/jwt', 'hono/jwt'],
  ['jsr:@supabase/supabase-js@2', '@supabase/supabase-js'],
])('%s is %s of npm', (specifier, name) => {
  expect(packageNameOf(specifier)).toBe(name)
})

test.each([
  'zod',
  '@supabase/supabase-js',
  'node:crypto',
  '../lib/db',
  'jsr:@std/http',
  'https://deno.land/std@0.190.0/http/server.ts',
  // Another client than the package of that name.
  'https://deno.land/x/postgres@v0.17.0/mod.ts',
  'https://example.com/stripe.ts',
])('%s keeps its name', (specifier) => {
  expect(packageNameOf(specifier)).toBe(specifier)
})
