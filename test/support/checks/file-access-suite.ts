import assert from 'node:assert/strict';
import { lstat, mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../src/engine/base/errors.ts';
import type { FileAccess } from '../../../src/engine/source/files/file-access.ts';

/** Files of a folder of this machine, seen through an implementation. */
export interface SeenFolder {
  readonly access: FileAccess;
  /** The folder on this machine. */
  readonly local: string;
  /** Path of a file below it, as the implementation has it. */
  readonly at: (...names: readonly string[]) => string;
  /** Links are looked up as what they name. A server reports them instead. */
  readonly follows: boolean;
}

/** Tests of every implementation of `FileAccess`. */
export function fileAccessSuite(name: string, seen: (t: TestContext) => Promise<SeenFolder>): void {
  const text = 'frozen for a while';

  test(`${name}: a file is opened, looked up and listed with its name, kind and length`, async (t) => {
    const { access, local, at } = await seen(t);
    await mkdir(join(local, 'VMs', 'sub folder'), { recursive: true });
    await writeFile(join(local, 'VMs', 'Ärger 1.vhdx'), text);
    const source = await access.open(at('VMs', 'Ärger 1.vhdx'), never);
    try {
      assert.equal(source.size, text.length);
      const into = Buffer.alloc(6);
      await source.read(7, into, never);
      assert.equal(into.toString(), 'for a ');
    } finally {
      await source.close();
    }
    const file = await access.stat(at('VMs', 'Ärger 1.vhdx'), never);
    assert.equal(file?.kind, 'file');
    assert.equal(file.size, text.length);
    assert.notEqual(file.readable, false);
    assert.equal((await access.stat(at('VMs'), never))?.kind, 'folder');
    const entries = await access.list(at('VMs'), never);
    const found = entries?.map((entry) => `${entry.kind} ${entry.name}`).sort();
    assert.deepEqual(found, ['file Ärger 1.vhdx', 'folder sub folder']);
  });

  test(`${name}: what does not exist is absent to stat, list and remove, and an error to open`, async (t) => {
    const { access, local, at } = await seen(t);
    await writeFile(join(local, 'file'), text);
    for (const path of [at('none'), at('none', 'below')]) {
      assert.equal(await access.stat(path, never), undefined);
      assert.equal(await access.list(path, never), undefined);
      await access.remove(path, never);
    }
    assert.equal(await access.list(at('file'), never), undefined);
    await assert.rejects(access.open(at('none'), never), (error: unknown) =>
      isEngineError(error, 'source.notFound', 'smb.notFound'),
    );
    await assert.rejects(access.open(at(), never), (error: unknown) => isEngineError(error));
  });

  test(`${name}: a folder goes with all that it contains, and nothing beside it`, async (t) => {
    const { access, local, at } = await seen(t);
    await mkdir(join(local, 'export', 'a', 'b'), { recursive: true });
    await writeFile(join(local, 'export', 'a', 'b', 'deep'), text);
    await writeFile(join(local, 'export', 'top'), text);
    await writeFile(join(local, 'exports'), text);
    await access.remove(at('export'), never);
    assert.equal(await access.stat(at('export'), never), undefined);
    await assert.rejects(stat(join(local, 'export')));
    await stat(join(local, 'exports'));
    await access.remove(at('exports'), never);
    await assert.rejects(stat(join(local, 'exports')));
  });

  const junctions = { skip: process.platform === 'win32' && 'Wine has no links' };
  test(`${name}: a link in a removed folder goes; its target stays`, junctions, async (t) => {
    const { access, local, at, follows } = await seen(t);
    await mkdir(join(local, 'kept'));
    await mkdir(join(local, 'removed'));
    await writeFile(join(local, 'kept', 'disk'), text);
    await symlink(join(local, 'kept'), join(local, 'removed', 'link'), 'junction');
    const look = access.stat(at('removed', 'link'), never);
    if (follows) assert.equal((await look)?.isLink, true);
    else await assert.rejects(look, (error: unknown) => isEngineError(error, 'smb.redirect'));
    assert.deepEqual(await access.list(at('removed'), never), [{ name: 'link', kind: 'other' }]);
    await access.remove(at('removed'), never);
    await assert.rejects(stat(join(local, 'removed')));
    await stat(join(local, 'kept', 'disk'));
    // The same for a link that is removed alone.
    await symlink(join(local, 'kept'), join(local, 'alone'), 'junction');
    await access.remove(at('alone'), never);
    await assert.rejects(lstat(join(local, 'alone')));
    await stat(join(local, 'kept', 'disk'));
  });

  test(`${name}: a cancelled caller is told so`, async (t) => {
    const { access, at } = await seen(t);
    const stopped = AbortSignal.abort(new Error('stopped'));
    await assert.rejects(access.stat(at('x'), stopped), /stopped/);
    await assert.rejects(access.list(at(), stopped), /stopped/);
    await assert.rejects(access.open(at('x'), stopped), /stopped/);
    await assert.rejects(access.remove(at('x'), stopped), /stopped/);
  });
}
