import { describe, expect, test } from 'vitest'
import { audit } from '../audit.js'
import { treeOf } from '../facts/source/read-tree.js'
import { RULEBOOK } from './rulebook.js'

type Files = Readonly<Record<string, string>>

/** An app with one controller, whose routes all stand behind a guard. */
const APP = {
  'src/app.module.ts': `import { Module } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { PostsController } from './posts.controller'
import { PostsService } from './posts.service'
import { Post } from './post.entity'
@Module({ imports: [TypeOrmModule.forFeature([Post])], controllers: [PostsController], providers: [PostsService] })
export class AppModule {}`,
  'src/post.entity.ts': `import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm'
@Entity()
export class Post { @PrimaryGeneratedColumn('uuid') id: string; @Column() title: string; @Column() authorId: string }`,
  'src/dto.ts': `import { PartialType } from '@nestjs/mapped-types'
import { ApiProperty } from '@nestjs/swagger'
import { IsBoolean, IsOptional, IsString } from 'class-validator'
export class CreatePostDto { @IsString() title: string; @IsOptional() @IsString() text?: string }
export class UpdatePostDto extends PartialType(CreatePostDto) {}
export class FilledDto { @IsOptional() @IsString() title?: string; @IsOptional() @IsBoolean() draft?: boolean = true }
export class ShownDto { @ApiProperty() title: string }
export interface PlainPost { title: string }`,
  'src/current-user.ts': `import { createParamDecorator, ExecutionContext } from '@nestjs/common'
export const CurrentUser = createParamDecorator((field: string, context: ExecutionContext) => {
  const { user } = context.switchToHttp().getRequest()
  return field ? user[field] : user
})`,
}

const main = (lines = '') => ({
  'src/main.ts': `import { NestFactory } from '@nestjs/core'
import { ValidationPipe } from '@nestjs/common'
import { AppModule } from './app.module'
async function bootstrap() {
  const app = await NestFactory.create(AppModule)
  ${lines}
  await app.listen(3000)
}
bootstrap()`,
})

const WHITELIST = main('app.useGlobalPipes(new ValidationPipe({ whitelist: true }))')

/** A route, and what its service does. */
const route = (method: string, work: string, guard = "@UseGuards(AuthGuard('jwt'))", imports = '') => ({
  'src/posts.controller.ts': `import { Body, Controller, Delete, Get, Param, ParseIntPipe, ParseUUIDPipe, Patch, Post, Query, Req, UploadedFile, UseGuards, UsePipes, NotFoundException, BadRequestException, InternalServerErrorException } from '@nestjs/common'
import { AuthGuard } from '@nestjs/passport'
import { CreatePostDto, FilledDto, PlainPost, ShownDto, UpdatePostDto } from './dto'
import { CurrentUser } from './current-user'
import { PostsService } from './posts.service'
${imports}
${guard}
@Controller('posts')
export class PostsController {
  constructor(private readonly posts: PostsService) {}
  ${method}
}`,
  'src/posts.service.ts': `import { BadRequestException, ForbiddenException, Injectable, NotFoundException } from '@nestjs/common'
import { InjectRepository } from '@nestjs/typeorm'
import { DataSource, In, Repository } from 'typeorm'
import { Post } from './post.entity'
@Injectable()
export class PostsService {
  constructor(@InjectRepository(Post) private readonly posts: Repository<Post>, private readonly source: DataSource) {}
  ${work}
}`,
})

async function said(files: Files, confidence: 'high' | 'any' = 'high'): Promise<string[]> {
  const report = await audit(treeOf({ ...APP, ...WHITELIST, ...files }), RULEBOOK)
  if (report.faults.length > 0) throw new Error(JSON.stringify(report.faults))
  return report.findings.filter((one) => confidence === 'any' || one.confidence === 'high').map(({ rule }) => rule)
}

