import type { Finding } from '../../api/host.ts';

/**
 * Findings that are still being computed. Wrapped in an object, so that awaiting the read does not
 * await the findings.
 */
export interface Later {
  readonly findings: Promise<readonly Finding[]>;
}

/** Wraps findings that are already known. */
export const later = (findings: readonly Finding[]): Later => ({
  findings: Promise.resolve(findings),
});
