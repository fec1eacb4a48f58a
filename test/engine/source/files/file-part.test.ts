import assert from 'node:assert/strict';
import { readFile, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { delay, never } from '../../../../src/engine/base/abort.ts';
import {
  createFileExclusive,
  replaceFile,
} from '../../../../src/engine/source/files/atomic-file.ts';
import {
  machine,
  type FileEnvironment,
} from '../../../../src/engine/source/platform/file-environment.ts';
import { createFilePart } from '../../../../src/engine/source/files/file-part.ts';
import {
  createFolderExclusive,
  ensureFolder,
  flushFolder,
} from '../../../../src/engine/source/folders/folder.ts';
import { faultyFiles, type FaultyFiles } from '../../../support/files/faulty-files.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);
const read = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch(() => undefined);

async function makePart(path: string, replace: boolean, environment: FaultyFiles): Promise<void> {
  const part = await createFilePart(path, { replace, environment }, never);
  try {
    await part.write(4, bytes('new!'), never);
    await part.write(0, bytes('the '), never);
    await part.complete(8, never);
  } catch (error) {
    await part.abandon().catch(() => undefined);
    throw error;
  }
}

test('whatever operation fails or is the last one, a new file is whole or absent', async (t) => {
  for (const dead of [false, true]) {
    for (const links of [true, false]) {
      let finished = false;
      for (let n = 1; !finished; n++) {
        const folder = await temporaryFolder(t);
        const path = join(folder, 'a.vhdx');
        const environment = faultyFiles({
          dead,
          fail: (name, i) => (i === n ? 'EIO' : name === 'link' && !links ? 'EPERM' : undefined),
        });
        const work = makePart(path, false, environment);
        finished = await work.then(
          () => environment.log.length < n,
          () => false,
        );
        const found = await read(path);
        const others = (await readdir(folder)).filter((name) => name !== 'a.vhdx');
        for (const name of others) assert.match(name, /^\.refpoint-[0-9a-f]+\.tmp$/);
        // Killed between reserving the name and filling it: the finished bytes still lie beside it.
        const reserved = found === '' && dead && !links && others.length === 1;
        const whole = found === undefined || found === 'the new!';
        assert.ok(whole || reserved, `${n}: ${found}`);
        assert.ok(n < 40, 'the loop ends');
        if (finished) assert.deepEqual([found, others], ['the new!', []]);
      }
    }
  }
});

test('a disk that fails while the rest is written fails the file, although its last flush succeeds', async (t) => {
  for (const when of ['write', 'complete'] as const) {
    const folder = await temporaryFolder(t);
    const path = join(folder, 'a.vhdx');
    const environment = faultyFiles({
      fail: (name) => (name === 'handle.datasync' ? 'EIO' : undefined),
    });
    const part = await createFilePart(path, { environment, flushEvery: 4 }, never);
    await part.write(0, bytes('the '), never);
    if (when === 'write') {
      // Once the failure has come back.
      for (let i = 0; i < 10; i++) await new Promise((done) => setImmediate(done));
      await assert.rejects(part.write(4, bytes('new!'), never), { code: 'source.io' });
    }
    await assert.rejects(part.complete(8, never), { code: 'source.io', message: /a\.vhdx/ });
    await part.abandon();
    assert.deepEqual(await readdir(folder), []);
  }
});

test('what is written goes on its way to the disk along with the writing, one flush at a time', async (t) => {
  const path = join(await temporaryFolder(t), 'a.vhdx');
  const environment = faultyFiles({ fail: () => undefined });
  const part = await createFilePart(path, { environment, flushEvery: 8 }, never);
  const flushes = (): number => environment.log.filter((name) => name === 'handle.datasync').length;
  await part.write(0, bytes('1234'), never);
  assert.equal(flushes(), 0);
  await part.write(4, bytes('5678'), never);
  assert.equal(flushes(), 1);
  await part.write(8, bytes('90'), never);
  assert.equal(flushes(), 1);
  await part.complete(10, never);
  assert.equal(await read(path), '1234567890');
});

test('whatever operation fails or is the last one, a replaced file is the old or the new one', async (t) => {
  for (const dead of [false, true]) {
    for (const small of [true, false]) {
      let finished = false;
      for (let n = 1; !finished; n++) {
        const folder = await temporaryFolder(t);
        const path = join(folder, 'a.json');
        await writeFile(path, 'old');
        const environment = faultyFiles({ dead, fail: (_, i) => (i === n ? 'EIO' : undefined) });
        const work = small
          ? replaceFile(path, bytes('the new!'), never, environment)
          : makePart(path, true, environment);
        finished = await work.then(
          () => environment.log.length < n,
          () => false,
        );
        const found = await read(path);
        assert.ok(found === 'old' || found === 'the new!', `${n}: ${found}`);
        assert.ok(n < 40, 'the loop ends');
        if (finished) assert.deepEqual([found, await readdir(folder)], ['the new!', ['a.json']]);
      }
    }
  }
});

test('bytes are flushed before the name is given, and the name after', async (t) => {
  const environment = faultyFiles({ fail: () => undefined });
  const path = join(await temporaryFolder(t), 'a.vhdx');
  await makePart(path, false, environment);
  const steps = environment.log.filter((name) => /sync|link|rename/.test(name));
  assert.deepEqual(steps, ['handle.sync', 'link', 'handle.sync', 'unlink']);
  const replaced = faultyFiles({ fail: () => undefined });
  await replaceFile(path, bytes('x'), never, replaced);
  assert.deepEqual(
    replaced.log.filter((name) => /sync|link|rename/.test(name)),
    ['handle.sync', 'rename', 'handle.sync'],
  );
});

test('on Windows a name that is in use is tried again for 5 s, and no longer', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'a.json');
  for (const code of ['EPERM', 'EACCES', 'EBUSY']) {
    let left = 4;
    const busy = faultyFiles({
      windows: true,
      fail: (name) => (name === 'rename' && left-- > 0 ? code : undefined),
    });
    await replaceFile(path, bytes(code), never, busy);
    assert.equal(await read(path), code);
    assert.equal(busy.waits.length, 4);
  }
  const always = faultyFiles({
    windows: true,
    fail: (name) => (name === 'rename' ? 'EBUSY' : undefined),
  });
  await assert.rejects(replaceFile(path, bytes('never'), never, always), { code: 'source.busy' });
  const waited = always.waits.reduce((sum, wait) => sum + wait, 0);
  assert.ok(waited > 4000 && waited <= 5000, `${waited}`);
  assert.deepEqual(await readdir(folder), ['a.json']);
});

