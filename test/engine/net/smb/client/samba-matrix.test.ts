import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import type { SmbEncryption } from '../../../../../src/engine/net/smb/client/session/smb-session.ts';
import { SmbFile } from '../../../../../src/engine/net/smb/client/link/smb-file.ts';
import { afterwards } from '../../../../support/checks/afterwards.ts';
import { peer } from '../../../../support/process/peers.ts';
import { linkTo } from '../../../../support/smb/samba-link.ts';
import { SambaServer, type SambaSettings } from '../../../../support/smb/samba-server.ts';

interface Case {
  readonly server: SambaSettings;
  readonly encryption: SmbEncryption;
  /** Expected dialect, cipher (0: not encrypted) and signing algorithm. */
  readonly expect: readonly [dialect: number, cipher: number, signing: number, encrypted: boolean];
}

const only = (dialect: 'SMB3_00' | 'SMB3_02' | 'SMB3_11') => ({ min: dialect, max: dialect });

/**
 * Every dialect, signing algorithm, cipher, setting of the server and policy of the client at least
 * once, and each pair of dialect and policy.
 */
const CASES: readonly Case[] = [
  {
    server: {
      ...only('SMB3_11'),
      encrypt: 'required',
      cipher: 'AES-128-GCM',
      signing: 'AES-128-GMAC',
    },
    encryption: 'wanted',
    expect: [0x311, 2, 2, true],
  },
  {
    server: {
      ...only('SMB3_11'),
      encrypt: 'desired',
      cipher: 'AES-256-GCM',
      signing: 'AES-128-CMAC',
    },
    encryption: 'required',
    expect: [0x311, 4, 1, true],
  },
  {
    server: {
      ...only('SMB3_11'),
      encrypt: 'default',
      cipher: 'AES-128-CCM',
      signing: 'HMAC-SHA256',
    },
    encryption: 'wanted',
    expect: [0x311, 1, 0, true],
  },
  {
    server: {
      ...only('SMB3_11'),
      encrypt: 'required',
      cipher: 'AES-256-CCM',
      signing: 'AES-128-CMAC',
    },
    encryption: 'off',
    expect: [0x311, 3, 1, true],
  },
  {
    server: { ...only('SMB3_11'), encrypt: 'default', signing: 'AES-128-GMAC' },
    encryption: 'off',
    expect: [0x311, 2, 2, false],
  },
  {
    server: { ...only('SMB3_11'), encrypt: 'off', signing: 'HMAC-SHA256' },
    encryption: 'wanted',
    expect: [0x311, 0, 0, false],
  },
  {
    server: { ...only('SMB3_11'), encrypt: 'default', signing: 'AES-128-CMAC' },
    encryption: 'off',
    expect: [0x311, 2, 1, false],
  },
  { server: only('SMB3_02'), encryption: 'off', expect: [0x302, 1, 1, false] },
  {
    server: { ...only('SMB3_02'), encrypt: 'required' },
    encryption: 'required',
    expect: [0x302, 1, 1, true],
  },
  { server: only('SMB3_00'), encryption: 'wanted', expect: [0x300, 1, 1, true] },
  {
    server: { ...only('SMB3_00'), encrypt: 'desired' },
    encryption: 'off',
    expect: [0x300, 1, 1, true],
  },
];

const PROGRAMS = ['smbd', 'smbpasswd'] as const;
const DATA = randomBytes(3 * 2 ** 20 + 12_345);

test('reads a file of Samba', { concurrency: 3 }, async (t) => {
  await Promise.all(CASES.map((each) => t.test(nameOf(each), (t) => readsFile(t, each))));
});

function nameOf({ server: settings, encryption }: Case): string {
  const { max, encrypt = 'not set', cipher = 'any cipher', signing = 'any signing' } = settings;
  return `${max}, ${signing}, ${cipher}, encrypt ${encrypt}, client ${encryption}`;
}

async function readsFile(
  t: TestContext,
  { server: settings, encryption, expect }: Case,
): Promise<void> {
  if (PROGRAMS.some((name) => peer(t, name) === undefined)) return;
  const server = await SambaServer.start(settings);
  afterwards(t, () => server.close());
  writeFileSync(join(server.share, 'disk.vhdx'), DATA);
  const link = linkTo(server, { encryption });
  afterwards(t, () => link.close());
  const session = await link.session(never);
  const { dialect, cipher: number, signing: algorithm } = session.connection.negotiated;
  const file = await SmbFile.open(link, 'data', 'disk.vhdx', never);
  assert.deepEqual([dialect, number, algorithm, session.encrypted], expect);
  const into = Buffer.alloc(DATA.length);
  await file.read(0, into, never);
  assert.ok(into.equals(DATA), 'the whole file');
  const part = Buffer.alloc(1000);
  await file.read(123_457, part, never);
  assert.ok(part.equals(DATA.subarray(123_457, 124_457)), 'a part of it');
  await file.close();
}

test('a server that cannot encrypt is rejected before the login if encryption is required', async (t) => {
  if (PROGRAMS.some((name) => peer(t, name) === undefined)) return;
  const server = await SambaServer.start({ ...only('SMB3_11'), encrypt: 'off' });
  afterwards(t, () => server.close());
  const link = linkTo(server, { encryption: 'required' });
  afterwards(t, () => link.close());
  await assert.rejects(link.session(never), (error: unknown) =>
    isEngineError(error, 'smb.encryption'),
  );
});

test('a server of SMB 2.1 is rejected by the name of its dialect', async (t) => {
  if (PROGRAMS.some((name) => peer(t, name) === undefined)) return;
  const server = await SambaServer.start({ min: 'SMB2_10', max: 'SMB2_10' });
  afterwards(t, () => server.close());
  const link = linkTo(server);
  afterwards(t, () => link.close());
  await assert.rejects(link.session(never), (error: unknown) =>
    isEngineError(error, 'smb.dialect'),
  );
});
