import { RESTORE_FORMATS } from '../../backup/restore/restore-formats.ts';
import type { JsonFields } from '../../base/json-fields.ts';
import type { JobKind } from './job-kind.ts';
import { TEXT, type SpecOf } from './spec-of.ts';

type Spec = SpecOf<'restore'>;

export const RESTORE: JobKind<Spec> = {
  needsHost: false,
  waits: false,
  parse: (f: JsonFields) => ({
    kind: 'restore',
    store: f.text('store', TEXT),
    vm: f.text('vm', TEXT),
    point: f.text('point', TEXT),
    disks: f.texts('disks', 1024, TEXT),
    to: f.text('to', TEXT),
    format: f.oneOf('format', RESTORE_FORMATS),
    force: f.flag('force'),
  }),
  words: (title, { disks, point, format, store, to }) => {
    const which = disks.length === 0 ? 'every disk' : `disks ${disks.join(', ')}`;
    return `Restore of ${title}, point ${point}, ${which}, as ${format} from ${store} to ${to}`;
  },
};
