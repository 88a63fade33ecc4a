import type { Library } from './library.js'
import { yup } from './yup.js'
import { valibot } from './valibot.js'
import { typebox } from './typebox.js'
import { superstruct } from './superstruct.js'
import { joi } from './joi.js'
import { expressValidator } from './express-validator.js'
import { environmentSchemas } from './environment-schemas.js'
import { celebrate, expressValidation, zodExpress } from './celebrate.js'
import { arktype } from './arktype.js'
import { ajv } from './ajv.js'
import { asyncHooks } from './async-hooks.js'
import { authJs } from './auth-js.js'
import { authJsMiddleware } from './auth-js-middleware.js'
import { betterAuth } from './better-auth.js'
import { classTransformer, classValidator } from './class-validator.js'
import { clerk } from './clerk.js'
import { inversify, tsyringe, typedi } from './containers.js'
import { crypto } from './crypto.js'
import { deno } from './deno.js'
import { fastify, fastifyPlugin, fastifyRequest } from './fastify.js'
import { honoValidators } from './hono-validators.js'
import { hono, honoContext, honoHelpers, honoMiddleware } from './hono.js'
import { drizzle } from './drizzle.js'
import { express, expressRequest, expressResponse } from './express.js'
import { expressGuards, expressJwt, expressSession, passport } from './express-guards.js'
import { elysia } from './elysia.js'
import { elysiaContext, elysiaPlugins } from './elysia-context.js'
import { globals } from './globals.js'
import { jose, jsonWebToken, jwtDecode } from './jwt.js'
import { errorTrackers, loggers } from './loggers.js'
import { knex, objection } from './knex.js'
import { kysely } from './kysely.js'
import { mikroOrm } from './mikro-orm.js'
import { mongodb } from './mongodb.js'
import { sequelize } from './sequelize.js'
import { cloudflare, sqlite, sqlite3 } from './sqlite.js'
import { mongoose } from './mongoose.js'
import { nest, nestGraphql, nestNeutral } from './nest.js'
import { nestConfig, nestJwt, nestPassport } from './nest-auth.js'
import { next } from './next.js'
import { nextSafeAction } from './next-safe-action.js'
import { orpc } from './orpc.js'
import { passwords } from './passwords.js'
import { postern } from './postern.js'
import { posternScope } from './postern-scope.js'
import { prisma } from './prisma.js'
import { promisify } from './promisify.js'
import { remember } from './remember.js'
import { sessions } from './sessions.js'
import { signedDeliveries } from './signed-deliveries.js'
import { sqlClient } from './sql-client.js'
import { stripe, svix } from './stripe.js'
import { supabase } from './supabase.js'
import { typeorm } from './typeorm.js'
import { trpc, trpcContext } from './trpc.js'
import { web } from './web.js'
import { zod } from './zod.js'

/** Every library that is known. A new one is a file of its own and a line here. */
export const CATALOGS: readonly Library[] = [
  // Its package lies below that of the next.
  authJsMiddleware,
  authJs,
  ajv,
  arktype,
  betterAuth,
  celebrate,
  classTransformer,
  classValidator,
  clerk,
  cloudflare,
  crypto,
  deno,
  drizzle,
  environmentSchemas,
  errorTrackers,
  express,
  asyncHooks,
  elysia,
  elysiaContext,
  elysiaPlugins,
  ...expressGuards,
  expressJwt,
  expressSession,
  expressRequest,
  expressResponse,
  expressValidation,
  expressValidator,
  fastify,
  fastifyPlugin,
  fastifyRequest,
  globals,
  hono,
  honoContext,
  honoHelpers,
  honoMiddleware,
  honoValidators,
  inversify,
  joi,
  jose,
  jsonWebToken,
  jwtDecode,
  knex,
  kysely,
  loggers,
  mikroOrm,
  mongodb,
  mongoose,
  nest,
  nestConfig,
  nestGraphql,
  nestJwt,
  nestNeutral,
  nestPassport,
  next,
  nextSafeAction,
  objection,
  orpc,
  passport,
  passwords,
  posternScope,
  postern,
  prisma,
  promisify,
  remember,
  sequelize,
  ...sessions,
  ...signedDeliveries,
  sqlClient,
  sqlite,
  sqlite3,
  stripe,
  supabase,
  superstruct,
  svix,
  trpc,
  trpcContext,
  tsyringe,
  typebox,
  typedi,
  valibot,
  typeorm,
  web,
  yup,
  zod,
  zodExpress,
]
