import type { JobResult } from '../../../engine/api/jobs.ts';
import type { HostsModel } from '../hosts-model.ts';

/**
 * Keeps how messages were protected with the host of a backup that has ended. Of several file servers keeps the one that
 * did not encrypt: it is the one to know about.
 */
export function learnFiles(hosts: HostsModel, url: string, result: JobResult | null): void {
  const { protection = [] } = result ?? {};
  const shown = protection.find(({ sealed }) => !sealed) ?? protection[0];
  const node = hosts.at(url);
  if (shown !== undefined && node !== undefined) hosts.setFiles(node.host, shown);
}
