import { endpoint } from '../../../backend.ts'

export const GET = endpoint({ public: 'tells that it runs' }, () => ({ ok: true }))