test('elsewhere a refusal is final at once', async (t) => {
  const path = join(await temporaryFolder(t), 'a.json');
  const denied = faultyFiles({ fail: (name) => (name === 'rename' ? 'EPERM' : undefined) });
  await assert.rejects(replaceFile(path, bytes('x'), never, denied), { code: 'source.denied' });
  assert.deepEqual(denied.waits, []);
});

test('waiting for a busy name ends when it is cancelled', async (t) => {
  const path = join(await temporaryFolder(t), 'a.json');
  const abort = new AbortController();
  const busy = faultyFiles({
    windows: true,
    fail: (name) => (name === 'rename' ? 'EBUSY' : undefined),
  });
  const environment = {
    ...busy,
    wait: (): Promise<void> => {
      abort.abort(new Error('stop'));
      return Promise.reject(abort.signal.reason as Error);
    },
  };
  await assert.rejects(replaceFile(path, bytes('x'), abort.signal, environment), /stop/);
  assert.equal(await read(path), undefined);
});

test('a folder that cannot be flushed does not fail a write on Windows, a broken disk does', async (t) => {
  const folder = await temporaryFolder(t);
  for (const code of ['EPERM', 'EISDIR', 'EACCES', 'EINVAL']) {
    await flushFolder(
      folder,
      faultyFiles({ fail: (name) => (name === 'open' ? code : undefined) }),
    );
    await flushFolder(
      folder,
      faultyFiles({ fail: (name) => (name === 'handle.sync' ? code : undefined) }),
    );
  }
  const broken = faultyFiles({ fail: (name) => (name === 'handle.sync' ? 'EIO' : undefined) });
  await assert.rejects(flushFolder(folder, broken), { code: 'source.io' });
});

test('without hard links exactly one of many creates a file', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'lease.json');
  const environment = faultyFiles({
    real: true,
    fail: (name) => (name === 'link' ? 'EPERM' : undefined),
  });
  const told = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      createFileExclusive(path, bytes(`${i}`), never, environment),
    ),
  );
  assert.equal(told.filter(Boolean).length, 1);
  assert.equal(await read(path), `${told.indexOf(true)}`);
  assert.deepEqual(await readdir(folder), ['lease.json']);
});

