import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { afterwards } from '../../../support/checks/afterwards.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { peer, pythonWith } from '../../../support/process/peers.ts';
import { runPeer, smbclient } from '../../../support/smb/run-peer.ts';
import { servedFiles, type ServedFiles } from '../../../support/smb/served-files.ts';
import { assertAgreement, type RecordedSession } from '../../../support/smb/wire/agreement.ts';
import { keysOf } from '../../../support/smb/wire/open-session.ts';
import { writePcap } from '../../../support/smb/wire/pcap.ts';
import { Recording } from '../../../support/smb/wire/recording.ts';
import { Relay } from '../../../support/smb/wire/relay.ts';
import { dissect } from '../../../support/smb/wire/tshark.ts';

const BYTES = Buffer.from('contents of a disk that a client of the lab reads\n'.repeat(40));

interface Scene {
  /** The lab behind a relay that records. */
  readonly files: ServedFiles;
  readonly recording: Recording;
  readonly cwd: string;
}

async function scene(t: TestContext): Promise<Scene> {
  const served = await servedFiles(t);
  const recording = new Recording();
  const relay = await Relay.start({ port: served.port, tap: recording.tap });
  afterwards(t, () => relay.close());
  const cwd = await temporaryFolder(t);
  writeFileSync(join(cwd, 'in'), BYTES);
  writeFileSync(join(served.root, 'VMs', 'disk.vhdx'), BYTES);
  return { files: { ...served, port: relay.port }, recording, cwd };
}

const COMMANDS =
  'ls; get disk.vhdx back; mkdir sub; put in sub\\up; rename sub\\up sub\\other; allinfo sub\\other; del sub\\other; rmdir sub; volume; du; get missing';

const PROTECTIONS: readonly (readonly string[])[] = [
  ['SMB3_02', 'encrypt'],
  ['SMB3_11', 'sign'],
  ['SMB3_11', 'encrypt', '--option=client smb3 encryption algorithms=AES-256-GCM'],
];

test('our decoder and tshark agree on what the lab answers smbclient, signed and encrypted', async (t) => {
  const [tshark, program] = [peer(t, 'tshark'), peer(t, 'smbclient')];
  if (tshark === undefined || program === undefined) return;
  const { files, recording, cwd } = await scene(t);
  const sessions: RecordedSession[] = [];
  for (const [dialect = '', protection = '', ...more] of PROTECTIONS) {
    const name = `${dialect}, ${protection} ${more.join(' ')}`;
    const { text } = await smbclient(program, files, 'VMs', COMMANDS, {
      cwd,
      more: [
        '-m',
        dialect,
        `--client-protection=${protection}`,
        '--option=debug encryption=yes',
        ...more,
      ],
    });
    assert.deepEqual(readFileSync(join(cwd, 'back')), BYTES, `${name}: ${text}`);
    const [key] = keysOf(text);
    const frames = recording.connections.at(-1);
    assert.ok(key !== undefined && frames !== undefined, text);
    sessions.push({ name, frames, key });
  }
  assert.equal(recording.connections.length, sessions.length);
  const { kinds, fields } = await assertAgreement(tshark, cwd, sessions);
  assert.ok(kinds.size >= 24, [...kinds].join(', '));
  assert.ok(fields > 3000, `${fields} fields`);
});

const IMPACKET = `
import io, sys
from impacket.smbconnection import SMBConnection
c = SMBConnection('127.0.0.1', '127.0.0.1', sess_port=int(sys.argv[1]), preferredDialect=0x0300)
c.login(sys.argv[2], sys.argv[3])
data = io.BytesIO()
c.getFile('VMs', 'disk.vhdx', data.write)
c.listPath('VMs', '*')
c.logoff()
`;

test('tshark finds nothing malformed in what the lab says to rclone and impacket, and opens it with the password', async (t) => {
  const [tshark, rclone] = [peer(t, 'tshark'), peer(t, 'rclone')];
  const python = pythonWith(t, 'impacket');
  if (tshark === undefined || rclone === undefined || python === undefined) return;
  const { files, recording, cwd } = await scene(t);
  const { port, user, password } = files;
  const { text: secret } = await runPeer(rclone, ['obscure', password]);
  const env = {
    RCLONE_CONFIG: join(cwd, 'none.conf'),
    RCLONE_CONFIG_LAB_TYPE: 'smb',
    RCLONE_CONFIG_LAB_HOST: '127.0.0.1',
    RCLONE_CONFIG_LAB_PORT: String(port),
    RCLONE_CONFIG_LAB_USER: user,
    RCLONE_CONFIG_LAB_PASS: secret.trim(),
  };
  const copied = await runPeer(rclone, ['copyto', 'lab:Sealed/VMs/disk.vhdx', 'down'], {
    cwd,
    env,
  });
  assert.deepEqual(readFileSync(join(cwd, 'down')), BYTES, copied.text);
  const sealed = recording.connections.flat().filter(({ bytes }) => bytes[0] === 0xfd).length;
  assert.ok(sealed > 10, `${sealed} encrypted frames`);
  const read = await runPeer(python, ['-c', IMPACKET, String(port), user, password], { cwd });
  assert.equal(read.status, 0, read.text);
  const path = join(cwd, 'peers.pcap');
  await writePcap(path, recording.connections);
  const seen = await dissect(tshark, path, [], password);
  assert.deepEqual(seen.malformed, []);
  assert.equal(seen.sealed, 0);
  const datas = seen.messages.flatMap((each) => each.get('smb2.read.blob') ?? []);
  const hex = BYTES.toString('hex').match(/../g)?.join(':');
  assert.equal(datas.filter((each) => each === hex).length, 2, 'both reads, one encrypted');
});
