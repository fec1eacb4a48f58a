/**
 * A full backup of method `smb` from Samba, encrypted: a 4 GiB disk with 2 GiB of data, against `smbclient get` of the same file,
 * encrypted, and `sync` of it, in turns. The lab plays Hyper-V, its folder is Samba's share. Needs smbd, smbpasswd and smbclient.
 */
import { copyFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refpointJson, startLabProcess } from '../test/support/process/command.ts';
import { SAMBA_USER, SambaServer } from '../test/support/smb/samba-server.ts';
import { reportAlternating } from './alternate.ts';
import { has, inFolder, makeRaw, measured, report, runsOfData, timed } from './measure.ts';

const SIZE_MIB = Number(process.env['REFPOINT_BENCH_MIB'] ?? 4096);

/** The largest image below a folder: while a VM has it in use, it is not in its shared folder. */
function diskBelow(folder: string): string {
  const images = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.vhdx'))
    .map((name) => join(folder, name));
  return images.reduce((one, other) => (statSync(one).size > statSync(other).size ? one : other));
}

if (['smbd', 'smbpasswd', 'smbclient'].every(has)) {
  await inFolder(async (dir) => {
    const lab = await startLabProcess(join(dir, 'lab'), ['--job-delay', '0', '--user', SAMBA_USER]);
    const { pathMap } = lab.line as unknown as {
      readonly pathMap: Readonly<Record<string, string>>;
    };
    const [[hostRoot, localRoot] = ['', '']] = Object.entries(pathMap);
    const password = lab.env['REFPOINT_PASSWORD'] ?? '';
    const samba = await SambaServer.start({
      encrypt: 'required',
      cipher: 'AES-128-GCM',
      password,
      share: localRoot,
    });
    try {
      const raw = join(dir, 'disk.raw');
      makeRaw(raw, SIZE_MIB * 2 ** 20, runsOfData(SIZE_MIB));
      const size = `${SIZE_MIB}M`;
      await refpointJson(['lab', 'add-vm', '--dir', lab.dir, '--name', 'vm', '--size', size]);
      const image = ['--vm', 'vm', '--disk', '0', '--from-raw', raw];
      await refpointJson(['lab', 'write', '--dir', lab.dir, ...image]);
      copyFileSync(diskBelow(lab.dir), join(localRoot, 'copy.vhdx'));
      let runs = 0;
      const map = ['--path-map', `${hostRoot}=\\\\127.0.0.1\\data`, '--smb-port', `${samba.port}`];
      const backup = ['backup', 'vm', '--method', 'smb', ...map, ...lab.hostOptions];
      const got = join(dir, 'got');
      const account = join(dir, 'account');
      const lines = ['domain = LAB', `username = ${SAMBA_USER}`, `password = ${password}`];
      writeFileSync(account, `${lines.join('\n')}\n`, { mode: 0o600 });
      const target = ['-p', `${samba.port}`, '//127.0.0.1/data', '-A', account];
      const get = `get copy.vhdx ${got}`;
      const words = [...target, '-m', 'SMB3_11', '--client-protection=encrypt', '-c', get];
      reportAlternating(`${SIZE_MIB / 1024} GiB disk, half of it data, from Samba, encrypted`, [
        {
          name: 'backup of method smb',
          limit: 2,
          run: () => {
            rmSync(join(dir, `store-${runs}`), { recursive: true, force: true });
            runs++;
            return measured([...backup, '--store', join(dir, `store-${runs}`)], lab.env);
          },
        },
        {
          name: 'smbclient get and sync',
          run: () => timed('sh', ['-c', 'smbclient "$@" && sync -f "$0"', got, ...words]),
        },
      ]);
    } finally {
      await samba.close();
      await lab.stop();
    }
  });
} else report('smb-full: smbd, smbpasswd or smbclient is missing; skipped');
