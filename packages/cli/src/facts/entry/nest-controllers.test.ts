import { describe, expect, test } from 'vitest'
import { isGuarded } from '../ask/guarded.js'
import { readEntries } from '../read-project.js'
import { treeOf } from '../source/read-tree.js'

type Files = Readonly<Record<string, string>>

const BASE = {
  'src/main.ts': `import { NestFactory } from '@nestjs/core'
import { AppModule } from './app.module'
async function bootstrap() {
  const app = await NestFactory.create(AppModule)
  await app.listen(3000)
}
bootstrap()`,
  'src/app.module.ts': `import { Module } from '@nestjs/common'
import { PostsController } from './posts/posts.controller'
@Module({ controllers: [PostsController] })
export class AppModule {}`,
  'src/prisma.service.ts': `import { Injectable } from '@nestjs/common'
import { PrismaClient } from '@prisma/client'
@Injectable()
export class PrismaService extends PrismaClient {}`,
  'src/posts/posts.service.ts': `import { Injectable } from '@nestjs/common'
import { PrismaService } from '../prisma.service'
@Injectable()
export class PostsService {
  constructor(private readonly prisma: PrismaService) {}
  async clear() { await this.prisma.post.deleteMany({}) }
}`,
  'src/auth/jwt-auth.guard.ts': `import { Injectable } from '@nestjs/common'
import { AuthGuard } from '@nestjs/passport'
@Injectable()
export class JwtAuthGuard extends AuthGuard('jwt') {}`,
}

/** A controller of which each method deletes all posts, behind what is said of it. */
const controller = (before: string, ofClass: string, ofMethod: string) => ({
  'src/posts/posts.controller.ts': `import { Controller, Delete, UseGuards } from '@nestjs/common'
import { PostsService } from './posts.service'
${before}
${ofClass}
@Controller('posts')
export class PostsController {
  constructor(private readonly posts: PostsService) {}
  ${ofMethod}
  @Delete()
  async clear() { await this.posts.clear() }
}`,
})

/** Whether somebody must be signed in for the first work of each route: as far as can be shown. */
function standing(files: Files): Record<string, string> {
  return Object.fromEntries(
    readEntries(treeOf({ ...BASE, ...files })).map(({ entry, facts, isWhole }) => {
      const work = facts.find(({ fact }) => fact === 'query')
      const how = work === undefined ? 'nothing' : isGuarded(work.known) ? 'guarded' : isWhole ? 'open' : 'unsure'
      return [entry.symbol, how]
    }),
  )
}

const clear = (files: Files) => standing(files)['PostsController.clear']

const inModule = (providers: string, imports = '') => ({
  'src/app.module.ts': `import { Module } from '@nestjs/common'
import { APP_GUARD, APP_PIPE } from '@nestjs/core'
import { ValidationPipe } from '@nestjs/common'
import { PostsController } from './posts/posts.controller'
${imports}
@Module({ controllers: [PostsController], providers: [${providers}] })
export class AppModule {}`,
})

const inMain = (line: string, imports = '') => ({
  'src/main.ts': `import { NestFactory, Reflector } from '@nestjs/core'
import { ValidationPipe, VersioningType } from '@nestjs/common'
import { AppModule } from './app.module'
${imports}
async function bootstrap() {
  const app = await NestFactory.create(AppModule)
  ${line}
  await app.listen(3000)
}
void bootstrap()`,
})

const GUARD = "import { JwtAuthGuard } from '../auth/jwt-auth.guard'"
const PLAIN = controller('', '', '')

const PUBLIC = {
  'src/auth/public.decorator.ts': `import { SetMetadata } from '@nestjs/common'
export const IS_PUBLIC_KEY = 'isPublic'
export const Public = () => SetMetadata(IS_PUBLIC_KEY, true)`,
  'src/auth/jwt-auth.guard.ts': `import { ExecutionContext, Injectable } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import { AuthGuard } from '@nestjs/passport'
import { IS_PUBLIC_KEY } from './public.decorator'
@Injectable()
export class JwtAuthGuard extends AuthGuard('jwt') {
  constructor(private reflector: Reflector) { super() }
  canActivate(context: ExecutionContext) {
    const isPublic = this.reflector.getAllAndOverride<boolean>(IS_PUBLIC_KEY, [context.getHandler(), context.getClass()])
    if (isPublic) return true
    return super.canActivate(context)
  }
}`,
}

