import { serveNext } from './serve-next.js'

await serveNext('prisma')
