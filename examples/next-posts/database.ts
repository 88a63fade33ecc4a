import { database } from 'postern/database'
import * as schema from './schema/index.ts'

export const db = database({ schema })
