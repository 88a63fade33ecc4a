import { patchOf, remove, row, update } from 'postern'
import { endpoint } from '../../../../backend.ts'
import { ProductInput } from '../../../../inputs.ts'
import { products } from '../../../../schema/index.ts'

export const GET = endpoint({ sees: products }, row())
export const PATCH = endpoint({ owns: products, body: patchOf(ProductInput) }, update())
export const DELETE = endpoint({ owns: products }, remove())
