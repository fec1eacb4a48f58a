import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Repaired } from '../../../../src/engine/api/disk-check.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { repairDisk } from '../../../../src/engine/disk/repair/repair-disk.ts';
import { undoRepair } from '../../../../src/engine/disk/repair/undo-repair.ts';
import type { FileEnvironment } from '../../../../src/engine/source/platform/file-environment.ts';
import { soundQcow2 } from '../../../support/disk/findings/qcow2-victim.ts';
import { soundVhd } from '../../../support/disk/findings/vhd-victim.ts';
import { BAT, soundImage } from '../../../support/disk/vhdx-victim.ts';
import { faultyFiles } from '../../../support/files/faulty-files.ts';
import { openFiles } from '../../../support/files/open-files.ts';
import { PowerCutFiles, type PowerCut } from '../../../support/files/power-cut-files.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const STORE = 'a-store.json';

const inPlace = (file: string, environment: FileEnvironment): Promise<Repaired> => {
  const options = { inPlace: true, replace: false, confirmed: true, to: undefined };
  return repairDisk(
    file,
    { open: {}, storeMarker: STORE, environment, ...options },
    noProgress,
    never,
  );
};

/** Damaged images by name, of which a repair writes several places. */
const IMAGES: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  'disk.vhdx': async () => {
    const victim = await soundImage('dynamic');
    // A log to replay, with a BAT that differs, and a damaged region table.
    const bytes = victim.bytes(BAT, 4096);
    victim.entry(3, 0, 0);
    victim.log({}, { writes: [{ kind: 'page', offset: BAT, bytes }] });
    victim.put(0x3_0010, 7, 8);
    return victim.bytes(0, victim.image.size);
  },
  'disk.vhd': async () => {
    const victim = await soundVhd('dynamic');
    // The footer is missing, and the dynamic header has a wrong checksum.
    return victim.put(512 + 36, 0, 4).cut(victim.bytes.length - 512).bytes;
  },
  'disk.qcow2': async () => {
    const victim = await soundQcow2('dynamic');
    // Two entries share a cluster, the table of refcounts is lost, and the image is marked as dirty.
    const shared = victim.entry(victim.l2);
    return victim
      .put(victim.l2 + 8, shared, 8)
      .put(48, 17, 8)
      .put(72, 1, 8).bytes;
  },
};

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Writes a file so that the recorder knows its bytes, durably. */
async function put(file: string, bytes: Uint8Array, { files }: FileEnvironment): Promise<void> {
  const handle = await files.open(file, 'wx');
  await handle.write(bytes, 0, bytes.length, 0);
  await handle.sync();
  await handle.close();
  const folder = await files.open(dirname(file), 'r');
  await folder.sync();
  await folder.close();
}

/** Lays out what a cut left in a folder of its own. Returns the path of the image. */
async function laidOut(t: TestContext, name: string, cut: PowerCut): Promise<string> {
  const folder = await temporaryFolder(t);
  for (const [path, file] of cut.files) {
    const target = join(folder, path.split('/').at(-1) ?? '');
    await writeFile(target, file.bytes());
  }
  return join(folder, name);
}

const recordIn = async (folder: string): Promise<string | undefined> => {
  const name = (await readdir(folder)).find((each) => each.endsWith('.undo'));
  return name === undefined ? undefined : join(folder, name);
};

for (const [name, make] of Object.entries(IMAGES)) {
  test(`a repair in place of ${name} that is cut at any write leaves the old or the new image, or can be undone`, async (t) => {
    const folder = await temporaryFolder(t);
    const file = join(folder, name);
    const old = await make();
    const recorder = new PowerCutFiles();
    await put(file, old, recorder.environment);
    const begun = recorder.position;
    const { done, left, undo } = await inPlace(file, recorder.environment);
    assert.ok(done.length >= 2 && undo !== null, JSON.stringify(done));
    assert.deepEqual(left, []);
    const [before, after] = [hashOf(old), hashOf(await readFile(file))];
    assert.notEqual(before, after);
    const seen = new Map<string, number>();
    const known = new Set<string>();
    for (const cut of recorder.cuts()) {
      if (cut.cut < begun) continue;
      const key = [...cut.files].map(([path, { key: state }]) => `${path} ${state}`).join('\n');
      if (known.has(key)) continue;
      known.add(key);
      const what = `after ${cut.cut} events, ${cut.variant}`;
      const image = cut.files.get(file);
      assert.ok(image !== undefined, what);
      const hash = hashOf(image.bytes());
      const count = (state: string): unknown => seen.set(state, (seen.get(state) ?? 0) + 1);
      if (hash === before) count('old');
      else if (hash === after) count('new');
      else count('between');
      const crashed = await laidOut(t, name, cut);
      const record = await recordIn(dirname(crashed));
      if (record === undefined) assert.equal(hash, before, what);
      else {
        const undone = await undoRepair(crashed, record, { storeMarker: STORE }, never).catch(
          (error: unknown) => {
            // A record without its bytes is left only as long as the image is untouched; one whose
            // end is missing or does not fit the new times of the copy, once it is repaired.
            assert.ok(isEngineError(error, 'disk.repair.record', 'disk.repair.changed'), what);
            return error.code;
          },
        );
        if (undone === 'disk.repair.record') assert.equal(hash, before, what);
        else if (undone === 'disk.repair.changed') assert.equal(hash, after, what);
        else assert.equal(hashOf(await readFile(crashed)), before, what);
      }
      await rm(dirname(crashed), { recursive: true });
      await mkdir(dirname(crashed));
    }
    t.diagnostic([...seen].map(([state, count]) => `${count} ${state}`).join(', '));
    assert.deepEqual([...seen.keys()].sort(), ['between', 'new', 'old']);
  });

  test(`if any operation of a repair in place of ${name} fails, the image is the old one, or undo brings it back`, async (t) => {
    const old = await make();
    let failed = 0;
    for (let n = 1; ; n += 1 + (n >> 2)) {
      const folder = await temporaryFolder(t);
      const file = join(folder, name);
      await writeFile(file, old);
      const environment = faultyFiles({
        dead: n % 2 === 0,
        fail: (_, number) => (number === n ? 'EIO' : undefined),
      });
      const files = openFiles();
      const done = await inPlace(file, environment).catch((error: unknown) => {
        assert.ok(isEngineError(error), String(error));
      });
      const what = `operation ${n}: ${environment.log[n - 1]}`;
      assert.equal(openFiles(), files, what);
      if (done !== undefined) {
        assert.ok(done.done.length >= 2, what);
        if (environment.log.length < n) break;
        continue;
      }
      failed++;
      const record = await recordIn(folder);
      if (record === undefined) {
        assert.equal(hashOf(await readFile(file)), hashOf(old), what);
      } else {
        // Only the flush of its end failed: the image is repaired, and nothing is left to do.
        const again = await inPlace(file, faultyFiles({ fail: () => undefined })).then(
          ({ done: steps }) => steps.length,
          (error: { code?: string }) => error.code,
        );
        assert.ok(again === 0 || again === 'disk.repair.unfinished', `${what}: ${again}`);
        await undoRepair(file, record, { storeMarker: STORE }, never);
        assert.equal(hashOf(await readFile(file)), hashOf(old), what);
        // A dead disk keeps the unfinished record of a repair that did not begin.
        const rest = (await readdir(folder)).filter((each) => !each.endsWith('.tmp'));
        assert.deepEqual(rest, [name], what);
      }
    }
    assert.ok(failed > 8, `${failed} operations failed`);
  });
}