const MAKE = 'make(post, authorId) { return this.posts.save({ title: post.title, authorId }) }'
const making = (parameter: string, more = '', imports = '') =>
  route(
    `@Post() ${more} make(${parameter}, @CurrentUser('id') id: string) { return this.posts.make(post, id) }`,
    MAKE,
    undefined,
    imports,
  )

describe('what is sent', () => {
  test.each<[string, string[], Files]>([
    ['a class with decorators, behind the pipe', [], making('@Body() post: CreatePostDto')],
    ['a class that is made of another', [], making('@Body() post: UpdatePostDto')],
    ['no pipe', ['input-unvalidated'], { ...making('@Body() post: CreatePostDto'), ...main() }],
    [
      'the pipe of a method',
      [],
      {
        ...making(
          '@Body() post: CreatePostDto',
          '@UsePipes(new ValidationPipe())',
          "import { ValidationPipe } from '@nestjs/common'",
        ),
        ...main(),
      },
    ],
    [
      'the pipe of a parameter',
      [],
      {
        ...making(
          '@Body(new ValidationPipe()) post: CreatePostDto',
          '',
          "import { ValidationPipe } from '@nestjs/common'",
        ),
        ...main(),
      },
    ],
    ['an interface, which is gone when the pipe looks', ['input-unvalidated'], making('@Body() post: PlainPost')],
    ['no type at all', ['input-unvalidated'], making('@Body() post')],
    ['a list of a class', ['input-unvalidated'], making('@Body() post: CreatePostDto[]')],
    ['one field of the body', ['input-unvalidated'], making("@Body('post') post: string")],
    [
      'a class that is imported as a type',
      ['input-unvalidated'],
      making('@Body() post: ErasedDto', '', "import type { CreatePostDto as ErasedDto } from './dto'"),
    ],
    [
      'a class that only describes, behind a pipe that takes out nothing',
      ['input-unvalidated'],
      { ...making('@Body() post: ShownDto'), ...main('app.useGlobalPipes(new ValidationPipe())') },
    ],
    [
      'the request itself',
      ['input-unvalidated'],
      route('@Post() make(@Req() req) { return this.posts.make(req.body, req.user.id) }', MAKE),
    ],
    [
      'a file',
      [],
      route(
        "@Post() make(@UploadedFile() file, @CurrentUser('id') id: string) { return this.posts.make({ title: file.originalname }, id) }",
        MAKE,
      ),
    ],
    [
      'a pipe of their own that parses',
      [],
      making('@Body(new ZodPipe(schema)) post: PlainPost', '', "import { schema, ZodPipe } from './zod.pipe'"),
    ],
    [
      'a pipe of their own that looks and lets through',
      ['input-unvalidated'],
      making('@Body(new IdlePipe()) post: PlainPost', '', "import { IdlePipe } from './zod.pipe'"),
    ],
    [
      'a class of nestjs-zod, behind its pipe',
      [],
      {
        ...making('@Body() post: ZodDto', '', "import { ZodDto } from './zod.pipe'"),
        ...main('app.useGlobalPipes(new ZodValidationPipe())'),
        'src/main.ts': main('app.useGlobalPipes(new ZodValidationPipe())')['src/main.ts'].replace(
          'import { AppModule',
          "import { ZodValidationPipe } from 'nestjs-zod'\nimport { AppModule",
        ),
      },
    ],
    [
      'a class of nestjs-zod, behind the pipe that asks for decorators',
      ['input-unvalidated'],
      { ...making('@Body() post: ZodDto', '', "import { ZodDto } from './zod.pipe'") },
    ],
  ])('%s: %j', async (_, rules, files) => {
    const pipes = `import { BadRequestException, PipeTransform } from '@nestjs/common'
import { createZodDto } from 'nestjs-zod'
import { z } from 'zod'
export const schema = z.object({ title: z.string() })
export class ZodDto extends createZodDto(schema) {}
export class ZodPipe implements PipeTransform {
  constructor(private schema) {}
  transform(value: unknown) {
    const result = this.schema.safeParse(value)
    if (!result.success) throw new BadRequestException('Validation failed')
    return result.data
  }
}
export class IdlePipe implements PipeTransform { transform(value: unknown) { console.log(value); return value } }`
    expect(await said({ 'src/zod.pipe.ts': pipes, ...files })).toEqual(rules)
  })

  test('a pipe for all may be bound in a module', async () => {
    const module = APP['src/app.module.ts']
      .replace('providers: [', 'providers: [{ provide: APP_PIPE, useValue: new ValidationPipe({ whitelist: true }) }, ')
      .replace('import { Module }', "import { APP_PIPE } from '@nestjs/core'\nimport { Module, ValidationPipe }")
    expect(await said({ ...making('@Body() post: CreatePostDto'), ...main(), 'src/app.module.ts': module })).toEqual([])
  })
})

