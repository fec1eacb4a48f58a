import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { ErrorCode } from '../../../../src/engine/api/codes.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import type { FaultName } from '../../../../src/engine/lab/faults.ts';
import { Secret } from '../../../../src/engine/net/auth/contract/secret.ts';
import { SmbFile } from '../../../../src/engine/net/smb/client/link/smb-file.ts';
import { SmbLink } from '../../../../src/engine/net/smb/client/link/smb-link.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';
import { servedFiles, type ServedFiles } from '../../../support/smb/served-files.ts';

function linkTo(t: TestContext, { port, user, password }: ServedFiles): SmbLink {
  const credential = { user, password: new Secret(password) };
  const link = new SmbLink({
    host: '127.0.0.1',
    port,
    deadline: 20_000,
    patience: 10_000,
    account: { credential, authentication: 'ntlm' },
    encryption: 'wanted',
  });
  afterwards(t, () => link.close());
  return link;
}

const SIZE = 6 * 2 ** 20 + 12_345;

async function readAll(link: SmbLink, share: string, name: string): Promise<Buffer> {
  const source = await SmbFile.open(link, share, name, never);
  try {
    const into = Buffer.alloc(source.size);
    await source.read(0, into, never);
    return into;
  } finally {
    await source.close();
  }
}

test('our client reads, lists and removes on every share of the lab', async (t) => {
  const files = await servedFiles(t);
  const bytes = randomBytes(SIZE);
  writeFileSync(join(files.root, 'Shared', 'disk.vhdx'), bytes);
  mkdirSync(join(files.root, 'Shared', 'many'));
  for (let n = 0; n < 700; n++) writeFileSync(join(files.root, 'Shared', 'many', `${n}-äöü`), '');
  const link = linkTo(t, files);
  for (const [share, folder] of [
    ['Shared', ''],
    ['sealed', 'shared\\'],
    ['C$', 'lab\\SHARED\\'],
  ] as const) {
    assert.ok((await readAll(link, share, `${folder}DISK.vhdx`)).equals(bytes), share);
    assert.equal((await link.list(share, `${folder}many`, never)).length, 700);
    const { facts } = await link.stat(share, `${folder}disk.vhdx`, never);
    assert.equal(facts.endOfFile, SIZE);
  }
  await link.remove('Shared', 'disk.vhdx', never);
  assert.equal(existsSync(join(files.root, 'Shared', 'disk.vhdx')), false);
});

/** Each fault, with the codes with which reading may end; none: it has to succeed. */
const FAULTS: readonly (readonly [FaultName, string | null, ...codes: ErrorCode[]])[] = [
  ['smb.drop', null],
  ['smb.lost', null],
  ['smb.pending', '40'],
  ['smb.credits', '1'],
  ['smb.expired', null],
  ['smb.altered', null, 'smb.signature'],
  ['smb.plain', null, 'smb.unprotected', 'smb.signature'],
  ['smb.guest', null, 'smb.guest'],
];

test('each fault at each message: the right bytes are read, or one error says why not', async (t) => {
  const files = await servedFiles(t);
  const bytes = randomBytes(2 ** 20);
  writeFileSync(join(files.root, 'VMs', 'disk.vhdx'), bytes);
  for (const [name, value, ...codes] of FAULTS) {
    for (let at = 1; at <= 9; at++) {
      files.lab.faults.clear();
      files.lab.faults.set(name, value, name === 'smb.credits' ? null : 1, at);
      const link = linkTo(t, files);
      try {
        assert.ok((await readAll(link, 'VMs', 'disk.vhdx')).equals(bytes), `${name} at ${at}`);
      } catch (error) {
        // A login that is cut is not repeated: nothing of the work has begun.
        const first = at <= 4 ? (['smb.lost'] as const) : [];
        const known = isEngineError(error, ...codes, ...first);
        assert.ok(known && codes.length + first.length > 0, `${name} at ${at}: ${String(error)}`);
      }
      await link.close();
    }
  }
});
