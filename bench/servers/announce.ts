/** Tells the benchmark where this server listens, answers what it holds in memory, and ends with the benchmark. */
export function announce(port: number): void {
  process.on('message', () => process.send!({ rss: process.memoryUsage.rss() }))
  process.on('disconnect', () => process.exit())
  process.send!({ port })
}
