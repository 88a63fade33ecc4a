import { expect, test, vi } from 'vitest'
import { makeProject, POSTERN } from '../test/with-project.js'
import type { Report } from './finding.js'

// Each was read in the square of its length, so for hours: a command that goes on is ended with its test.
vi.setConfig({ testTimeout: 60_000 })

/** As long as a file may be that is read. */
const LENGTH = 1_400_000
const many = (text: string) => text.repeat(LENGTH / text.length)

const CODE = 'app/api/notes/route.ts'
const NOTES = `import { z } from 'zod'
import { db } from './db'
const schema = z.object({ name: z.string().default('') })
export async function PATCH(request: Request) {
  const body = schema.partial().parse(await request.json())
  return Response.json(await db.note.update({ where: { id: body.name }, data: body }))
}
`
const SCRIPT = 'create table a (id int);\nalter table a enable row level security;\n'

test.each<[string, string, string]>([
  ['an import of one name, over and over', CODE, `${NOTES}/*import {${many(' NextResponse')}*/`],
  ['white space before a type', CODE, NOTES.replace('body =', `body:${many(' ')}any =`)],
  ['comments that take nothing away, on one line', CODE, many('/*postern-ignore a:*/')],
  ['secrets among comments', CODE, `import 'jose'\nconst a = {${many("/**//**/secret:'a b c',")}}`],
  ['quotes in JSON', 'tsconfig.json', `{"${many('\\"')}`],
  ['comments in JSON', 'package.json', `{${many('/* ')}`],
  ['white space behind the word that undoes', 'migrations/1.sql', `${SCRIPT}-- down${many(' ')}x`],
  ['sources of Prisma', 'prisma/schema.prisma', many('\ndatasource a {')],
  ['models of Prisma that are never closed', 'prisma/schema.prisma', many(`\nmodel A {${'\n  a Int'.repeat(300)}`)],
  ['lists in a configuration', 'supabase/config.toml', many('\nschemas = [')],
])('%s', async (_, file, text) => {
  const project = makeProject({ 'supabase/migrations/1.sql': 'create table a (id int);', [file]: text })
  const ran = project.launch([POSTERN, 'check', '--json', '--fix', 'supabase', file])
  await new Promise((resolve) => ran.child.once('close', resolve))
  const { faults, unreadable } = JSON.parse(ran.said()) as Report
  expect(faults).toEqual([])
  expect(unreadable.filter(({ reason }) => reason.includes('took longer'))).toEqual([])
})
