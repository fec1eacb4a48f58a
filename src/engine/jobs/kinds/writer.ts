import type { JsonFields } from '../../base/json-fields.ts';
import type { JobKind } from './job-kind.ts';
import { TEXT, type SpecOf } from './spec-of.ts';

type Spec = SpecOf<'writer'>;

export const WRITER: JobKind<Spec> = {
  needsHost: true,
  waits: false,
  parse: (f: JsonFields) => ({
    kind: 'writer',
    host: f.text('host', TEXT),
    store: f.text('store', TEXT),
    vm: f.text('vm', TEXT),
    point: f.text('point', TEXT),
    confirm: f.text('confirm', TEXT),
  }),
  words: (title, { point, store, host }) =>
    `Restore of ${title} on ${host} by its Hyper-V writer, which deletes the VM, from point ${point} of ${store}`,
};
