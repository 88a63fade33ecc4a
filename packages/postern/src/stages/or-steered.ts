import type { Call } from '../call.js'

/**
 * What a function comes to; or what it threw to end well, as a framework's redirect does. That is kept until what the function
 * wrote is final, where an error would undo it.
 */
export async function orSteered(
  { steering: steeringOf }: Pick<Call, 'steering'>,
  run: () => unknown,
): Promise<{ readonly value: unknown } | { readonly thrown: unknown }> {
  try {
    return { value: await run() }
  } catch (thrown) {
    const steering = await steeringOf?.(thrown)
    if (steering?.succeeds === true) return { thrown: steering.thrown }
    throw thrown
  }
}
