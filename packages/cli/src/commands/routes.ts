import type { Context } from '../project/context.js'
import { enterProject } from '../project/enter.js'
import { keepStdout } from '../project/keep-stdout.js'
import { loadProject } from '../project/load.js'
import { actionsOf, inventoryOf, jobsOf } from '../report/inventory.js'
import { routesTable } from '../report/routes-table.js'

/** `postern routes`: everything that can be called, and what guards it. Opens no database. */
export async function routes(context: Context, options: { readonly json?: boolean }): Promise<void> {
  const project = await enterProject(context)
  const print = keepStdout()
  const loaded = await loadProject(project, 'routes', { routes: true, actions: true })
  const { directory } = project
  const called = [...inventoryOf(directory, loaded.routes), ...actionsOf(directory, loaded.actions)]
  const endpoints = [...called, ...jobsOf(directory, loaded.backend)]
  if (options.json) {
    return print(JSON.stringify({ version: 1, endpoints }, null, 2))
  }
  await print(routesTable(endpoints, context.terminal).join('\n'))
}
