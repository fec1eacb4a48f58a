import type { JobNote, JobSpec } from '../../api/jobs.ts';

export type KindName = JobSpec['kind'];
export type SpecOf<Kind extends KindName> = Extract<JobSpec, { readonly kind: Kind }>;

/** Longest text of a spec's field. */
export const TEXT = 4096;

/** Returns only code and message of a finding or a warning. */
export const noteOf = ({ code, message }: JobNote): JobNote => ({ code, message });
