/**
 * The test files that take longest, ten seconds of two processors and more. Those that draw in a browser are apart: they count
 * frames.
 */
export const SLOW = [
  'test/scenario/vss/vss-killed.test.ts',
  'test/scenario/vss/vss-chain.test.ts',
  'test/scenario/vss/vss-backup.test.ts',
  'test/scenario/views/axe.test.ts',
  'test/scenario/views/map-page.test.ts',
  'test/scenario/views/anatomy-page.test.ts',
  'test/scenario/backup/run/lifecycle.test.ts',
  'test/extension/commands/lab/lab-commands.test.ts',
  'test/scenario/disk/corpus.test.ts',
  'test/scenario/backup/run/export-fallback.test.ts',
  'test/scenario/backup/restore/restore-over.test.ts',
  'test/engine/hyperv/inventory/references.test.ts',
  'test/repo/native/native-library.test.ts',
  'test/scenario/backup/restore/deep-chain.test.ts',
  'test/scenario/virtdisk/virtdisk-backup.test.ts',
  'test/scenario/extension/story.test.ts',
  'test/engine/powershell/client/sessions.test.ts',
  'test/scenario/wire/logins.test.ts',
  'test/scenario/backup/restore/restore-verify.test.ts',
  'test/repo/vsix-contents.test.ts',
  'test/scenario/backup/fault/store-faults.test.ts',
  'test/scenario/jobs/jobs.test.ts',
  'test/engine/cli/store-commands.test.ts',
  'test/scenario/backup/run/geometry.test.ts',
  'test/engine/disk/vhdx/edit/editor-peers.test.ts',
  'test/scenario/powershell/main-job.test.ts',
  'test/engine/backup/images/copy-slow.test.ts',
  'test/scenario/backup/fault/unseen-changes.test.ts',
  'test/engine/powershell/client/powershell-client.test.ts',
  'test/engine/disk/anatomy/huge.test.ts',
  'test/engine/hosts/by-hand/by-hand.test.ts',
  'test/scenario/jobs/terminal-jobs.test.ts',
  'test/scenario/backup/fault/store-disappears.test.ts',
  'test/engine/cli/contract.test.ts',
  'test/engine/net/auth/gss/gss-errors.test.ts',
  'test/engine/disk/rewrite/merge.test.ts',
  'test/engine/lab/host/host-faults.test.ts',
  'test/engine/backup/hashes/hash-files.test.ts',
  'test/scenario/old-store/units-of-one-mebibyte.test.ts',
  'test/engine/backup/verify/seen-damage.test.ts',
  'test/engine/disk/bulk/bulk-convert.test.ts',
  'test/engine/cli/output.test.ts',
  'test/engine/disk/chain/open-disk.test.ts',
  'test/engine/disk/vhdx/edit/resize-disk.test.ts',
  'test/scenario/views/report-page.test.ts',
  'test/scenario/views/trace-page.test.ts',
];

/**
 * Whole runs, which take minutes together: a backup is killed, cancelled, lied to, or loses an answer at each of its edges; files lose power
 * at each write; a VM is restored from each kind of point, or its disks are replaced; commands, jobs and engines as processes; pages in a
 * browser. `npm test -- --apart` runs them, and `.ci/run` does. A name that ends with a slash is a folder.
 */
const APART = [
  'test/engine/disk/vhdx/edit/editor-crash.test.ts',
  'test/engine/disk/vhdx/edit/merge-crash.test.ts',
  'test/scenario/backup/',
  'test/scenario/disk/',
  'test/scenario/engine/',
  'test/scenario/groups/',
  'test/scenario/jobs/',
  'test/scenario/smb/',
  'test/scenario/views/',
  'test/scenario/virtdisk/virtdisk-backup.test.ts',
  'test/scenario/vss/',
  'test/scenario/wire/',
];
/** The main job is among the tests that everybody runs. */
const MAIN = ['test/scenario/backup/run/backup.test.ts'];

export const isApart = (path) =>
  !MAIN.includes(slashed(path)) &&
  APART.some((name) =>
    name.endsWith('/') ? slashed(path).startsWith(name) : slashed(path) === name,
  );

/** Names of the lists, and of `others`, that no test file has. */
export const missing = (files, others) =>
  [...SLOW, ...APART, ...MAIN, ...others].filter(
    (name) => !files.some((path) => slashed(path).startsWith(name)),
  );

const slashed = (path) => path.replaceAll('\\', '/');

/** These are begun first: a long file that is begun last runs alone while the other processors wait. */
export function slowestFirst(files) {
  const rank = (path) => {
    const at = SLOW.indexOf(slashed(path));
    return at < 0 ? SLOW.length : at;
  };
  return files.toSorted((a, b) => rank(a) - rank(b));
}
