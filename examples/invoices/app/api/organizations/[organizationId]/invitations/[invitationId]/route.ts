import { remove } from 'postern'
import { endpoint } from '../../../../../../backend.ts'
import { invitations } from '../../../../../../schema/index.ts'

export const DELETE = endpoint({ owns: { table: invitations, param: 'invitationId' } }, remove())
