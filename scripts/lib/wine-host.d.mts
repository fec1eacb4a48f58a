/** Types of the parts of wine-host.mjs that benchmarks use. */
export const HOST_OVERRIDES: string;
export function makeWineHost(prefix: string, lab: string): boolean;
