import { authRoutes } from 'postern/auth'
import { auth } from '../../../../auth.ts'

export const { GET, POST } = authRoutes(auth)