describe('which columns are written', () => {
  const whole = route(
    "@Post() make(@Body() post: CreatePostDto, @CurrentUser('id') id: string) { return this.posts.make(post, id) }",
    'make(post, authorId) { return this.posts.save({ ...post, authorId }) }',
  )
  const merged = route(
    "@Patch(':id') change(@Param('id') id: string, @Body() post: UpdatePostDto, @CurrentUser('id') me: string) { return this.posts.change(id, post, me) }",
    'async change(id, post, authorId) { const found = await this.posts.findOneByOrFail({ id, authorId }); Object.assign(found, post); return this.posts.save(this.posts.merge(found, post)) }',
  )

  test.each<[string, string[], Files]>([
    ['a pipe that takes out what it does not know', [], whole],
    [
      'one that lets it through',
      ['mass-assignment'],
      { ...whole, ...main('app.useGlobalPipes(new ValidationPipe())') },
    ],
    [
      'options that come from elsewhere',
      [],
      { ...whole, ...main('app.useGlobalPipes(new ValidationPipe(optionsOf(process.env)))') },
    ],
    ['merged, behind the strict one', [], merged],
    [
      'merged, behind the other',
      ['mass-assignment'],
      { ...merged, ...main('app.useGlobalPipes(new ValidationPipe({ transform: true }))') },
    ],
    [
      'a class that fills in what a patch leaves out',
      ['patch-default'],
      route(
        "@Patch(':id') change(@Param('id') id: string, @Body() post: FilledDto, @CurrentUser('id') me: string) { return this.posts.change(id, post, me) }",
        'change(id, post, authorId) { return this.posts.update({ id, authorId }, post) }',
      ),
    ],
  ])('%s: %j', async (_, rules, files) => {
    expect(await said(files)).toEqual(rules)
  })
})

const removing = (work: string, guard?: string) =>
  route(
    "@Delete(':id') remove(@Param('id', ParseUUIDPipe) id: string, @CurrentUser() user) { return this.posts.remove(id, user) }",
    work,
    guard,
  )

