import { Command, CommanderError } from 'commander'
import { UsageError } from './errors.js'
import { nearest } from './nearest.js'
import { VERSION } from './version.js'
import type { Context } from './project/context.js'

/**
 * A command as it will run: without its parts loaded, so that `--help` answers at once. Answers the exit code, nothing
 * for 0, or that it goes on until a signal ends it.
 */
export type Run = (context: Context) => Promise<number | 'serving' | void>

/**
 * The verbs and their flags. Parsing chooses what to run and runs nothing itself.
 * Throws a `UsageError` for a verb or flag that does not exist, and a `CommanderError` after `--help` and `--version`.
 */
export function parse(words: readonly string[], choose: (run: Run, cwd: string) => void): void {
  const program = new Command('postern')
    .description('A backend in which the rules can’t be skipped')
    .version(VERSION, '--version', 'print the version')
    .option('--cwd <directory>', 'the project, if it is not here', '.')
    .option('--verbose', 'show the stack of a fault')
    .helpOption('-h, --help', 'print this')
    .helpCommand(false)
  const take = (run: Run) => choose(run, String(program.opts().cwd))
  addServing(program, take)
  addDatabase(program, take)
  addWebhooks(program, take)
  program
    .command('routes')
    .description('list everything that can be called, and what guards it')
    .option('--json', 'as JSON')
    .action((options) => take(async (context) => (await import('./commands/routes.js')).routes(context, options)))
  addRulebook(program, take, words)
  forAll(program, (command) =>
    command
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .showSuggestionAfterError(false),
  )
  // Global flags may stand behind the verb as well: npm scripts append there.
  forAll(program, (command) => {
    if (command !== program && command.commands.length === 0) command.option('--cwd <directory>').option('--verbose')
    command.on('option:cwd', (directory: string) => program.setOptionValue('cwd', directory))
  })
  try {
    program.parse(words as string[], { from: 'user' })
  } catch (error) {
    throw toUsageError(error, program, words)
  }
}

type Take = (run: Run) => void

function addRulebook(program: Command, take: Take, words: readonly string[]): void {
  program
    .command('check')
    .argument('[paths...]', 'what to tell of; all is read')
    .description('audit any TypeScript backend: what is called without a guard, and what it does then')
    .option('--format <name>', 'text, json, sarif, github or agent', undefined)
    .option('--json', 'as JSON')
    .option('--changed', 'only files that differ from the last commit of git')
    .option('--rule <id>', 'only this rule; may be said again', several)
    .option('--baseline <file>', 'leave out what this file knows')
    .option('--write-baseline <file>', 'write what is found to a file, and end with 0')
    .option('--fix', 'mend what is certain: each fix is audited before it is written')
    .option('--fail-on <confidence>', 'end with 1 for findings of high (default), medium or low confidence, or never')
    .option('--checklist', 'the security checklist: pass, or how often it fails')
    .action((paths, options) =>
      take(async (context) =>
        context.watch === undefined
          ? (await import('./supervise.js')).supervise(words)
          : (await import('./commands/check.js')).check(context, paths, options),
      ),
    )
  program
    .command('explain')
    .argument('<rule>')
    .description('why a rule is there, what it finds, and when it is wrong')
    .action((id) => take(async (context) => (await import('./commands/rules.js')).explainRule(context, id)))
  program
    .command('rules')
    .description('list what postern check looks for')
    .option('--json', 'as JSON')
    .action((options) => take(async (context) => (await import('./commands/rules.js')).rules(context, options)))
}

