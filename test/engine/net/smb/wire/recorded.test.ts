import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { afterwards } from '../../../../support/checks/afterwards.ts';
import { temporaryFolder } from '../../../../support/files/temporary-folder.ts';
import { peer } from '../../../../support/process/peers.ts';
import { smbclient } from '../../../../support/smb/run-peer.ts';
import { SAMBA_PASSWORD, SAMBA_USER, SambaServer } from '../../../../support/smb/samba-server.ts';
import { assertAgreement, type RecordedSession } from '../../../../support/smb/wire/agreement.ts';
import { keysOf } from '../../../../support/smb/wire/open-session.ts';
import { Recording } from '../../../../support/smb/wire/recording.ts';
import { Relay } from '../../../../support/smb/wire/relay.ts';

const BYTES = Buffer.from('a disk that is small enough to be shown by tshark\n'.repeat(40));

/** Everything that smbclient can ask a server for with short commands. */
const COMMANDS = [
  'ls',
  'get disk.vhdx back',
  'mkdir sub',
  'put in sub\\up',
  'rename sub\\up sub\\other',
  'allinfo sub\\other',
  'cd sub',
  'ls',
  'del other',
  'cd ..',
  'rmdir sub',
  'volume',
  'du',
  'get missing',
].join('; ');

interface Scene {
  readonly server: SambaServer;
  readonly cwd: string;
  readonly tshark: string;
  readonly client: string;
}

async function scene(t: TestContext): Promise<Scene | undefined> {
  const [tshark, client] = [peer(t, 'tshark'), peer(t, 'smbclient')];
  if (['smbd', 'smbpasswd'].some((name) => peer(t, name) === undefined)) return undefined;
  if (tshark === undefined || client === undefined) return undefined;
  const server = await SambaServer.start();
  afterwards(t, () => server.close());
  const cwd = await temporaryFolder(t);
  writeFileSync(join(server.share, 'disk.vhdx'), BYTES);
  writeFileSync(join(cwd, 'in'), BYTES);
  return { server, cwd, tshark, client };
}

const PROTECTIONS: readonly (readonly [name: string, dialect: string, protection: string])[] = [
  ['3.0, encrypted', 'SMB3_00', 'encrypt'],
  ['3.1.1, signed', 'SMB3_11', 'sign'],
  ['3.1.1, encrypted', 'SMB3_11', 'encrypt'],
];

test('our decoder and tshark agree on what smbclient and Samba say to each other', async (t) => {
  const made = await scene(t);
  if (made === undefined) return;
  const { server, cwd, tshark, client } = made;
  const account = { port: 0, user: `LAB\\${SAMBA_USER}`, password: SAMBA_PASSWORD };
  const sessions: RecordedSession[] = [];
  for (const [name, dialect, protection] of PROTECTIONS) {
    const recording = new Recording();
    const relay = await Relay.start({ port: server.port, tap: recording.tap });
    afterwards(t, () => relay.close());
    const more = ['-m', dialect, `--client-protection=${protection}`];
    const { text } = await smbclient(client, { ...account, port: relay.port }, 'data', COMMANDS, {
      cwd,
      more: [...more, '--option=debug encryption=yes'],
    });
    assert.deepEqual(readFileSync(join(cwd, 'back')), BYTES, `${name}: ${text}`);
    const [key] = keysOf(text);
    const [frames] = recording.connections;
    assert.ok(key !== undefined && frames !== undefined, text);
    sessions.push({ name, frames, key });
  }
  const { kinds, fields } = await assertAgreement(tshark, cwd, sessions);
  assert.ok(kinds.size >= 27, [...kinds].join(', '));
  assert.ok(fields > 4000, `${fields} fields`);
});
