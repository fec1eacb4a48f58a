import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { invert, patchFile } from '../../../support/disk/damage.ts';
import { codes, repair } from '../../../support/disk/run-repair.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { runCli } from '../../../support/process/cli-io.ts';
import { findProgram } from '../../../support/process/peers.ts';

const MIB = 2 ** 20;

/** A VHD of 8 MiB that holds some data, with the contents of its disk. */
async function image(
  folder: string,
  subformat: 'dynamic' | 'fixed',
): Promise<{ file: string; contents: Buffer }> {
  const contents = Buffer.alloc(8 * MIB);
  contents.fill(0x31, 5000, 70_000);
  contents.fill(0x32, 5 * MIB, 6 * MIB);
  const raw = join(folder, 'disk.raw');
  await writeFile(raw, contents);
  const file = join(folder, 'disk.vhd');
  const made = await runCli(['disk', 'convert', raw, file, '--subformat', subformat]);
  assert.equal(made.status, 0, made.err);
  return { file, contents };
}

async function assertContents(file: string, contents: Buffer): Promise<void> {
  const hash = async (path: string): Promise<string> =>
    (await runCli(['disk', 'hash', path])).out.trim();
  const raw = `${file}.expected.raw`;
  await writeFile(raw, contents);
  assert.equal(await hash(file), await hash(raw));
  const options = ['-f', 'vpc', '-F', 'raw', file, raw];
  const qemu = findProgram('qemu-img');
  if (qemu === undefined) return;
  const compared = spawnSync(qemu, ['compare', ...options]);
  assert.equal(compared.status, 0, compared.stdout.toString());
}

interface Damage {
  readonly what: string;
  readonly code: string;
  readonly subformat?: 'fixed';
  readonly damage: (file: string, size: number) => Promise<void>;
}

const DAMAGES: readonly Damage[] = [
  {
    what: 'a footer with a damaged value from its copy',
    code: 'vhd.footer.checksum',
    damage: (file, size) => invert(file, size - 512 + 50),
  },
  {
    what: 'an overwritten footer from its copy',
    code: 'vhd.footer.missing',
    damage: (file, size) => patchFile(file, size - 512, new Uint8Array(512).fill(0xaa)),
  },
  {
    what: 'a footer that was cut off',
    code: 'vhd.footer.missing',
    damage: (file, size) => truncate(file, size - 512),
  },
  {
    what: 'a footer of which a part was cut off',
    code: 'vhd.footer.missing',
    damage: (file, size) => truncate(file, size - 300),
  },
  {
    what: 'the damaged copy from the footer',
    code: 'vhd.footer.copy',
    damage: (file) => invert(file, 50),
  },
  {
    what: 'the overwritten copy from the footer',
    code: 'vhd.footer.copy',
    damage: (file) => patchFile(file, 0, new Uint8Array(512)),
  },
  {
    what: 'the checksum of a footer and a copy that are equal',
    code: 'vhd.footer.checksum',
    damage: async (file, size) => {
      await patchFile(file, 64, Uint8Array.of(1, 2, 3, 4));
      await patchFile(file, size - 512 + 64, Uint8Array.of(5, 6, 7, 8));
    },
  },
  {
    what: 'the checksum of a dynamic header',
    code: 'vhd.header.checksum',
    damage: (file) => invert(file, 512 + 36, 4),
  },
  {
    what: 'a footer of 511 bytes',
    code: 'vhd.footer.short',
    damage: (file, size) => truncate(file, size - 1),
  },
  {
    what: 'a footer of 511 bytes of a fixed disk',
    code: 'vhd.footer.short',
    subformat: 'fixed',
    damage: (file, size) => truncate(file, size - 1),
  },
];

for (const { what, code, subformat = 'dynamic', damage } of DAMAGES) {
  test(`repairs ${what}`, async (t) => {
    const folder = await temporaryFolder(t);
    const { file, contents } = await image(folder, subformat);
    const intact = await readFile(file);
    await damage(file, intact.length);
    const damaged = await readFile(file);
    assert.deepEqual(codes((await repair(file)).would), [code]);
    const done = await repair(file, '--in-place', '--yes');
    assert.deepEqual([codes(done.done), done.left, done.status], [[code], [], 0]);
    assert.ok(intact.equals(await readFile(file)), 'the image is as before the damage');
    await assertContents(file, contents);
    const undone = await runCli(['disk', 'repair', file, '--undo', done.undo ?? '']);
    assert.equal(undone.status, 0, undone.err);
    assert.ok(damaged.equals(await readFile(file)));
  });
}

const LEFT: readonly (Damage & { readonly left: string })[] = [
  {
    what: 'a fixed disk whose footer has a wrong checksum: there is no copy',
    code: '',
    left: 'vhd.footer.checksum',
    subformat: 'fixed',
    damage: (file, size) => invert(file, size - 512 + 20),
  },
  {
    what: 'a header whose number of entries is not confirmed',
    code: '',
    left: 'vhd.header.checksum',
    damage: (file) => patchFile(file, 512 + 31, Uint8Array.of(77)),
  },
  {
    what: 'a header whose BAT would be elsewhere',
    code: '',
    left: 'vhd.header.checksum',
    damage: (file) => patchFile(file, 512 + 22, Uint8Array.of(2)),
  },
  {
    what: 'footer and copy that are damaged in different values',
    code: '',
    left: 'vhd.footer.checksum',
    damage: async (file, size) => {
      await invert(file, 50);
      await invert(file, size - 512 + 24);
    },
  },
];

for (const { what, left, subformat = 'dynamic', damage } of LEFT) {
  test(`leaves ${what}`, async (t) => {
    const { file } = await image(await temporaryFolder(t), subformat);
    const { size } = await stat(file);
    await damage(file, size);
    const damaged = await readFile(file);
    const done = await repair(file, '--in-place', '--yes');
    assert.deepEqual([done.done, done.status], [[], 1]);
    assert.ok(codes(done.left).includes(left), codes(done.left).join());
    assert.ok(damaged.equals(await readFile(file)));
  });
}

test('a footer is not written behind blocks that were cut off', async (t) => {
  const { file } = await image(await temporaryFolder(t), 'dynamic');
  const { size } = await stat(file);
  await truncate(file, size - 100_000);
  const { done, status } = await repair(file, '--in-place', '--yes');
  assert.deepEqual([done, status], [[], 1]);
  assert.equal((await stat(file)).size, size - 100_000);
});