/** A flag that may be said again. */
function several(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

function addServing(program: Command, take: Take): void {
  program
    .command('dev')
    .description('serve the project, and take over new code while it runs')
    .option('--port <number>', 'default: PORT, else 3000')
    .option('--host <address>', 'default: 127.0.0.1, this machine only')
    .action((options) => take(async (context) => (await import('./commands/dev.js')).dev(context, options)))
  program
    .command('build')
    .description('write a dist/ that runs with node dist/server.js')
    .action(() => take(async (context) => (await import('./commands/build.js')).build(context)))
  program
    .command('start')
    .description('compile the project, bring its database up to date, serve it')
    .option('--port <number>', 'default: PORT, else 3000')
    .option('--host <address>', 'default: 127.0.0.1, this machine only')
    .option('--worker', 'only run webhooks and jobs that are due, and listen on no port')
    .action((options) => take(async (context) => (await import('./commands/start.js')).start(context, options)))
}

function addDatabase(program: Command, take: Take): void {
  const migrate = program.command('migrate').description('make migrations and apply them')
  migrate
    .command('new [name]')
    .description('write the migration that leads to the schema as it is now')
    .option('--rename <table.old:new>', 'a column got a new name; old:new for a table (may be repeated)', many)
    .option('--drop <table[.column]>', 'a table or column is really to go, with its data (may be repeated)', many)
    .option('--empty', 'a file for SQL by hand')
    .option('--data', 'a file for statements that change rows')
    .action((name, options) =>
      take(async (context) => (await import('./commands/migrate.js')).migrateNew(context, name, options)),
    )
  migrate
    .command('up')
    .description('apply the migrations that the database has not seen')
    .option('--json', 'as JSON')
    .action((options) => take(async (context) => (await import('./commands/migrate.js')).migrateUp(context, options)))
  migrate
    .command('status')
    .description('list the migrations and where each stands; changes nothing')
    .option('--drift', 'compare the whole database with what its migrations make')
    .option('--json', 'as JSON')
    .action((options) =>
      take(async (context) => (await import('./commands/migrate-status.js')).migrateStatus(context, options)),
    )
  migrate
    .command('check')
    .description('prove, without your database, that the migrations make the schema and lock every table')
    .option('--json', 'as JSON')
    .action((options) =>
      take(async (context) => (await import('./commands/migrate-check.js')).migrateCheck(context, options)),
    )
  const db = program.command('db').description('fill a database, or begin anew')
  db.command('seed')
    .description('run seed.ts as the service')
    .action(() => take(async (context) => (await import('./commands/db.js')).dbSeed(context)))
  db.command('reset')
    .description('drop everything, migrate, seed')
    .option('--force', 'also where DATABASE_URL leads')
    .action((options) => take(async (context) => (await import('./commands/db.js')).dbReset(context, options)))
}

function addWebhooks(program: Command, take: Take): void {
  const webhooks = program.command('webhooks').description('look into what providers have sent')
  webhooks
    .command('verify')
    .description('say whether a delivery is genuine, by its provider’s rules; reads no project')
    .option('--provider <name>', 'stripe, github, standard-webhooks, …')
    .option('--secret <secret>', 'the provider’s secret, or its public key (may be repeated)', many)
    .option('--headers <file>', 'the headers, as JSON')
    .option('--body <file>', 'the body, byte for byte')
    .option('--url <url>', 'as the provider called it: Twilio signs it')
    .option('--method <method>', 'default: POST')
    .option('--now <seconds>', 'judge its age as of then, in seconds since 1970')
    .option('--tolerance <seconds>', 'take times that are off by so much, or any-age')
    .option('--batch', 'read one delivery a line, as JSON, from standard input')
    .option('--json', 'as JSON')
    .action((options) =>
      take(async (context) => (await import('./commands/webhooks-verify.js')).webhooksVerify(context, options)),
    )
  webhooks
    .command('list')
    .description('list the newest events of the inbox')
    .option('--webhook <name>', 'those of one webhook')
    .option('--status <status>', 'received, succeeded, ignored or dead')
    .option('--type <type>', 'those of one type')
    .option('--since <time>', 'those that came then or later: 2026-11-23, 2026-11-23T17:00Z')
    .option('--until <time>', 'those that came before')
    .option('--error <words>', 'those that failed last with these words')
    .option('--limit <number>', 'default: 50')
    .option('--json', 'as JSON')
    .action((options) =>
      take(async (context) => (await import('./commands/webhooks.js')).webhooksList(context, options)),
    )
  webhooks
    .command('show <id>')
    .description('show one event, with what is kept of it')
    .option('--json', 'as JSON')
    .action((id, options) =>
      take(async (context) => (await import('./commands/webhooks.js')).webhooksShow(context, id, options)),
    )
  webhooks
    .command('replay [ids...]')
    .description('have events processed again: by id, or all that a filter finds')
    .option('--webhook <name>', 'those of one webhook')
    .option('--status <status>', 'received, dead or ignored')
    .option('--type <type>', 'those of one type')
    .option('--since <time>', 'those that came then or later: 2026-11-23, 2026-11-23T17:00Z')
    .option('--until <time>', 'those that came before')
    .option('--error <words>', 'those that failed last with these words')
    .option('--limit <number>', 'default: 50')
    .option('--per-minute <number>', 'how many become due in a minute (default: 600)')
    .option('--force', 'also what has succeeded: its effect comes a second time')
    .option('--reason <text>', 'why; --force asks for it')
    .option('--json', 'as JSON')
    .action((ids, options) =>
      take(async (context) => (await import('./commands/webhooks.js')).webhooksReplay(context, ids, options)),
    )
  webhooks
    .command('prune')
    .description('take away what is no longer needed of old events')
    .option('--done-days <days>', 'keep the bodies of what is done for so long (default: 30)')
    .option('--dead-days <days>', 'keep the bodies of what is dead for so long (default: 90)')
    .option('--json', 'as JSON')
    .action((options) =>
      take(async (context) => (await import('./commands/webhooks.js')).webhooksPrune(context, options)),
    )
}

const many = (value: string, before: readonly string[] = []) => [...before, value]

function forAll(command: Command, change: (command: Command) => void): void {
  change(command)
  for (const nested of command.commands) forAll(nested, change)
}

function toUsageError(error: unknown, program: Command, words: readonly string[]): unknown {
  if (!(error instanceof CommanderError) || error.exitCode === 0) return error
  const group = program.commands.find((command) => command.commands.length > 0 && words.includes(command.name()))
  const home = group ?? program
  const verbs = home.commands.map((command) => command.name())
  const path = group === undefined ? 'postern' : `postern ${group.name()}`
  if (error.code === 'commander.unknownCommand') {
    const word = /'([^']*)'/.exec(error.message)?.[1] ?? ''
    const meant = nearest(word, verbs)
    const sentence = `There is no verb "${word}"${meant === undefined ? '' : `; did you mean ${path} ${meant}?`}`
    return new UsageError(sentence, `${path} knows: ${verbs.join(', ')}`)
  }
  // commander answers a verb that is missing with its whole help: one sentence does.
  if (error.code === 'commander.help') return new UsageError(`${path} needs a verb`, `One of: ${verbs.join(', ')}`)
  const sentence = error.message
    .replace(/^error: /, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/\.$/, '')
  // The verb's own help is what lists its flags.
  const verb = verbs.find((name) => words.includes(name))
  const help = verb === undefined ? path : `${path} ${verb}`
  return new UsageError(`${sentence[0]?.toUpperCase() ?? ''}${sentence.slice(1)}`, `See ${help} --help`)
}
