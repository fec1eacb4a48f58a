import { never } from '../../base/abort.ts';
import { newGuid, tryParseGuid } from '../../base/guid.ts';
import { openImage } from '../../disk/chain/open-as.ts';
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
 * image, or a running VM uses it.
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
  const image = await openImage(lab.local(file), never);
  try {
    const virtualDiskId = tryParseGuid(image.diskId ?? '') ?? unseen.virtualDiskId;
    return { ...unseen, virtualSize: image.size, virtualDiskId };
  } finally {
    await image.close();
  }
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
    await (await openImage(lab.local(file), never)).close();
    return undefined;
  } catch {
    return `The virtual hard disk ${file} cannot be opened (0x80070002).`;
  }
}

const sameFile = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
