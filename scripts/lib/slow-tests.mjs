/**
 * The test files that take longest, ten seconds of two processors and more. Those that draw in a browser are apart: they count
 * frames.
 */
const SLOW = [
  'test/scenario/views/axe.test.ts',
  'test/extension/commands/lab/lab-commands.test.ts',
  'test/scenario/views/map-page.test.ts',
  'test/scenario/backup/run/lifecycle.test.ts',
  'test/scenario/views/anatomy-page.test.ts',
  'test/scenario/extension/story.test.ts',
  'test/scenario/disk/convert-pairs.test.ts',
  'test/scenario/backup/run/export-fallback.test.ts',
  'test/engine/disk/vhdx/edit/editor-peers.test.ts',
  'test/scenario/backup/restore/deep-chain.test.ts',
  'test/engine/hyperv/inventory/references.test.ts',
  'test/repo/native/native-library.test.ts',
  'test/scenario/engine/thousand-vms.test.ts',
  'test/engine/backup/verify/seen-damage.test.ts',
  'test/scenario/jobs/jobs.test.ts',
  'test/engine/disk/qcow2/read/reader-peers.test.ts',
  'test/scenario/backup/run/geometry.test.ts',
  'test/engine/disk/anatomy/damage.test.ts',
  'test/scenario/backup/restore/restore-verify.test.ts',
  'test/engine/disk/qcow2/write/writer-peers.test.ts',
  'test/scenario/engine/ten-million.test.ts',
  'test/scenario/wire/logins.test.ts',
  'test/repo/vsix-contents.test.ts',
  'test/scenario/disk/qemu-images.test.ts',
  'test/scenario/disk/corpus.test.ts',
  'test/scenario/views/report-page.test.ts',
  'test/scenario/views/trace-page.test.ts',
];

/**
 * Tests that take minutes together: a backup is killed, cancelled, lied to, or loses an answer at each of its edges; files lose power at
 * each write; a VM is restored from each kind of point; pages are drawn in a browser.
 * `npm test -- --apart` runs them, and `.ci/run` does. A name that ends with a slash is a folder.
 */
const APART = [
  'test/engine/disk/vhdx/edit/editor-crash.test.ts',
  'test/engine/disk/vhdx/edit/merge-crash.test.ts',
  'test/scenario/backup/fault/kill.test.ts',
  'test/scenario/backup/fault/killed-import.test.ts',
  'test/scenario/backup/fault/lost-answers.test.ts',
  'test/scenario/groups/killed-group.test.ts',
  'test/scenario/backup/restore/restore-vm.test.ts',
  'test/scenario/backup/fault/tracker-lies.test.ts',
  'test/scenario/jobs/job-cancel.test.ts',
  'test/scenario/views/',
];

export const isApart = (path) =>
  APART.some((name) =>
    name.endsWith('/') ? slashed(path).startsWith(name) : slashed(path) === name,
  );

/** Names of the lists, and of `others`, that no test file has. */
export const missing = (files, others) =>
  [...SLOW, ...APART, ...others].filter(
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
