import type { ShadowSet, VssRequestor } from '../../vss/requestor.ts';
import { saveSideFile } from '../changes/changes-file.ts';
import type { SideFile } from '../manifest/manifest.ts';
import type { Tasked } from '../run/record/run-record.ts';
import { readHostFile } from '../run/steps/configuration.ts';
import type { HostFiles } from '../host/host-files.ts';
import { CONFIG_FOLDER, pointFolder } from '../store/contract/layout.ts';

/** Files of a point with which the Hyper-V writer can restore the VM. */
export const VSS_FILES = {
  /** Backup components document. */
  components: `${CONFIG_FOLDER}/vss-components.xml`,
  /** Metadata of the Hyper-V writer. */
  writer: `${CONFIG_FOLDER}/vss-writer.xml`,
} as const;

/** The same documents and those of all other writers, as diskshadow packs them (`set metadata`). */
const ARCHIVE_FILE = `${CONFIG_FOLDER}/vss-metadata.cab`;

/** Stores the archive of a set with a point; nothing without one, or if it is out of reach. */
export async function saveArchive(
  { deps, vm, pointId }: Pick<Tasked, 'deps' | 'vm' | 'pointId'>,
  { archive }: ShadowSet,
  way: HostFiles,
  signal: AbortSignal,
): Promise<readonly SideFile[]> {
  const bytes = archive === null ? undefined : await readHostFile(archive, [way], signal);
  if (bytes === undefined) return [];
  const folder = pointFolder(vm.id, pointId);
  return [await saveSideFile(deps.store, folder, ARCHIVE_FILE, bytes, signal)];
}

/** Stores the documents of a set with a point; nothing if the requestor does not have any. */
export async function saveDocuments(
  { deps, vm, pointId }: Pick<Tasked, 'deps' | 'vm' | 'pointId'>,
  requestor: VssRequestor,
  signal: AbortSignal,
): Promise<readonly SideFile[]> {
  const documents = await requestor.documents(signal);
  if (documents === null) return [];
  const folder = pointFolder(vm.id, pointId);
  const save = (file: string, text: string): Promise<SideFile> =>
    saveSideFile(deps.store, folder, file, new TextEncoder().encode(text), signal);
  return [
    await save(VSS_FILES.components, documents.components),
    await save(VSS_FILES.writer, documents.writer),
  ];
}