describe('whose rows they are', () => {
  test.each<[string, string[], string]>([
    ['nobody asks', ['ownership-missing'], 'remove(id) { return this.posts.delete(id) }'],
    ['the owner is in the condition', [], 'remove(id, user) { return this.posts.delete({ id, authorId: user.id }) }'],
    [
      'the owner is compared',
      [],
      'async remove(id, user) { const post = await this.posts.findOneBy({ id }); if (!post) throw new NotFoundException(); if (post.authorId !== user.id) throw new ForbiddenException(); await this.posts.remove(post) }',
    ],
    [
      'the row is loaded and nobody asks',
      ['ownership-missing'],
      'async remove(id) { const post = await this.posts.findOneBy({ id }); if (!post) throw new NotFoundException(); await this.posts.remove(post) }',
    ],
    [
      'a builder names the owner',
      [],
      "async remove(id, user) { const query = this.posts.createQueryBuilder().delete(); query.where('id = :id', { id }); query.andWhere('authorId = :authorId', { authorId: user.id }); await query.execute() }",
    ],
    [
      'a builder names none',
      ['ownership-missing'],
      "async remove(id) { await this.posts.createQueryBuilder().delete().from(Post).where('id = :id', { id }).execute() }",
    ],
    [
      'the manager of a transaction is asked',
      ['ownership-missing'],
      'async remove(id) { await this.source.transaction(async (manager) => { await manager.delete(Post, { id }) }) }',
    ],
  ])('%s: %j', async (_, rules, work) => {
    expect(await said(removing(work))).toEqual(rules)
  })

  const ROLES = `import { CanActivate, ExecutionContext, Injectable, SetMetadata } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
export enum Role { Admin = 'admin', User = 'user' }
export const Roles = (...roles: Role[]) => SetMetadata('roles', roles)
export const Allow = Reflector.createDecorator<Role[]>()
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}
  canActivate(context: ExecutionContext) {
    const roles = this.reflector.get<Role[]>('roles', context.getHandler()) ?? this.reflector.get(Allow, context.getHandler())
    if (!roles) return true
    const { user } = context.switchToHttp().getRequest()
    return roles.some((role) => user.roles?.includes(role))
  }
}`

  test.each([
    ['asks for a role', [], '@Roles(Role.Admin)'],
    ['asks for one of several', [], '@Roles(Role.Admin, Role.User)'],
    ['asks by the decorator itself', [], '@Allow([Role.Admin])'],
    ['is told of none', ['ownership-missing'], ''],
  ])('a guard of roles that %s: %j', async (_, rules, decorator) => {
    const files = removing('remove(id) { return this.posts.delete(id) }', "@UseGuards(AuthGuard('jwt'), RolesGuard)")
    const controller = files['src/posts.controller.ts']
      .replace("@Delete(':id')", `${decorator} @Delete(':id')`)
      .replace('import { AuthGuard', "import { Allow, Role, Roles, RolesGuard } from './roles'\nimport { AuthGuard")
    expect(await said({ ...files, 'src/posts.controller.ts': controller, 'src/roles.ts': ROLES })).toEqual(rules)
  })
})

const listing = (work: string) =>
  route('@Get() list(@Query() query: UpdatePostDto) { return this.posts.list(query) }', work)

describe('what is read', () => {
  test.each<[string, string[], string]>([
    ['a list without a limit', ['pagination-missing'], 'list() { return this.posts.find() }'],
    ['a page', [], 'list() { return this.posts.find({ take: 20 }) }'],
    [
      'a builder that is told its limit in a line of its own',
      [],
      "async list() { const query = this.posts.createQueryBuilder('post'); query.take(20); return query.getMany() }",
    ],
    [
      'a builder that is told none',
      ['pagination-missing'],
      "list() { return this.posts.createQueryBuilder('post').getMany() }",
    ],
    [
      'one by one',
      ['n-plus-one'],
      'async list() { const all = await this.posts.find({ take: 20 }); for (const one of all) await this.posts.findOneBy({ id: one.title }); return 1 }',
    ],
    [
      'all at once',
      [],
      'async list() { const all = await this.posts.find({ take: 20 }); return (await this.posts.findBy({ id: In(all.map((one) => one.title)) })).length }',
    ],
  ])('%s: %j', async (_, rules, work) => {
    expect(await said(listing(work))).toEqual(rules)
  })

  test.each([
    [
      'as text',
      ['sql-injection'],
      'name: string',
      "this.source.query(`select * from post where title = '${name}' limit 1`)",
    ],
    ['as a value', [], 'name: string', "this.source.query('select * from post where title = $1 limit 1', [name])"],
  ])('SQL with what was sent, %s: %j', async (_, rules, parameter, query) => {
    const files = route(
      `@Get(':name') one(@Param('name') ${parameter}) { return this.posts.one(name) }`,
      `async one(name) { await ${query} }`,
    )
    expect(await said(files)).toEqual(rules)
  })

  test('a number that a pipe has made of it is no text any more', async () => {
    const files = route(
      "@Get(':id') one(@Param('id', ParseIntPipe) id: number) { return this.posts.one(id) }",
      'async one(id) { await this.source.query(`select * from post where id = ${id}`) }',
    )
    expect(await said(files)).toEqual([])
  })
})

