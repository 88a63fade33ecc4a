import { patchOf, remove, row, update } from 'postern'
import { endpoint } from '../../../../backend.ts'
import { CustomerInput } from '../../../../inputs.ts'
import { sharedCustomers } from '../../../../schema/index.ts'

export const GET = endpoint({ sees: sharedCustomers }, row())
export const PATCH = endpoint({ owns: sharedCustomers, body: patchOf(CustomerInput) }, update())
export const DELETE = endpoint({ owns: sharedCustomers }, remove())
