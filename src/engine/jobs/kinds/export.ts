import type { JsonFields } from '../../base/json-fields.ts';
import type { JobKind } from './job-kind.ts';
import { TEXT, type SpecOf } from './spec-of.ts';

type Spec = SpecOf<'export'>;

export const EXPORT: JobKind<Spec> = {
  needsHost: true,
  waits: true,
  parse: (f: JsonFields) => ({
    kind: 'export',
    host: f.text('host', TEXT),
    vm: f.text('vm', TEXT),
    directory: f.text('directory', TEXT),
    since: f.nullable('since', () => f.text('since', TEXT)),
    ...checkpointOf(f),
  }),
  words: (title, { host, directory, since }) =>
    `Export of ${title} on ${host} to ${directory}${since === null ? '' : `, changes since ${since}`}`,
};

/** Absent in jobs of earlier versions. */
function checkpointOf(f: JsonFields): { checkpoint?: string } {
  const checkpoint = f.optional('checkpoint', () => f.text('checkpoint', TEXT));
  return checkpoint === null ? {} : { checkpoint };
}