test('without hard links one of several creates a file, however clocks differ and operations are delayed', async (t) => {
  const folder = await temporaryFolder(t);
  for (const skew of [-61_000, 0, 61_000]) {
    const environment = withoutLinks({
      lstat: (async (path: string) => {
        await delay(Math.random() * 4, never);
        const found = await machine.files.lstat(path);
        return new Proxy(found, {
          get: (stats, key) => {
            const value: unknown = Reflect.get(stats, key, stats);
            if (key === 'mtimeMs') return stats.mtimeMs - skew;
            return typeof value === 'function' ? value.bind(stats) : value;
          },
        });
      }) as typeof machine.files.lstat,
      rename: async (...args) => {
        await delay(Math.random() * 4, never);
        return machine.files.rename(...args);
      },
    });
    for (let race = 0; race < 40; race++) {
      const path = join(folder, `${skew} ${race}`);
      const told = await Promise.all(
        [0, 1, 2].map((i) => createFileExclusive(path, bytes(`${i}`), never, environment)),
      );
      assert.equal(told.filter(Boolean).length, 1, `skew ${skew}, race ${race}: ${told.join()}`);
      assert.equal(await read(path), `${told.indexOf(true)}`);
    }
  }
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.startsWith('.')),
    [],
  );
});

test('without hard links a writer that sleeps before its last step takes no file from another one', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'a.json');
  let asleep = (): void => undefined;
  const sleeps = new Promise<void>((resolve) => (asleep = resolve));
  let wake = (): void => undefined;
  const woken = new Promise<void>((resolve) => (wake = resolve));
  const sleepy = withoutLinks({
    rename: async (...args) => {
      asleep();
      await woken;
      return machine.files.rename(...args);
    },
  });
  const first = createFileExclusive(path, bytes('first'), never, sleepy);
  await sleeps;
  const old = new Date(Date.now() - 3_600_000);
  for (const name of await readdir(folder)) await utimes(join(folder, name), old, old);
  assert.equal(await createFileExclusive(path, bytes('second'), never, withoutLinks({})), false);
  wake();
  assert.equal(await first, true);
  assert.equal(await read(path), 'first');
  assert.deepEqual(await readdir(folder), ['a.json']);
});

test('without hard links a failure to give the name leaves the name free', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'a.json');
  const refused = (): Promise<never> =>
    Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES' }));
  const broken = withoutLinks({ rename: refused });
  await assert.rejects(createFileExclusive(path, bytes('x'), never, broken), {
    code: 'source.denied',
  });
  assert.deepEqual(await readdir(folder), []);
  assert.equal(await createFileExclusive(path, bytes('x'), never, withoutLinks({})), true);
});

/** The machine, on a file system that has no hard links, with some operations replaced. */
function withoutLinks(changed: Partial<FileEnvironment['files']>): FileEnvironment {
  const link = (): Promise<never> =>
    Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM' }));
  return { ...machine, files: { ...machine.files, link, ...changed } };
}

test('a part writer refuses use after its end', async (t) => {
  const path = join(await temporaryFolder(t), 'a.vhdx');
  const part = await createFilePart(path, {}, never);
  await part.complete(4096, never);
  assert.equal((await stat(path)).size, 4096);
  await assert.rejects(part.write(0, bytes('x'), never), { code: 'source.closed' });
  await assert.rejects(part.complete(1, never), { code: 'source.closed' });
  await part.abandon();
  assert.equal((await stat(path)).size, 4096);
});

test('folders are made with those above, and each new name is flushed', async (t) => {
  const folder = await temporaryFolder(t);
  const environment = faultyFiles({ fail: () => undefined });
  await ensureFolder(join(folder, 'a', 'b', 'c'), environment);
  // Opened to be flushed; Windows refuses already that.
  assert.equal(environment.log.filter((name) => name === 'open').length, 3);
  await ensureFolder(join(folder, 'a', 'b', 'c'), environment);
  assert.equal(environment.log.filter((name) => name === 'open').length, 3);
  assert.equal(await createFolderExclusive(join(folder, 'a', 'b', 'd')), true);
  assert.equal(await createFolderExclusive(join(folder, 'a', 'b', 'd')), false);
  await assert.rejects(createFolderExclusive(join(folder, 'x', 'y')), { code: 'source.notFound' });
});
