import { readFileSync, readlinkSync } from 'node:fs';
import type { MachineIdentity } from './machine-identity.ts';

/**
 * Field 22 of /proc/PID/stat (proc(5)): the start in clock ticks after boot. Counted after the
 * command name in brackets.
 */
const START_FIELD = 22;
const FIRST_FIELD_AFTER_NAME = 3;

/**
 * Reads the identity from /proc. A PID namespace and a time namespace are identified by their inode
 * numbers, which are unique within one boot. Start times can only be compared within one time
 * namespace.
 * @param proc the mounted procfs; tests use another folder.
 */
export async function linuxMachine(proc = '/proc'): Promise<MachineIdentity> {
  // A procfs of an outer PID namespace shows other processes under our PIDs. Then only the start of
  // this process is known.
  const own = link(`${proc}/self`) === String(process.pid);
  const pid = link(`${proc}/self/ns/pid`);
  const time = link(`${proc}/self/ns/time`) ?? 'no time namespaces';
  return {
    boot: text(`${proc}/sys/kernel/random/boot_id`),
    namespace: own && pid !== null ? `${pid} ${time}` : null,
    startOf: (of) => (own ? startTime(text(`${proc}/${of}/stat`)) : null),
  };
}

function startTime(stat: string | null): string | null {
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields[START_FIELD - FIRST_FIELD_AFTER_NAME];
  return ticks !== undefined && /^\d{1,20}$/.test(ticks) ? ticks : null;
}

function text(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}

function link(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
