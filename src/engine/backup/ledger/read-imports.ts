import type { JsonFields } from '../../base/json-fields.ts';
import type { OnHost } from './on-host.ts';
import type { OwnImport, VmOrigin } from './own-imports.ts';

const MAX_ITEMS = 10_000;
const MAX_TEXT = 4096;

interface ImportParts {
  readonly imports?: readonly OwnImport[];
  readonly origin?: VmOrigin;
}

/** Absent in ledgers without imports, and in those of earlier programs. */
export function readImports(f: JsonFields, version: number): ImportParts {
  if (version === 1) return {};
  const imports = f.optional('imports', () =>
    f.objects('imports', MAX_ITEMS, (each) => readImport(each)),
  );
  const origin = f.optional('origin', () =>
    f.object('origin', (each) => ({
      vmId: each.guid('vmId'),
      pointId: each.text('pointId', 64),
    })),
  );
  return {
    ...(imports === null || imports.length === 0 ? {} : { imports }),
    ...(origin === null ? {} : { origin }),
  };
}

const readImport = (f: JsonFields): OwnImport => ({
  id: f.text('id', 200),
  time: f.time('time'),
  ...readHost(f, 2),
  pointId: f.text('pointId', 64),
  planned: f.flag('planned'),
  name: f.text('name', MAX_TEXT),
  folder: f.text('folder', MAX_TEXT),
  files: f.texts('files', MAX_ITEMS, MAX_TEXT),
  existing: f.texts('existing', MAX_ITEMS, MAX_TEXT),
  asked: f.nullable('asked', () => f.time('asked')),
  job: f.nullable('job', () => f.text('job', MAX_TEXT)),
  system: f.nullable('system', () => f.guid('system')),
  complete: f.flag('complete'),
});

export function readHost(f: JsonFields, version: number): OnHost {
  const computerName = (): string | null =>
    f.nullable('computerName', () => f.text('computerName', MAX_TEXT));
  return { host: f.text('host', MAX_TEXT), computerName: version === 1 ? null : computerName() };
}
