import type { JsonFields } from '../../base/json-fields.ts';
import type { JobKind } from './job-kind.ts';
import { TEXT, type SpecOf } from './spec-of.ts';

type Spec = SpecOf<'import'>;

/** Maximum number of mapped folders and of mapped switches. */
const MAX_MAPPED = 256;

export const IMPORT: JobKind<Spec> = {
  needsHost: true,
  waits: false,
  parse: (f: JsonFields) => ({
    kind: 'import',
    host: f.text('host', TEXT),
    store: f.text('store', TEXT),
    vm: f.text('vm', TEXT),
    point: f.text('point', TEXT),
    as: f.nullable('as', () => f.text('as', 100)),
    hostFolder: f.text('hostFolder', TEXT),
    pathMap: f.objects('pathMap', MAX_MAPPED, (each) => ({
      host: each.text('host', TEXT),
      local: each.text('local', TEXT),
    })),
    connect: f.flag('connect'),
    switches: f.objects('switches', MAX_MAPPED, (each) => ({
      from: each.text('from', TEXT),
      to: each.nullable('to', () => each.text('to', TEXT)),
    })),
    start: f.flag('start'),
    keep: f.flag('keep'),
  }),
  words: (title, { point, store, host, hostFolder }) =>
    `Restore of ${title}, point ${point} of ${store}, as a VM on ${host} in ${hostFolder}`,
};