const failing = (body: string) => route(`@Get() async one() { ${body} }`, 'one() { return this.posts.count() }')

describe('what goes wrong', () => {
  test.each<[string, string[], string]>([
    [
      'flies out, and is logged and answered by the framework',
      [],
      'const count = await this.posts.one(); return { count }',
    ],
    [
      'is thrown as an exception with what it says',
      ['error-leak'],
      'try { return { count: await this.posts.one() } } catch (error) { throw new InternalServerErrorException(error.message) }',
    ],
    [
      'is thrown as an exception that says nothing of it',
      [],
      "try { return { count: await this.posts.one() } } catch { throw new BadRequestException('Not now') }",
    ],
    [
      'is swallowed',
      ['error-unlogged'],
      'try { return { count: await this.posts.one() } } catch { return { count: 0 } }',
    ],
  ])('%s: %j', async (_, rules, body) => {
    expect(await said(failing(body))).toEqual(rules)
  })

  test.each([
    ['tells every error', ['error-leak'], '@Catch()', 'response.status(500).json({ message: error.message })'],
    [
      'tells those that were made to be told',
      [],
      '@Catch()',
      "response.status(500).json({ message: error instanceof HttpException ? error.message : 'Something went wrong' })",
    ],
    [
      'is for one kind only',
      [],
      '@Catch(HttpException)',
      'response.status(error.getStatus()).json({ message: error.message })',
    ],
  ])('a filter that %s: %j', async (_, rules, decorator, line) => {
    const filter = `import { ArgumentsHost, Catch, ExceptionFilter, HttpException } from '@nestjs/common'
${decorator}
export class Filter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost) { const response = host.switchToHttp().getResponse(); ${line} }
}`
    expect(await said({ ...failing('return 1'), 'src/filter.ts': filter })).toEqual(rules)
  })
})

const hook = (work: string) => ({
  ...WHITELIST,
  'src/posts.service.ts': 'export class PostsService {}',
  'src/posts.controller.ts': `import { Body, Controller, Headers, Post, Req } from '@nestjs/common'
import { InjectRepository } from '@nestjs/typeorm'
import { Repository } from 'typeorm'
import Stripe from 'stripe'
import { Post as Row } from './post.entity'
const stripe = new Stripe(process.env.STRIPE_KEY)
@Controller('webhooks')
export class PostsController {
constructor(@InjectRepository(Row) private readonly posts: Repository<Row>) {}
@Post('stripe') async stripe(@Req() req, @Body() body, @Headers('stripe-signature') signature: string) { ${work} }
}`,
})

describe('webhooks', () => {
  test('one that believes whoever calls', async () => {
    expect(await said(hook("await this.posts.update({ id: body.id }, { title: 'paid' })"))).toContain(
      'webhook-unsigned',
    )
  })

  test('one that verifies the bytes that came', async () => {
    const work =
      "const event = stripe.webhooks.constructEvent(req.rawBody, signature, process.env.STRIPE_SECRET); await this.posts.update({ id: event.data.object.id }, { title: 'paid' })"
    expect(await said(hook(work))).toEqual([])
  })
})

test('mongoose models are injected by their name, and Prisma by its class', async () => {
  const files = {
    'src/posts.controller.ts': `import { Controller, Delete, Get, Param } from '@nestjs/common'
import { InjectModel } from '@nestjs/mongoose'
import { Model } from 'mongoose'
import { Post } from './post.schema'
import { PrismaService } from './prisma.service'
@Controller('posts')
export class PostsController {
  constructor(@InjectModel(Post.name) private model: Model<Post>, private prisma: PrismaService) {}
  @Delete(':id') async remove(@Param('id') id: string) { await this.model.findByIdAndDelete(id) }
  @Delete('all') async clear() { await this.prisma.post.deleteMany({}) }
}`,
    'src/post.schema.ts': 'export class Post {}',
    'src/posts.service.ts': 'export class PostsService {}',
    'src/prisma.service.ts':
      "import { PrismaClient } from '@prisma/client'\nexport class PrismaService extends PrismaClient {}",
  }
  expect(await said(files)).toEqual(['auth-missing', 'ownership-missing', 'auth-missing'])
})

