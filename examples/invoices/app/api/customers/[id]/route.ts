import { patchOf, remove, row, update } from 'postern'
import { endpoint } from '../../../../backend.ts'
import { CustomerInput } from '../../../../inputs.ts'
import { customers } from '../../../../schema/index.ts'

export const GET = endpoint({ sees: customers }, row())
export const PATCH = endpoint({ owns: customers, body: patchOf(CustomerInput) }, update())
export const DELETE = endpoint({ owns: customers }, remove())
