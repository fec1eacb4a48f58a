import type { Leased } from '../record/run-record.ts';

/**
 * Closes the files of the host: one that is open blocks the merge of the checkpoint. Adds a warning for
 * each server that could not encrypt, and notes how their messages were protected. A server that
 * did not answer is asked once more, in a new session, to close what it has open.
 */
export async function closeFiles(
  { files, notes }: Pick<Leased, 'files' | 'notes'>,
  signal: AbortSignal,
): Promise<void> {
  for (const server of files.remote.unencrypted) {
    const message = `The file server ${server} cannot encrypt: the disks crossed the network signed, but readable.`;
    notes.warnings.push({ code: 'smb.encryption', message });
  }
  notes.protection.push(...files.remote.protection);
  if ((await files.close()).length === 0) return;
  await files.endEarlier(signal);
  await files.close();
}
