import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { delay } from '../../base/abort.ts';
import type { Log } from '../../base/log.ts';
import { Secret } from '../../net/auth/contract/secret.ts';
import { osVersion } from '../cimv2/cimv2-rows.ts';
import { startControlServer } from '../control/control-server.ts';
import { lockLab } from '../lab-lock.ts';
import { smbLine, startLabSmb, type SmbLine } from './lab-smb.ts';
import { LabRepository } from './lab-repository.ts';
import { Lab } from '../model/lab.ts';
import { giveOwnName } from '../state/own-name.ts';
import { makeWindowsFolder, windowsMap } from '../shell/windows-folder.ts';
import type { ShellPrograms } from '../shell/programs.ts';
import { ShellService } from '../shell/shell-service.ts';
import { isRebooting } from '../model/disturbances.ts';
import { startMerges } from '../model/merges.ts';
import { createState, type LabSettings } from '../state/state-file.ts';
import type { LabState } from '../state/state.ts';
import { dropShadows } from '../vss/shadow-copies.ts';
import { startVssapiServer } from '../vss/vssapi/vssapi-server.ts';
import { startVirtdiskServer } from '../virtdisk/virtdisk-server.ts';
import type { LabScheme } from '../wsman/auth/lab-logins.ts';
import { labCertificate } from '../wsman/certificate.ts';
import type { WireAction, WireFaults } from '../wsman/wire-faults.ts';
import { startWsmanServer } from '../wsman/wsman-server.ts';

export interface LabStart {
  readonly dir: string;
  /** undefined: the port of the last start; on the first start a free one. */
  readonly httpPort: number | undefined;
  /** undefined: no HTTPS, unless the lab had it before. */
  readonly httpsPort: number | undefined;
  /** Serves no HTTPS, even if the lab had it before. */
  readonly noHttps?: boolean;
  /** undefined: no file server, unless the lab had one before. */
  readonly smbPort?: number | undefined;
  /** Answers a virtdisk.dll of tests on this port (0: a free one), and its vssapi.dll; undefined: does not. */
  readonly virtdiskPort?: number | undefined;
  /** undefined: generated, and printed in the first line. */
  readonly password: string | undefined;
  /** Schemes that are offered; undefined: Negotiate with sealed messages, and Basic. */
  readonly offers?: readonly LabScheme[] | undefined;
  /** Keys of the service, for Kerberos. */
  readonly keytab?: string | undefined;
  /** Principals that may log in with Kerberos; undefined: the lab's user, of any realm. */
  readonly kerberosUsers?: readonly string[] | undefined;
  /** Bodies without encryption over plain HTTP; undefined: with Basic only. */
  readonly unencrypted?: 'off' | 'on' | undefined;
  /** PEM of the authority whose client certificates log in over HTTPS. */
  readonly clientAuthority?: string | undefined;
  /** Runs the commands of remote shells on this computer; undefined: the host allows no shells. */
  readonly shell?: { readonly powershell: string | undefined } | undefined;
  readonly jobDelay: number;
  /** Replaces the effect of `host.crash`, which kills the process. Throws to end the request. */
  readonly crash?: (() => never) | undefined;
  readonly settings: LabSettings;
  readonly log: Log;
}

/** The first line of `lab start`. */
export interface LabLine {
  readonly lab: true;
  readonly dir: string;
  readonly http: string;
  readonly https?: string;
  readonly smb?: SmbLine;
  /** Value of REFPOINT_VIRTDISK with which a virtdisk.dll of tests reaches the lab. */
  readonly virtdisk?: string;
  /** Value of REFPOINT_VSSAPI with which a vssapi.dll of tests reaches the lab. */
  readonly vssapi?: string;
  /** Says that remote shells run commands on this computer. */
  readonly shell?: string;
  readonly user: string;
  readonly password?: string;
  readonly pathMap: Readonly<Record<string, string>>;
  readonly caFile?: string;
  readonly tlsFingerprint?: string;
}

