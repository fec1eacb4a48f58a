import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { peer, type Skippable } from '../process/peers.ts';

export const REALM = 'ORCHARD.TEST';
export const USER = { name: 'olga', password: 'Copper-Kettle-9' } as const;

/** A realm of its own: a database and a KDC of MIT Kerberos on a free port of the loopback address. */
export interface Realm {
  readonly folder: string;
  /** Keys of `HTTP/localhost`. */
  readonly keytab: string;
  /** Environment of a process that belongs to the realm, with an empty ticket cache of its own. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs a query of kadmin.local, such as `addprinc -pw PASSWORD NAME`. */
  readonly kadmin: (query: string) => void;
  /** Gets a ticket with USER's password; `args` precede the principal. It is in `env`'s cache. */
  readonly kinit: (...args: string[]) => void;
}

/**
 * Starts a realm that ends with the test; undefined if the programs of a KDC are missing.
 * @param options further lines of [libdefaults].
 * @param clock difference of the KDC's clock, as faketime reads it, such as `+1h`; users of such a
 *   realm prove the password with a time stamp.
 * @param kdcOptions further lines of the realm in kdc.conf.
 */
export async function startRealm(
  t: Skippable & Pick<TestContext, 'after'>,
  options = '',
  clock?: string,
  kdcOptions = '',
): Promise<Realm | undefined> {
  const programs = ['krb5kdc', 'kdb5_util', 'kadmin.local', 'kinit'].map((name) => peer(t, name));
  const [kdc, util, admin, kinit] = programs;
  if (kdc === undefined || util === undefined || admin === undefined || kinit === undefined) {
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'refpoint-realm-'));
  let child: ChildProcess | undefined;
  t.after(async () => {
    if (child !== undefined && child.exitCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  });
  const port = await freePort();
  const env = environment(folder);
  writeFileSync(join(folder, 'krb5.conf'), configuration(port, options));
  writeFileSync(join(folder, 'kdc.conf'), kdcConfiguration(port, folder, kdcOptions));
  const run = (program: string, args: string[], input = ''): void => {
    execFileSync(program, args, { env, input, stdio: ['pipe', 'pipe', 'pipe'] });
  };
  const kadmin = (query: string): void => run(admin, ['-r', REALM, '-q', query]);
  const keytab = join(folder, 'http.keytab');
  run(util, ['create', '-s', '-r', REALM, '-P', 'master-key-of-a-test']);
  kadmin(
    `addprinc -pw ${USER.password} ${clock === undefined ? '' : '+requires_preauth'} ${USER.name}`,
  );
  kadmin('addprinc -randkey HTTP/localhost');
  kadmin(`ktadd -k ${keytab} HTTP/localhost`);
  if (clock === undefined) child = spawn(kdc, ['-n'], { env, stdio: 'ignore' });
  else {
    const faketime = peer(t, 'faketime');
    if (faketime === undefined) return undefined;
    // Without -m the process of faketime becomes the KDC: it ends by its id.
    child = spawn(faketime, ['-f', clock, kdc, '-n'], { env, stdio: 'ignore' });
  }
  await answering(port, child);
  return {
    folder,
    keytab,
    env,
    kadmin,
    kinit: (...args) => run(kinit, [...args, `${USER.name}@${REALM}`], `${USER.password}\n`),
  };
}

function environment(folder: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    KRB5_CONFIG: join(folder, 'krb5.conf'),
    KRB5_KDC_PROFILE: join(folder, 'kdc.conf'),
    KRB5CCNAME: `FILE:${join(folder, 'tickets')}`,
    KRB5RCACHENAME: `dfl:${folder}`,
    KRB5RCACHEDIR: folder,
  };
}

/** The contents of krb5.conf. `options` are further lines of [libdefaults]. */
export function configuration(port: number, options = ''): string {
  return `[libdefaults]
 default_realm = ${REALM}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 rdns = false
 dns_canonicalize_hostname = false
 udp_preference_limit = 1
 ${options}
[realms]
 ${REALM} = {
  kdc = 127.0.0.1:${port}
 }
[domain_realm]
 localhost = ${REALM}
`;
}

function kdcConfiguration(port: number, folder: string, options: string): string {
  return `[kdcdefaults]
 kdc_listen = 127.0.0.1:${port}
 kdc_tcp_listen = 127.0.0.1:${port}
[realms]
 ${REALM} = {
  database_name = ${join(folder, 'principal')}
  key_stash_file = ${join(folder, 'stash')}
  acl_file = ${join(folder, 'acl')}
  ${options}
 }
`;
}

/** Waits until the KDC accepts connections. */
async function answering(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`krb5kdc ended with ${child.exitCode}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => (socket.destroy(), resolve(true)));
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    await wait(25);
  }
  throw new Error('krb5kdc does not listen');
}
