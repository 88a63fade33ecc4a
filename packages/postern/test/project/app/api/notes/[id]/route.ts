import { remove, row } from '../../../../../../src/index.js'
import { endpoint, notes } from '../../../../backend.js'

export const GET = endpoint({ sees: notes }, row())
export const DELETE = endpoint({ owns: notes }, remove())
