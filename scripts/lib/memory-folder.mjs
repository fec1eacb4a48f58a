// A folder in memory for what tests write: a backup flushes about fifty times, and a suite writes some 25 GB, most of it sparse
// images that are gone seconds later. On a disk the tests wait for that more than half of their time.
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
/** Short: paths of sockets below the folder must stay under 108 bytes. */
const PREFIX = 'rpt-';
/** Free bytes without which tests write to the disk: several times what they hold at once. */
const NEEDED = 6 * 2 ** 30;

/** Makes the folder, which is gone when this process ends; undefined if this system has no such place, or too little memory. */
export function memoryFolder() {
  if (!existsSync(MEMORY)) return undefined;
  removeStale();
  const { bavail, bsize } = statfsSync(MEMORY);
  if (Math.min(bavail * bsize, freemem()) < NEEDED) return undefined;
  const folder = mkdtempSync(join(MEMORY, `${PREFIX}${process.pid}-`));
  // Servers that tests start give up the rights of root, and must still reach their folders below.
  chmodSync(folder, 0o711);
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
  return folder;
}

/** Removes what processes left that were killed: it would keep its memory until the machine restarts. */
function removeStale() {
  for (const name of readdirSync(MEMORY)) {
    const pid = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length).split('-')[0]) : 0;
    if (pid > 0 && !isRunning(pid)) {
      rmSync(join(MEMORY, name), { recursive: true, force: true, maxRetries: 5 });
    }
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