describe('which app a controller belongs to', () => {
  const files = making('@Body() post: CreatePostDto')

  test('one that listens, and not the script that fills its database', async () => {
    const seed = WHITELIST['src/main.ts']
      .replace(/app\.useGlobalPipes.*\n/, '')
      .replace('await app.listen(3000)', 'await app.close()')
    expect(await said({ 'src/a-seed.ts': seed, ...files })).toEqual([])
  })

  test('one whose bootstrap is called from elsewhere', async () => {
    const bootstrap = WHITELIST['src/main.ts']
      .replace('async function', 'export async function')
      .replace('bootstrap()\n', '')
    const called = { 'src/main.ts': "import { bootstrap } from './bootstrap'\nbootstrap()" }
    expect(await said({ ...files, ...called, 'src/bootstrap.ts': bootstrap.replace(/\nbootstrap\(\)$/, '') })).toEqual(
      [],
    )
  })

  test('none that is known: what may stand in front of it is not told with confidence', async () => {
    expect(await said({ ...files, 'src/main.ts': '' })).toEqual([])
    expect(await said({ ...files, 'src/main.ts': '' }, 'any')).toEqual(['input-unvalidated'])
  })
})

const paying = (owner: string) =>
  route(
    "@Post() paid(@Query('session') session: string) { return this.posts.paid(session) }",
    `async paid(id) { const session = await stripe.checkout.sessions.retrieve(id); await this.posts.insert({ title: 'paid', authorId: ${owner} }) }`,
    '',
  )

const withStripe = (files: Files) => ({
  ...files,
  'src/posts.service.ts': `import Stripe from 'stripe'\nconst stripe = new Stripe(process.env.KEY)\n${files['src/posts.service.ts']}`,
})

describe('what strangers may do', () => {
  test.each<[string, string[], string, string]>([
    [
      'keeps what it has fetched for the next that asks',
      [],
      '@Get() list() { return this.posts.keep() }',
      "keep() { return this.posts.upsert({ title: 'today' }, ['title']) }",
    ],
    [
      'keeps what was sent',
      ['auth-missing'],
      "@Get(':title') list(@Param('title') title: string) { return this.posts.keep(title) }",
      "keep(title) { return this.posts.upsert({ title }, ['title']) }",
    ],
  ])('a GET that %s: %j', async (_, rules, method, work) => {
    expect(await said(route(method, work, ''))).toEqual(rules)
  })

  test.each([
    ['resets a password by a code that was mailed', [], 'reset-password'],
    ['is called anything else', ['ownership-missing'], 'titles'],
  ])('a route that %s: %j', async (_, rules, path) => {
    const files = route(
      `@Post('${path}') change(@Query('code') code: string) { return this.posts.change(code) }`,
      "async change(code) { await this.posts.update({ id: await cache.get(code) }, { title: 'new' }) }",
      '',
    )
    const service = `import { cache } from './cache'\n${files['src/posts.service.ts']}`
    const kept = "import { Keep } from '@acme/keep'\nexport const cache = new Keep()"
    const all = { ...files, 'src/posts.service.ts': service, 'src/cache.ts': kept }
    expect((await said(all)).filter((one) => one === 'ownership-missing')).toEqual(rules)
  })

  test('what Stripe keeps under an id that was sent is Stripe’s word', async () => {
    expect(await said(withStripe(paying('session.client_reference_id')))).not.toContain('ownership-missing')
    expect(await said(withStripe(paying('id')))).toContain('ownership-missing')
  })
})
