import type { BuildOptions } from 'esbuild'

export function bundleProgram(options: BuildOptions): Promise<void>
export function posternSources(root: string): Record<string, string>
