import type { JsonFields } from '../../base/json-fields.ts';
import { parseBackupOptions } from './backup-options.ts';
import type { JobKind } from './job-kind.ts';
import { TEXT, type SpecOf } from './spec-of.ts';

type Spec = SpecOf<'backup'>;

/** Maximum number of VMs of one set. */
const MAX_VMS = 1024;

export const BACKUP: JobKind<Spec> = {
  needsHost: true,
  waits: true,
  parse: (f: JsonFields) => ({
    kind: 'backup',
    host: f.text('host', TEXT),
    vm: f.text('vm', TEXT),
    ...(f.optional('group', () => f.flag('group')) === true ? { group: true } : {}),
    ...vmsOf(f),
    store: f.text('store', TEXT),
    options: f.object('options', parseBackupOptions),
  }),
  words: (title, { options, host, store }) =>
    `Backup (${options.kind}, method ${options.method}) of ${title} from ${host} into ${store}`,
};

/** Absent in a job of one VM. */
function vmsOf(f: JsonFields): { readonly vms?: readonly string[] } {
  const vms = f.optional('vms', () => f.texts('vms', MAX_VMS, TEXT));
  return vms === null ? {} : { vms };
}
