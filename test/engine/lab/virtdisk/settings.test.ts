import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { guidFromBytes, newGuid, type Guid } from '../../../../src/engine/base/guid.ts';
import type { VirtdiskCaller } from '../../../support/lab/virtdisk-caller.ts';
import { virtdiskLab, type VirtdiskLab } from '../../../support/lab/virtdisk-lab.ts';
import { runCliJson } from '../../../support/process/cli-io.ts';

const MIB = 2 ** 20;
const NO_PARENTS = 0x1;
const INVALID_PARAMETER = 87;
const NOT_SUPPORTED = 50;
const INVALID_TYPE = 0xc03a001b;
const PARENT_MISMATCH = 0xc03a000e;
const NO_MINIMUM_SIZE = 0xc03a0026;

/** Opens an image, does something, and gives the handle up. */
async function using<T>(
  on: VirtdiskLab,
  name: string,
  flags: number,
  work: (caller: VirtdiskCaller) => Promise<T>,
): Promise<T> {
  const caller = await on.caller();
  try {
    assert.equal((await caller.open(`C:\\Lab\\${name}`, { readOnly: false, flags })).code, 0, name);
    return await work(caller);
  } finally {
    await caller.close();
  }
}

async function opens(on: VirtdiskLab, name: string): Promise<number> {
  const caller = await on.caller();
  const { code } = await caller.open(`C:\\Lab\\${name}`);
  await caller.close();
  return code;
}

const guidOf = async (caller: VirtdiskCaller, kind: number): Promise<Guid> =>
  guidFromBytes((await caller.info(kind)).body.subarray(0, 16));

/** A parent under another name than its child knows, and the child. */
async function lostParent(t: TestContext, ending: string): Promise<VirtdiskLab> {
  const on = await virtdiskLab(t);
  const at = (name: string): string => join(on.folder, `${name}${ending}`);
  await runCliJson(['disk', 'create', at('parent'), '--size', '8M']);
  await runCliJson(['disk', 'create', at('child'), '--parent', at('parent')]);
  await runCliJson(['disk', 'create', at('other'), '--size', '8M']);
  await rename(at('parent'), at('moved'));
  return on;
}

for (const ending of ['.vhdx', '.vhd']) {
  test(`a child is linked to its moved parent (${ending})`, async (t) => {
    const on = await lostParent(t, ending);
    const child = `child${ending}`;
    const moved = `C:\\Lab\\moved${ending}`;
    const link = (version: number, path: string, id?: Guid): Promise<number> =>
      using(on, child, NO_PARENTS, async (caller) => (await caller.set(version, 1, path, id)).code);
    assert.notEqual(await opens(on, child), 0, 'its parent is missing');
    assert.equal(await link(3, `C:\\Lab\\other${ending}`), PARENT_MISMATCH);
    assert.equal(await link(3, 'C:\\Lab\\absent.vhdx'), 2);
    assert.equal(await link(3, moved), 0);
    assert.equal(await opens(on, child), 0);
    assert.equal(await link(1, moved), 0);
    const refused = await using(on, child, 0, (caller) => caller.set(3, 1, moved));
    assert.equal(refused.code, INVALID_PARAMETER, 'its parents are open');

    const identity = await using(on, `moved${ending}`, 0, (caller) => guidOf(caller, 2));
    assert.equal(await link(7, moved, newGuid()), 0, 'the caller names the identity');
    assert.equal(await opens(on, child), PARENT_MISMATCH);
    assert.equal(await link(7, moved, identity), 0);
    assert.equal(await opens(on, child), 0);
    const alone = (caller: VirtdiskCaller) => caller.set(3, 1, moved);
    const ofParent = await using(on, `moved${ending}`, NO_PARENTS, alone);
    assert.equal(ofParent.code, INVALID_TYPE, 'an image that is not a child');
  });

  test(`another identifier parts an image from its children (${ending})`, async (t) => {
    const on = await lostParent(t, ending);
    const child = `child${ending}`;
    const [id, moved] = [newGuid(), `C:\\Lab\\moved${ending}`];
    await using(on, child, NO_PARENTS, (caller) => caller.set(1, 0, moved));
    assert.equal(await opens(on, child), 0);
    await using(on, `moved${ending}`, 0, async (caller) => {
      assert.equal((await caller.set(2, 0, '', id)).code, 0);
      assert.equal(await guidOf(caller, 2), id);
    });
    assert.equal(await using(on, `moved${ending}`, 0, (caller) => guidOf(caller, 2)), id);
    assert.equal(await opens(on, child), PARENT_MISMATCH);
  });
}

test('sector size and disk ID are settings of a VHDX alone', async (t) => {
  const on = await virtdiskLab(t);
  for (const name of ['disk.vhdx', 'disk.vhd']) {
    await runCliJson(['disk', 'create', join(on.folder, name), '--size', '8M']);
  }
  const id = newGuid();
  await using(on, 'disk.vhdx', 0, async (caller) => {
    assert.equal((await caller.set(4, 512)).code, 0);
    assert.equal((await caller.info(10)).body.readUInt32LE(0), 512);
    assert.equal((await caller.set(5, 0, '', id)).code, 0);
    assert.equal(await guidOf(caller, 14), id);
    assert.equal((await caller.set(8, 0)).code, INVALID_PARAMETER);
  });
  await using(on, 'disk.vhd', 0, async (caller) => {
    for (const version of [4, 5, 6]) {
      assert.equal((await caller.set(version, 512, '', id)).code, NOT_SUPPORTED, `${version}`);
    }
  });
});

test('the smallest safe size of a disk ends behind its last partition', async (t) => {
  const on = await virtdiskLab(t);
  await on.ask('set-state', { vm: 'web', state: 'off' });
  const smallest = async (): Promise<number | bigint> => {
    const caller = await on.caller();
    assert.equal((await caller.open(await on.file())).code, 0);
    const { code, body } = await caller.info(11);
    await caller.close();
    return code === 0 ? body.readBigUInt64LE(0) : code;
  };
  assert.equal(await smallest(), NO_MINIMUM_SIZE, 'no partitions');
  const record = Buffer.alloc(512);
  record.writeUInt8(0x83, 446 + 4);
  record.writeUInt32LE(2048, 446 + 8);
  record.writeUInt32LE(4096, 446 + 12);
  record.writeUInt16LE(0xaa55, 510);
  await on.ask('write-bytes', {
    vm: 'web',
    disk: 0,
    offset: 0,
    base64: record.toString('base64'),
  });
  assert.equal(await smallest(), BigInt(3 * MIB));
});
