import { describe, expect, test } from 'vitest'

import { readEntries } from '../read-project.js'
import { treeOf } from '../source/read-tree.js'

const WORK = `async (req, res) => { res.json(await pool.query('select * from users')) }`
const POOL = `import { Pool } from 'pg'\nexport const pool = new Pool()\n`

const found = (files: Readonly<Record<string, string>>) =>
  readEntries(treeOf({ 'src/db.ts': POOL, ...files })).map(({ entry, facts }) => [
    `${entry.method} ${entry.path}`,
    facts.filter(({ fact }) => fact === 'query').length,
  ])

const BY_FUNCTION = `import express from 'express'
import { pool } from './db'
export function createApp() { const app = express(); app.get('/users', ${WORK}); return app }`

describe('an app that another file starts', () => {
  test.each([
    ['at once', `const app = createApp()\napp.listen(3000)`],
    [
      'in a function that is called',
      `async function main() { const app = await createApp(); app.listen(3000) }\nmain()`,
    ],
    ['in a function that calls itself', `(async () => { createApp().listen(3000) })()`],
    ['as what the file exports', `export default createApp()`],
  ])('by a function, %s', (_, start) => {
    const files = { 'src/app.ts': BY_FUNCTION, 'src/index.ts': `import { createApp } from './app'\n${start}` }
    expect(found(files)).toEqual([['GET /users', 1]])
  })

  test('through files between them', () => {
    const server = `import { createApp } from './app'\nexport const start = () => createApp().listen(3000)`
    const files = {
      'src/app.ts': BY_FUNCTION,
      'src/server.ts': server,
      'bin.ts': `import { start } from './src/server'\nstart()`,
    }
    expect(found(files)).toEqual([['GET /users', 1]])
  })

  test('by classes, one for the app and one for each router', () => {
    const app = `import express from 'express'
      export class App {
        public app: express.Application
        constructor(routes: { router: express.Router }[]) { this.app = express(); this.mount(routes) }
        private mount(routes: { router: express.Router }[]) { routes.forEach((route) => { this.app.use('/api', route.router) }) }
        public listen() { this.app.listen(3000) }
      }`
    const users = `import { Router } from 'express'
      import { pool } from './db'
      export class UserRoute {
        public path = '/users'
        public router = Router()
        constructor() { this.describe() }
        private describe() { this.router.get(\`\${this.path}\`, ${WORK}) }
      }`
    const server = `import { App } from './app'\nimport { UserRoute } from './users'\nnew App([new UserRoute()]).listen()`
    expect(found({ 'src/app.ts': app, 'src/users.ts': users, 'src/server.ts': server })).toEqual([
      ['GET /api/users', 1],
    ])
  })

  test('by a router that every file of routes is made with', () => {
    const make = `import { Hono } from 'hono'\nexport const createRouter = () => new Hono({ strict: false })`
    const users = `import { createRouter } from './make'
      import { pool } from './db'
      export const users = createRouter().get('/users', async (c) => c.json(await pool.query('select * from users')))`
    const app = `import { createRouter } from './make'\nimport { users } from './users'\nexport default createRouter().route('/api', users)`
    expect(found({ 'src/make.ts': make, 'src/users.ts': users, 'src/index.ts': app })).toEqual([['GET /api/users', 1]])
  })

  test('is not started by a test, which serves itself', () => {
    const served = `import { createApp } from './app'\nconst app = createApp()`
    expect(found({ 'src/app.ts': BY_FUNCTION, 'src/app.test.ts': served })).toEqual([])
  })

  test.each(['typedi', 'tsyringe'])('whose services a container of %s gives by their class', (container) => {
    const [name, ask] = container === 'typedi' ? ['Container', 'get'] : ['container', 'resolve']
    const service = `import { pool } from './db'
      export class Users { all() { return pool.query('select * from users') } }`
    const index = `import express from 'express'
      import { ${name} } from '${container}'
      import { Users } from './service'
      class Controller {
        users = ${name}.${ask}(Users)
        list = async (req, res) => { res.json(await this.users.all()) }
      }
      const controller = new Controller()
      const app = express()
      app.get('/users', controller.list)`
    expect(found({ 'src/service.ts': service, 'src/index.ts': index })).toEqual([['GET /users', 1]])
  })
})
