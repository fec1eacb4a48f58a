import type { HostsModel } from '../hosts/hosts-model.ts';
import type { SubjectOf } from './job-end.ts';

/** Returns the subject of a failed job's error: its host, or its store. */
export function subjectOfJob(hosts: HostsModel): SubjectOf {
  return ({ spec }, code) => {
    const ofHost = /^(?:http|wsman|host|path|plan|smb|vss)\b/.test(code);
    if (ofHost && (spec.kind === 'backup' || spec.kind === 'export')) {
      return hosts.at(spec.host);
    }
    const ofStore = /^(?:store|source)\b/.test(code);
    if (ofStore && spec.kind !== 'export') {
      return { kind: 'store', id: `store:${spec.store}`, path: spec.store };
    }
    return undefined;
  };
}