const APP_GUARD = inModule(
  '{ provide: APP_GUARD, useClass: JwtAuthGuard }',
  "import { JwtAuthGuard } from './auth/jwt-auth.guard'",
)

const own = (body: string, before = '', members = '') => ({
  'src/auth/own.guard.ts': `import { CanActivate, ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common'
${before}
@Injectable()
export class OwnGuard implements CanActivate {
  ${members}
  async canActivate(context: ExecutionContext) { ${body} }
}`,
  ...controller("import { OwnGuard } from '../auth/own.guard'", '@UseGuards(OwnGuard)', ''),
})

const read = (files: Files) =>
  readEntries(treeOf({ ...BASE, ...files })).map(({ entry }) => [entry.symbol, entry.method, entry.path])

describe('a route of a controller', () => {
  test('has its method, its path, and the place where it stands', () => {
    const [first] = readEntries(treeOf({ ...BASE, ...PLAIN }))
    expect(first!.entry).toMatchObject({
      kind: 'endpoint',
      framework: 'nest',
      symbol: 'PostsController.clear',
      method: 'DELETE',
      path: '/posts',
    })
    const { file, node } = first!.entry.spot
    expect(file.placeOf(node.start)).toMatchObject({ file: 'src/posts/posts.controller.ts', line: 10 })
  })

  test('stands behind the prefix of its app, and behind its version where that is part of the path', () => {
    const routes = {
      'src/posts/posts.controller.ts': `import { Controller, Get, Post, Version } from '@nestjs/common'
@Controller({ path: 'posts', version: '2' })
export class PostsController {
  @Get() list() {}
  @Version('3') @Get([':id', 'one/:id']) one() {}
}`,
    }
    const lines = "app.setGlobalPrefix('api'); app.enableVersioning({ type: VersioningType.URI })"
    expect(read({ ...routes, ...inMain(lines) })).toEqual([
      ['PostsController.list', 'GET', '/api/v2/posts'],
      ['PostsController.one', 'GET', '/api/v3/posts/:id'],
    ])
    expect(
      read({ ...routes, ...inMain("app.enableVersioning({ type: VersioningType.HEADER, header: 'v' })") })[0],
    ).toEqual(['PostsController.list', 'GET', '/posts'])
  })

  test('may stand in a class above, or be made by a decorator of their own', () => {
    const files = {
      'src/posts/base.controller.ts':
        "import { Get } from '@nestjs/common'\nexport class Base { @Get(':id') one() {} @Get() list() {} }",
      'src/posts/posts.controller.ts': `import { applyDecorators, Controller, Post } from '@nestjs/common'
import { Base } from './base.controller'
const ApiController = (path: string) => applyDecorators(Controller(path))
const Create = () => Post('new')
@ApiController('posts')
export class PostsController extends Base { list() {} @Create() make() {} }`,
    }
    expect(read(files)).toEqual([
      ['PostsController.make', 'POST', '/posts/new'],
      ['PostsController.one', 'GET', '/posts/:id'],
    ])
  })

  test('is none in a test', () => {
    const [file] = Object.values(PLAIN)
    expect(read({ 'test/posts.controller.ts': file! })).toEqual([])
  })
})

