import type { Finding } from '../../api/host.ts';

/** What will have been found. In an object, so that whoever waits for reading does not wait for the findings too. */
export interface Later {
  readonly findings: Promise<readonly Finding[]>;
}

/** What was found already. */
export const later = (findings: readonly Finding[]): Later => ({
  findings: Promise.resolve(findings),
});
