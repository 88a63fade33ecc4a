import type { Principal } from 'postern'
import { prisma } from './backend.ts'

/** The post that the path names, where it is the caller's own. */
export const ownPost = ({ id, principal }: { readonly id: string; readonly principal: Principal }) =>
  prisma.post.findFirst({ where: { id, authorId: principal.id } })
