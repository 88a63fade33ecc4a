import type { MethodDefinition } from 'oxc-parser'
import type { ClassValue, Spot } from '../trace/model.js'
import type { Told } from './decorators.js'
import type { NestApp } from './nest-app.js'

/** A method of a controller, and what its decorators say of it. */
export interface NestRoute {
  readonly app: NestApp
  readonly controller: ClassValue
  readonly ofClass: readonly Told[]
  readonly ofMethod: readonly Told[]
  readonly member: MethodDefinition
  /** The class in which it stands: the controller, or one above it. */
  readonly home: ClassValue
  readonly name: string
  readonly method: string
  readonly path: string
  readonly spot: Spot
}
