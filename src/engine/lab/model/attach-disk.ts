import path from 'node:path';
import { never } from '../../base/abort.ts';
import { newGuid, tryParseGuid } from '../../base/guid.ts';
import { openDisk, type OpenedDisk } from '../../disk/chain/open-disk.ts';
import type { LabDisk, LabVm } from '../state/state.ts';
import { JobFailure } from './jobs.ts';
import type { Lab } from './lab.ts';

/** A disk whose file was not looked at yet, as a planned VM may have. */
export const unseenDisk = (slot: number, file: string): LabDisk => ({
  slot,
  kind: /\.a?vhd$/i.test(file) ? 'vhd' : 'vhdx',
  files: [file],
  virtualSize: 0,
  virtualDiskId: newGuid(),
  merges: [],
  trackingId: newGuid(),
});

/**
 * Returns the disk in a file of the host. Fails as a job does if the file is missing, is not an
 * image, lacks a parent, or a running VM uses it.
 */
export async function diskInFile(
  lab: Lab,
  vm: LabVm,
  slot: number,
  file: string,
): Promise<LabDisk> {
  const problem = await fileProblem(lab, vm, file);
  if (problem !== undefined) throw new JobFailure(32768, problem);
  const unseen = unseenDisk(slot, file);
  const opened = await openChain(lab, file);
  const { chain, layers } = opened;
  try {
    const virtualDiskId = tryParseGuid(layers[0].diskId ?? '') ?? unseen.virtualDiskId;
    const parents = chain.slice(1).map((each) => lab.paths.toHostPath(each));
    const files = [...parents.reverse(), file];
    return { ...unseen, files, virtualSize: opened.disk.size, virtualDiskId };
  } finally {
    await opened.disk.close();
  }
}

/** Opens a file with its parents, which lie beside it. */
function openChain(lab: Lab, file: string): Promise<OpenedDisk> {
  const local = lab.local(file);
  return openDisk(local, { search: [path.dirname(local)] }, never);
}

/** Returns why a file cannot be the disk of a VM; undefined if it can. */
export async function fileProblem(lab: Lab, vm: LabVm, file: string): Promise<string | undefined> {
  if (lab.paths.toLocal(file) === undefined) return `Access to ${file} is denied (0x80070005).`;
  const user = lab.vms.find(
    (each) =>
      each !== vm &&
      (each.enabledState === 2 || each.enabledState === 9) &&
      each.disks.some(({ files }) => files.some((other) => sameFile(other, file))),
  );
  if (user !== undefined) {
    return `The process cannot access ${file}: “${user.name}” uses it (0x80070020).`;
  }
  try {
    await (await openChain(lab, file)).disk.close();
    return undefined;
  } catch {
    return `The virtual hard disk ${file} cannot be opened (0x80070002).`;
  }
}

const sameFile = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