describe('guards', () => {
  test.each<[string, string, Files]>([
    ['none', 'open', PLAIN],
    ['at the controller', 'guarded', controller(GUARD, '@UseGuards(JwtAuthGuard)', '')],
    ['at the method', 'guarded', controller(GUARD, '', '@UseGuards(JwtAuthGuard)')],
    [
      'of passport as it is',
      'guarded',
      controller("import { AuthGuard } from '@nestjs/passport'", "@UseGuards(AuthGuard('jwt'))", ''),
    ],
    [
      'of passport, for anybody',
      'open',
      controller("import { AuthGuard } from '@nestjs/passport'", "@UseGuards(AuthGuard(['jwt', 'anonymous']))", ''),
    ],
    [
      'for all, in main',
      'guarded',
      {
        ...PLAIN,
        ...inMain('app.useGlobalGuards(new JwtAuthGuard())', "import { JwtAuthGuard } from './auth/jwt-auth.guard'"),
      },
    ],
    ['for all, in a module', 'guarded', { ...PLAIN, ...APP_GUARD }],
    [
      'in a decorator that applies several',
      'guarded',
      controller(
        `import { applyDecorators } from '@nestjs/common'\n${GUARD}\nconst Auth = () => applyDecorators(UseGuards(JwtAuthGuard))`,
        '',
        '@Auth()',
      ),
    ],
    [
      'in a decorator that applies it by hand',
      'guarded',
      controller(
        `${GUARD}\nfunction Auth() { return (target, key, descriptor) => { UseGuards(JwtAuthGuard)(target, key, descriptor) } }`,
        '',
        '@Auth()',
      ),
    ],
    ['for all but what is public: this is not', 'guarded', { ...PLAIN, ...PUBLIC, ...APP_GUARD }],
    [
      'for all but what is public: this is',
      'open',
      { ...controller("import { Public } from '../auth/public.decorator'", '', '@Public()'), ...PUBLIC, ...APP_GUARD },
    ],
    [
      'for all but a public controller',
      'open',
      { ...controller("import { Public } from '../auth/public.decorator'", '@Public()', ''), ...PUBLIC, ...APP_GUARD },
    ],
    [
      'of a package that nobody knows',
      'unsure',
      controller("import { AcmeGuard } from '@acme/guards'", '@UseGuards(AcmeGuard)', ''),
    ],
    [
      'in a decorator of a package that nobody knows',
      'unsure',
      controller("import { Authenticated } from '@acme/guards'", '', '@Authenticated()'),
    ],
    [
      'brought by a module of a package',
      'unsure',
      {
        ...PLAIN,
        'src/app.module.ts':
          "import { Module } from '@nestjs/common'\nimport { AcmeAuthModule } from '@acme/auth'\n@Module({ imports: [AcmeAuthModule.forRoot({})] })\nexport class AppModule {}",
      },
    ],
    [
      'a limit',
      'open',
      controller("import { ThrottlerGuard } from '@nestjs/throttler'", '@UseGuards(ThrottlerGuard)', ''),
    ],
  ])('%s: %s', (_, how, files) => {
    expect(clear(files)).toBe(how)
  })

  test.each<[string, string, Files]>([
    [
      'verifies a token',
      'guarded',
      own(
        'const request = context.switchToHttp().getRequest(); request.user = await this.jwt.verifyAsync(request.headers.authorization); return true',
        "import { JwtService } from '@nestjs/jwt'",
        'constructor(private readonly jwt: JwtService) {}',
      ),
    ],
    [
      'throws where nobody is',
      'guarded',
      own(
        'const { user } = context.switchToHttp().getRequest(); if (!user) throw new UnauthorizedException(); return true',
      ),
    ],
    ['says whether somebody is', 'guarded', own('return Boolean(context.switchToHttp().getRequest().user)')],
    [
      'lets everybody through, whatever it is called',
      'open',
      own('console.log(context.switchToHttp().getRequest().user); return true'),
    ],
    [
      'only looks',
      'open',
      own(
        'const request = context.switchToHttp().getRequest(); try { request.user = await this.jwt.verifyAsync(request.headers.authorization) } catch {} return true',
        "import { JwtService } from '@nestjs/jwt'",
        'constructor(private readonly jwt: JwtService) {}',
      ),
    ],
    [
      'refuses by something that can’t be followed',
      'unsure',
      own(
        'return this.judge.fits(context.switchToHttp().getRequest())',
        "import { Judge } from '@acme/judge'",
        'constructor(private readonly judge: Judge) {}',
      ),
    ],
    [
      'is injected by a token that a module binds',
      'guarded',
      {
        ...own(
          'const request = context.switchToHttp().getRequest(); request.user = await this.tokens.check(request.headers.authorization); return true',
          "import { Inject } from '@nestjs/common'",
          "constructor(@Inject('TOKENS') private readonly tokens) {}",
        ),
        'src/auth/tokens.ts':
          "import jwt from 'jsonwebtoken'\nexport class Tokens { check(token) { return jwt.verify(token, process.env.SECRET) } }",
        ...inModule("{ provide: 'TOKENS', useClass: Tokens }", "import { Tokens } from './auth/tokens'"),
      },
    ],
    [
      'asks an abstract class that a module binds',
      'guarded',
      {
        ...own(
          'const request = context.switchToHttp().getRequest(); await this.tokens.check(request.headers.authorization); return true',
          "import { Tokens } from './tokens'",
          'constructor(private readonly tokens: Tokens) {}',
        ),
        'src/auth/tokens.ts':
          "import jwt from 'jsonwebtoken'\nexport abstract class Tokens { abstract check(token) }\nexport class JwtTokens extends Tokens { check(token) { return jwt.verify(token, process.env.SECRET) } }",
        ...inModule('{ provide: Tokens, useClass: JwtTokens }', "import { JwtTokens, Tokens } from './auth/tokens'"),
      },
    ],
  ])('a guard that %s: %s', (_, how, files) => {
    expect(clear(files)).toBe(how)
  })

  test.each<[string, string, string]>([
    [
      'throws as passport does',
      'guarded',
      'handleRequest(error, user) { if (error || !user) throw new UnauthorizedException(); return user }',
    ],
    ['takes nobody, too', 'open', 'handleRequest(error, user) { return user }'],
    [
      'asks the one above',
      'guarded',
      'handleRequest(error, user, info, context) { return super.handleRequest(error, user, info, context) }',
    ],
  ])('a handleRequest that %s: %s', (_, how, member) => {
    const guard = {
      'src/auth/jwt-auth.guard.ts': `import { UnauthorizedException } from '@nestjs/common'
import { AuthGuard } from '@nestjs/passport'
export class JwtAuthGuard extends AuthGuard('jwt') { ${member} }`,
    }
    expect(clear({ ...controller(GUARD, '@UseGuards(JwtAuthGuard)', ''), ...guard })).toBe(how)
  })
})

