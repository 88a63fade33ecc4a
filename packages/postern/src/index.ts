export type { ActionConstructor } from './action.js'
export type { Action, ActionError, ActionResult, BoundAction, PlainAction } from './action-result.js'
export { type Backend, type BackendOptions, createBackend } from './backend.js'
export { applyIfNewer, type AppliedIfNewer, type IfNewer } from './database/apply-if-newer.js'
export { type ListQuery, listQuery, type NumberedQuery } from './database/paved/list-query.js'
export type { NumberedPage, Page, Scope, ServiceScope } from './database/scope-types.js'
export type { Endpoint } from './endpoint.js'
export { env, type EnvOptions } from './env.js'
export type { Event, Events, Fields, LogLevel, Observer } from './events.js'
export { file, type FileField, type FileOptions, files, type FilesOptions } from './form/file.js'
export { form, type FormFields, type FormValue } from './form/form.js'
export { foreign } from './foreign.js'
export type { Foreign, ForeignDatabase } from './foreign-database.js'
export type { EndpointFacts, Handler, HandlerFunction, RouteContext } from './handler.js'
export type { Host, Revalidate, Revalidation, Steering } from './host.js'
export type { CorsOptions, CorsPolicy } from './http/cors.js'
export type { JobConstructor, JobSlots, ScheduleSlot } from './job.js'
export type { Enqueue, EnqueueOptions, Job } from './job-type.js'
export type { JsonOf } from './json-of.js'
export type { Limits } from './limits.js'
export type { Log } from './log.js'
export { create, type Operation, page, remove, row, update } from './operations.js'
export { patchOf } from './patch-of.js'
export type { Authenticate, Principal } from './principal.js'
export {
  type InputError,
  isProblem,
  Problem,
  problem,
  type ProblemCode,
  type ProblemDocument,
  problems,
} from './problems.js'
export { memoryStore } from './rate-limit/memory-store.js'
export { postgresStore } from './rate-limit/postgres-store.js'
export type { Rate, RateLimitStore, Taken } from './rate-limit/rate.js'
export type { RateLimitQuestion, RateLimitSlot } from './rate-limit/rate-limit-slot.js'
export { columns } from './response-columns.js'
export type { OwnershipQuestion } from './slots.js'
export type {
  OnEvent,
  PrepareContext,
  Webhook,
  WebhookContext,
  WebhookEvent,
  WebhookOptions,
  WebhookSlots,
} from './webhook-slots.js'
