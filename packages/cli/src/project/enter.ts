import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from './context.js'
import { findProject, type Project } from './find-project.js'

/**
 * Finds the project and goes there: its relative paths, `.env` and `.postern/` mean the same whatever directory the
 * command was called in. What the environment says already wins over `.env`.
 */
export async function enterProject(context: Context): Promise<Project> {
  const project = await findProject(context.cwd)
  process.chdir(project.directory)
  const file = join(project.directory, '.env')
  if (existsSync(file)) process.loadEnvFile(file)
  return project
}
