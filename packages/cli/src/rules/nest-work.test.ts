import { expect, test } from 'vitest'
import { audit } from '../audit.js'
import { treeOf } from '../facts/source/read-tree.js'
import { RULEBOOK } from './rulebook.js'

/** What is said of a controller that answers all posts, and deletes one, behind a guard and a middleware of its app. */
async function said(guard: string): Promise<string[]> {
  const { findings, faults } = await audit(
    treeOf({
      'src/main.ts': `import { NestFactory } from '@nestjs/core'
import { AppModule } from './app.module'
const app = await NestFactory.create(AppModule)
await app.listen(3000)`,
      'src/app.module.ts': `import { AsyncLocalStorage } from 'async_hooks'
import { Controller, Delete, Get, Injectable, Module, Param, ParseIntPipe } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { PrismaClient } from '@prisma/client'
const db = new PrismaClient()
const requests = new AsyncLocalStorage<{ id: string }>()
@Injectable() class Guard { ${guard} }
@Injectable() class Context { use(request, response, next) { requests.run({ id: 'a' }, () => next()) } }
@Controller('posts') class Posts {
  @Get() all() { return db.post.findMany() }
  @Delete(':id') async remove(@Param('id', ParseIntPipe) id: number) { await db.post.delete({ where: { id } }) }
}
@Module({ controllers: [Posts], providers: [{ provide: APP_GUARD, useClass: Guard }] })
export class AppModule { configure(consumer) { consumer.apply(Context).forRoutes('*') } }`,
    }),
    RULEBOOK,
  )
  expect(faults).toEqual([])
  return findings.map(({ rule, confidence }) => `${rule} ${confidence}`).sort()
}

test('of a guard that refuses nobody can say whom, only who is let in is unsure', async () => {
  expect(await said('canActivate(context) { if (Math.random() > 0.5) throw new Error(); return true }')).toEqual([
    'auth-missing medium',
    'ownership-missing medium',
    'pagination-missing high',
  ])
})

test('where none refuses anybody, all of it is shown', async () => {
  expect(await said('canActivate() { return true }')).toEqual([
    'auth-missing high',
    'ownership-missing high',
    'pagination-missing high',
  ])
})
