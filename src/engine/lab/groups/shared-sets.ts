import type { Guid } from '../../base/guid.ts';
import { JobFailure } from '../model/jobs.ts';
import type { Lab } from '../model/lab.ts';

/** Takes a snapshot of a VHD Set, from which changes can be queried. Returns its ID. */
export async function snapshotSet(_: Lab, file: string): Promise<Guid> {
  throw new JobFailure(32770, `The lab cannot take snapshots of ${file} yet.`);
}

/** Deletes a snapshot of a VHD Set; with `reference`, its ID stays for change queries. */
export async function deleteSetSnapshot(
  _: Lab,
  file: string,
  _id: Guid,
  _reference: boolean,
): Promise<void> {
  throw new JobFailure(32770, `The lab cannot take snapshots of ${file} yet.`);
}
