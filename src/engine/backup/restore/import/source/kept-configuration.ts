import { JsonFields } from '../../../../base/json-fields.ts';
import { recordError } from '../../../errors/record-errors.ts';
import type { KeptRow } from '../../../host/system-host.ts';
import type { PointManifest, SideFile } from '../../../manifest/manifest.ts';
import { CONFIG_FOLDER } from '../../../store/contract/layout.ts';

/** Extent of a restore that a point allows. */
export type Restorable = 'configuration' | 'settings' | 'disks';

/** File of a point with the settings of the VM and of its hardware (FORMAT.md). */
export const HARDWARE_FILE = `${CONFIG_FOLDER}/hardware.json`;
const VERSION = 1;
/** Maximum size of that file in bytes, and of its parts. */
export const HARDWARE_LIMIT = 2 ** 24;
const MAX_ROWS = 4096;
const MAX_PROPERTIES = 512;
const MAX_TEXT = 2 ** 16;

/**
 * Returns what can be restored of a point: the VM from the host's own `configuration` files, the VM
 * from its `settings` as read over WMI, or only the `disks`, as for a group.
 */
export function restorable(manifest: Pick<PointManifest, 'configFiles' | 'group'>): Restorable {
  const { configFiles, group } = manifest;
  // Its files describe several VMs: nothing says which one a restore would make.
  if (group !== undefined) return 'disks';
  if (configurationFile(configFiles) !== undefined) return 'configuration';
  return configFiles.some(({ file }) => file === HARDWARE_FILE) ? 'settings' : 'disks';
}

/** Returns the `.vmcx` of a point; undefined if it is missing. */
export const configurationFile = (files: readonly SideFile[]): SideFile | undefined =>
  files.find(({ file }) => /\.vmcx$/i.test(file));

/** Settings of a VM and of its hardware. */
export interface KeptHardware {
  /** Properties of the VM's own settings. */
  readonly system: KeptRow['properties'];
  readonly rows: readonly KeptRow[];
}

export function formatHardware({ system, rows }: KeptHardware): Uint8Array {
  const document = { version: VERSION, system, rows };
  return new TextEncoder().encode(`${JSON.stringify(document, undefined, 1)}\n`);
}

/** Parses `hardware.json`. Throws `point.damaged`. */
export function parseHardware(bytes: Uint8Array, name: string): KeptHardware {
  const fail = (at: string, problem: string): Error =>
    recordError('point.damaged', `${name}: ${at}${at === '' ? '' : ' '}${problem}`, {
      data: { file: name, field: at },
    });
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw fail('', 'is not JSON');
  }
  const f = new JsonFields(value, '', fail).ignoringUnknown();
  f.oneOf('version', [VERSION]);
  const system = f.object('system', (each) => propertiesOf(each, fail));
  const rows = f.objects('rows', MAX_ROWS, (each) => ({
    className: each.text('className', 256),
    properties: each.object('properties', (inner) => propertiesOf(inner, fail)),
  }));
  f.end();
  return { system, rows };
}

function propertiesOf(
  f: JsonFields,
  fail: (at: string, problem: string) => Error,
): KeptRow['properties'] {
  const entries = Object.entries(f.parsed);
  if (entries.length > MAX_PROPERTIES) throw fail('properties', 'are too many');
  return Object.fromEntries(
    entries.map(([name]) => {
      const value = f.parsed[name];
      if (value === null) return [name, null];
      if (Array.isArray(value)) return [name, f.texts(name, MAX_ROWS, MAX_TEXT)];
      return [name, f.text(name, MAX_TEXT)];
    }),
  );
}
