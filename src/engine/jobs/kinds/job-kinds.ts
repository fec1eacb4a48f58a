import type { JobSpec } from '../../api/jobs.ts';
import type { JsonFields } from '../../base/json-fields.ts';
import { ATTACH } from './attach.ts';
import { BACKUP } from './backup.ts';
import { EXPORT } from './export.ts';
import { IMPORT } from './import.ts';
import type { JobKind } from './job-kind.ts';
import { OVER } from './over.ts';
import { RESTORE } from './restore.ts';
import type { KindName } from './spec-of.ts';
import { VERIFY } from './verify.ts';
import { WRITER } from './writer.ts';

/** Every kind of job; its spec is in the union of `api/jobs.ts`. */
const KINDS = {
  attach: ATTACH,
  backup: BACKUP,
  export: EXPORT,
  import: IMPORT,
  over: OVER,
  restore: RESTORE,
  verify: VERIFY,
  writer: WRITER,
} as const;

export const kindOf = (name: KindName): JobKind<JobSpec> => KINDS[name];

/**
 * Parses the specification of a job. Throws the field's error if a field is missing or out of
 * range.
 */
export function parseJobSpec(f: JsonFields): JobSpec {
  const names = Object.keys(KINDS) as KindName[];
  return kindOf(f.oneOf('kind', names)).parse(f);
}
