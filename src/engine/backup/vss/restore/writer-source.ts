import path from 'node:path';
import { configurationNames } from '../../host/configuration-names.ts';
import type { DiskRecord, SideFile } from '../../manifest/manifest.ts';
import type { CompletePoint } from '../../points/catalog.ts';
import { readSideFile } from '../../restore/import/source/import-source.ts';
import {
  HARDWARE_FILE,
  HARDWARE_LIMIT,
  parseHardware,
} from '../../restore/import/source/kept-configuration.ts';
import type { Store } from '../../store/contract/store.ts';
import { vssError } from '../../../vss/vss-errors.ts';
import { VSS_FILES } from '../vss-documents.ts';

/** Maximum size of a document or a configuration file in bytes. */
const MAX_FILE = 64 * 2 ** 20;

/** A disk of the point, and the file of the host that it becomes. */
export interface DiskTarget {
  readonly record: DiskRecord;
  readonly path: string;
  readonly format: 'vhdx' | 'vhd';
}

/** Everything of a point that a restore with the writer needs. */
export interface WriterSource {
  /** Backup components document. */
  readonly document: string;
  readonly disks: readonly DiskTarget[];
  /** Small files of the VM by their paths on the host. */
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
}

/**
 * Reads what the Hyper-V writer needs to restore the VM of a point in its place. Throws `vss.restore`
 * if the point does not hold it, or if a disk was one of checkpoints.
 */
export async function writerSource(
  store: Store,
  point: CompletePoint,
  signal: AbortSignal,
): Promise<WriterSource> {
  const { manifest } = point;
  const fileOf = (name: string): SideFile | undefined =>
    manifest.configFiles.find(({ file }) => file.toLowerCase() === name.toLowerCase());
  const read = (file: SideFile, limit = MAX_FILE): Promise<Uint8Array> =>
    readSideFile(store, manifest, file, limit, signal);
  const [document, hardware] = [fileOf(VSS_FILES.components), fileOf(HARDWARE_FILE)];
  if (document === undefined || hardware === undefined) {
    throw impossible(point, 'it does not hold the documents of the Hyper-V writer');
  }
  const { system } = parseHardware(await read(hardware, HARDWARE_LIMIT), HARDWARE_FILE);
  const text = (name: string): string | null => {
    const value = system[name];
    return typeof value === 'string' ? value : null;
  };
  const names = configurationNames(text('ConfigurationDataRoot'), text('ConfigurationFile'));
  const files: { path: string; bytes: Uint8Array }[] = [];
  for (const { name, path: target } of names) {
    // As it was before the writer's own checkpoint (reference 2, one source).
    const before = fileOf(`config/${name}.preCheckpointCopy`);
    const file = before ?? fileOf(`config/${name}`);
    if (file !== undefined) files.push({ path: target, bytes: await read(file) });
  }
  if (files.length === 0) throw impossible(point, 'it holds no configuration file of the VM');
  const xml = new TextDecoder('utf-8', { fatal: true }).decode(await read(document));
  return { document: xml, files, disks: manifest.disks.map((record) => diskTarget(point, record)) };
}

function diskTarget(point: CompletePoint, record: DiskRecord): DiskTarget {
  const ending = path.win32.extname(record.path).toLowerCase();
  if (ending === '.vhdx' || ending === '.vhd') {
    return { record, path: record.path, format: ending === '.vhd' ? 'vhd' : 'vhdx' };
  }
  throw impossible(
    point,
    `the disk at ${record.slot} was ${record.path}, a file of a checkpoint, which one file cannot replace`,
  );
}

const impossible = (point: CompletePoint, why: string): Error =>
  vssError(
    'vss.restore',
    `The point ${point.id} cannot be restored by the Hyper-V writer: ${why}. Restore its disks or import its VM instead`,
    { data: { point: point.id, found: why } },
  );
