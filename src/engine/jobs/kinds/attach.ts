import type { JsonFields } from '../../base/json-fields.ts';
import type { JobKind } from './job-kind.ts';
import { TEXT, type SpecOf } from './spec-of.ts';

type Spec = SpecOf<'attach'>;

/** Keeps a disk of a point attached to Windows until the job is cancelled. */
export const ATTACH: JobKind<Spec> = {
  needsHost: false,
  waits: false,
  parse: (f: JsonFields) => ({
    kind: 'attach',
    store: f.text('store', TEXT),
    vm: f.text('vm', TEXT),
    point: f.text('point', TEXT),
    disk: f.text('disk', TEXT),
    letter: f.flag('letter'),
  }),
  words: (title, { point, disk, store }) =>
    `Attachment of disk ${disk} of ${title}, point ${point}, from ${store}`,
};
