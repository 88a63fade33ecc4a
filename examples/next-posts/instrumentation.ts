/** Next.js calls it once for each server process, before the first request. */
export async function register(): Promise<void> {
  // Next.js compiles this file for its edge runtime too, where none of it can run: only behind this line is it left out.
  if (process.env['NEXT_RUNTIME'] === 'nodejs') {
    const { prepareBackend } = await import('postern/next')
    await prepareBackend(() => import('./backend.ts'))
  }
}
