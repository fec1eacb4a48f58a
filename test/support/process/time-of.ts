/**
 * Milliseconds that `work` took: by the clock, or of the processor where other programs held it meanwhile, whichever is less. For
 * limits that must hold on a busy machine too.
 */
export async function timeOf<T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> {
  const began = performance.now();
  const processor = process.cpuUsage();
  const result = await work();
  const clock = performance.now() - began;
  const { user, system } = process.cpuUsage(processor);
  return { result, ms: Math.min(clock, (user + system) / 1000) };
}