export interface RunningLabHost {
  /** Settles when a client asked the lab to stop. */
  readonly stopAsked: Promise<void>;
  readonly line: LabLine;
  close(): Promise<void>;
}

const ADDRESS = '127.0.0.1';

/** Serves the lab of a folder until it is closed. Throws `lab.locked`, `lab.folder`, `lab.port`. */
export async function startLab(start: LabStart, signal: AbortSignal): Promise<RunningLabHost> {
  const dir = path.resolve(start.dir);
  await createState(dir, start.settings, signal);
  // Locked before anything is opened; the control port is published later.
  const lock = await lockLab(dir);
  const closers: (() => Promise<void>)[] = [() => lock.release()];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const lab = await Lab.open(dir, { jobDelay: start.jobDelay, crash: start.crash }, signal);
    closers.push(() => lab.close());
    applySettings(lab.state, start.settings);
    await giveOwnName(lab.state, dir, signal);
    // Their requestors have ended with the host.
    await dropShadows(
      lab,
      (lab.state.shadows ?? []).filter((each) => each.persistent === false),
    );
    await lab.serve();
    const token = randomBytes(24).toString('base64url');
    let stop = (): void => undefined;
    const stopAsked = new Promise<void>((resolve) => {
      stop = resolve;
    });
    const control = await startControlServer(lab, token, () => stop());
    closers.push(async () => {
      // Publish this before closing: a lock with a port that no longer listens would count as dead.
      await lock.tell(0, '');
      await control.close();
    });
    await lock.tell(control.port, token);
    const line = await serve(lab, start, dir, { port: control.port, token }, closers, signal);
    for (const vm of lab.vms) startMerges(lab, vm);
    return { line, stopAsked, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function serve(
  lab: Lab,
  start: LabStart,
  dir: string,
  control: ControlChannel,
  closers: (() => Promise<void>)[],
  signal: AbortSignal,
): Promise<LabLine> {
  const { state } = lab;
  const password = start.password ?? randomBytes(12).toString('base64url');
  const keptPort = state.httpsPort === 0 || start.noHttps === true ? undefined : state.httpsPort;
  const httpsPort = start.httpsPort ?? keptPort;
  const tls =
    httpsPort === undefined ? undefined : await labCertificate(dir, state.machineName, signal);
  const logins = {
    offers: start.offers ?? (['negotiate', 'basic'] as const),
    user: state.user,
    password: new Secret(password),
    keytab: start.keytab,
    kerberosUsers: start.kerberosUsers,
    unencrypted: start.unencrypted ?? ('loopback' as const),
  };
  const faults = wireFaults(lab);
  const shells = start.shell && new ShellService(await shellPrograms(dir, start.shell, control));
  if (shells !== undefined) closers.push(async () => shells.close());
  const server = await startWsmanServer({
    osVersion: osVersion(state.hostVersion),
    repository: new LabRepository(lab),
    shells,
    logins,
    address: ADDRESS,
    httpPort: start.httpPort ?? state.httpPort,
    https:
      tls === undefined || httpsPort === undefined
        ? undefined
        : {
            port: httpsPort,
            certificate: tls.certificate,
            key: tls.key,
            clientAuthority: start.clientAuthority,
          },
    faults,
    log: start.log,
  });
  closers.push(() => server.close());
  state.httpPort = server.httpPort;
  state.httpsPort = server.httpsPort ?? 0;
  const smb = await startLabSmb(lab, {
    address: ADDRESS,
    port: start.smbPort,
    programData: shells && windowsMap(dir)['C:\\ProgramData'],
    logins: { ...logins, machineName: state.machineName },
    faults,
    log: start.log,
  });
  if (smb !== undefined) closers.push(() => smb.close());
  const virtdiskKey = randomBytes(24).toString('base64url');
  const virtdisk =
    start.virtdiskPort === undefined
      ? undefined
      : await startVirtdiskServer(lab, virtdiskKey, start.virtdiskPort);
  if (virtdisk !== undefined) closers.push(() => virtdisk.close());
  const vssapi =
    start.virtdiskPort === undefined ? undefined : await startVssapiServer(lab, virtdiskKey);
  if (vssapi !== undefined) closers.push(() => vssapi.close());
  await lab.save();
  const line = smb === undefined ? undefined : smbLine(lab);
  return {
    lab: true,
    dir,
    http: `http://${ADDRESS}:${server.httpPort}`,
    ...(server.httpsPort === undefined ? {} : { https: `https://${ADDRESS}:${server.httpsPort}` }),
    ...(line === undefined ? {} : { smb: line }),
    ...(virtdisk === undefined ? {} : { virtdisk: `${virtdisk.port}:${virtdiskKey}` }),
    ...(vssapi === undefined ? {} : { vssapi: `${vssapi.port}:${virtdiskKey}` }),
    ...(shells === undefined ? {} : { shell: SHELL_WORDS }),
    user: state.user,
    ...(start.password === undefined ? { password } : {}),
    pathMap: { ...lab.paths.pathMap, ...(shells === undefined ? {} : windowsMap(dir)) },
    ...(tls === undefined ? {} : { caFile: tls.caFile, tlsFingerprint: tls.fingerprint }),
  };
}

interface ControlChannel {
  readonly port: number;
  readonly token: string;
}

/** Returns what remote shells run with: programs of Windows that the lab emulates ask it by its control channel. */
async function shellPrograms(
  folder: string,
  { powershell }: NonNullable<LabStart['shell']>,
  { port, token }: ControlChannel,
): Promise<ShellPrograms> {
  const env = { ...(await makeWindowsFolder(folder)), REFPOINT_LAB_CONTROL: `${port}:${token}` };
  return { powershell, folder, env };
}

const SHELL_WORDS = 'Remote shells of this lab run commands on this computer';

const DAMAGES = ['garbage', 'altered', 'plain', 'replayed'] as const;

/** Language and cluster may change from start to start; the other settings are fixed. */
function applySettings(state: LabState, { language, cluster }: LabSettings): void {
  if (language !== undefined) state.language = language;
  if (cluster !== undefined) state.cluster = cluster;
}

/** Adapts the lab's fault switches to the server. */
function wireFaults(lab: Lab): WireFaults {
  const { faults } = lab;
  return {
    before: async (): Promise<WireAction> => {
      faults.beginExchange();
      const slow = faults.number('answer.slow', 3000);
      if (slow !== undefined) await delay(slow, lab.stopping).catch(() => undefined);
      if (isRebooting(lab)) return 'drop';
      if (faults.strike('request.tooLarge')) return 'tooLarge';
      if (faults.strike('connection.before')) return 'drop';
      if (faults.strike('unauthorized')) return 'unauthorized';
      if (faults.strike('access.denied')) return 'denied';
      if (faults.strike('answer.quota')) return 'quota';
      if (faults.strike('answer.unavailable')) return 'unavailable';
      if (faults.strike('answer.fault')) return 'fault';
      return faults.strike('answer.timeout') ? 'timeout' : 'pass';
    },
    after: async (operation): Promise<WireAction> => {
      // Lose only answers of calls that changed something.
      if (operation.kind !== 'invoke' || operation.method.startsWith('Get')) return 'pass';
      const hold = faults.number('answer.hold', 3_600_000);
      if (hold !== undefined) await delay(hold, lab.stopping).catch(() => undefined);
      return faults.strike('connection.after') ? 'drop' : 'pass';
    },
    locked: () => faults.strike('account.locked') !== undefined,
    ntlmDisabled: () => faults.strike('ntlm.disabled') !== undefined,
    damage: () => DAMAGES.find((damage) => faults.strike(`sealed.${damage}`) !== undefined),
  };
}
