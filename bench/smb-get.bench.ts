/**
 * `smbclient get` of 1 GiB, encrypted, from the lab's file server against the same from Samba, in turns. Needs smbd, smbpasswd and
 * smbclient.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatBytes } from '../src/engine/base/format-bytes.ts';
import { startLabProcess } from '../test/support/process/command.ts';
import { SAMBA_PASSWORD, SAMBA_USER, SambaServer } from '../test/support/smb/samba-server.ts';
import { reportAlternating } from './alternate.ts';
import { has, inFolder, makeRaw, MIB, report, timed, type Cost } from './measure.ts';

const SIZE_MIB = Number(process.env['REFPOINT_BENCH_MIB'] ?? 1024);

interface LabLine {
  readonly user: string;
  readonly pathMap: Readonly<Record<string, string>>;
  readonly smb: { readonly port: number };
}

interface FileServer {
  readonly port: number;
  readonly share: string;
  readonly account: string;
}

/** Gets the disk; the time is that of the whole program. */
function get(dir: string, { port, share, account }: FileServer): Cost {
  const target = ['-p', String(port), `//127.0.0.1/${share}`, '-U', account, '-m', 'SMB3_11'];
  const what = ['--client-protection=encrypt', '-c', `get disk.vhdx ${join(dir, 'got')}`];
  return timed('smbclient', [...target, ...what]);
}

/** Peak resident bytes of a running process. */
const peakOf = (pid: number): number =>
  1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);

if (['smbd', 'smbpasswd', 'smbclient'].every(has)) {
  await inFolder(async (dir) => {
    const samba = await SambaServer.start({ encrypt: 'required', cipher: 'AES-128-GCM' });
    const lab = await startLabProcess(join(dir, 'lab'), ['--smb-port', '0']);
    try {
      const { smb, user, pathMap } = lab.line as unknown as LabLine;
      const folder = join(pathMap['C:\\Lab'] ?? '', 'VMs');
      const megabytes = Array.from({ length: SIZE_MIB }, (_, i) => i);
      mkdirSync(folder, { recursive: true });
      for (const path of [samba.share, folder]) {
        makeRaw(join(path, 'disk.vhdx'), SIZE_MIB * MIB, megabytes);
      }
      const ours = {
        port: smb.port,
        share: 'VMs',
        account: `${user}%${lab.env['REFPOINT_PASSWORD'] ?? ''}`,
      };
      const theirs = {
        port: samba.port,
        share: 'data',
        account: `LAB/${SAMBA_USER}%${SAMBA_PASSWORD}`,
      };
      reportAlternating(`smbclient gets ${SIZE_MIB} MiB, encrypted with AES-128-GCM`, [
        { name: 'from the lab', run: () => get(dir, ours), limit: 4 },
        { name: 'from Samba', run: () => get(dir, theirs) },
      ]);
      report(
        `  peak memory of the lab: ${formatBytes(peakOf(lab.process.pid ?? 0))} (at most 400 MiB)`,
      );
    } finally {
      await lab.stop();
      await samba.close();
    }
  });
} else report('smb-get: smbd, smbpasswd or smbclient is missing; skipped');