const module = (routes: string) => ({
  'src/auth/auth.middleware.ts': `import { Injectable, NestMiddleware, UnauthorizedException } from '@nestjs/common'
import jwt from 'jsonwebtoken'
@Injectable()
export class AuthMiddleware implements NestMiddleware {
use(req, res, next) {
  if (!req.headers.authorization) throw new UnauthorizedException()
  req.user = jwt.verify(req.headers.authorization, process.env.SECRET)
  next()
}
}`,
  'src/app.module.ts': `import { MiddlewareConsumer, Module, NestModule, RequestMethod } from '@nestjs/common'
import { AuthMiddleware } from './auth/auth.middleware'
import { PostsController } from './posts/posts.controller'
@Module({ controllers: [PostsController] })
export class AppModule implements NestModule {
configure(consumer: MiddlewareConsumer) { consumer.apply(AuthMiddleware)${routes} }
}`,
})

describe('middleware', () => {
  test.each([
    [".forRoutes('*')", 'guarded'],
    ['.forRoutes(PostsController)', 'guarded'],
    [".forRoutes({ path: 'posts', method: RequestMethod.DELETE })", 'guarded'],
    [".forRoutes({ path: 'posts', method: RequestMethod.POST })", 'open'],
    [".forRoutes('users')", 'open'],
    [".exclude('posts').forRoutes('*')", 'open'],
  ])('%s: %s', (routes, how) => {
    expect(clear({ ...PLAIN, ...module(routes) })).toBe(how)
  })
})
