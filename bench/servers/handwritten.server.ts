import postgres from 'postgres'
import { servePosts } from './post-server.js'

const sql = postgres(process.env['DATABASE_URL']!, { max: 10, onnotice: () => {} })

servePosts((_owner, work) => work(sql))
