/** Sealing and unsealing with Kerberos through the system's GSS-API, with a KDC of its own. */
import { spawnSync } from 'node:child_process';
import { Secret } from '../src/engine/net/auth/contract/secret.ts';
import type { SealedBytes } from '../src/engine/net/auth/contract/security-context.ts';
import { gssAcceptor } from '../src/engine/net/auth/gss/gss-acceptor.ts';
import { kerberosInitiator } from '../src/engine/net/auth/gss/gss-initiator.ts';
import { startRealm, USER } from '../test/support/kerberos/realm.ts';
import { line } from './bounds.ts';
import { median, megabyte, report } from './measure.ts';

/** Half of what Windows allows an envelope to have. */
const ENVELOPE = 256 * 1024;
const ENVELOPES = 200;
const RUNS = 5;

/** Logs in and reports megabytes per second of sealing and of unsealing. */
async function measure(keytab: string): Promise<void> {
  const credential = { user: USER.name, password: new Secret(USER.password) };
  const input = { credential, service: 'HTTP', host: 'localhost', channelBinding: undefined };
  const client = kerberosInitiator(input);
  const service = gssAcceptor({ keytab });
  const first = await client.step(undefined);
  await client.step((await service.step(first.token)).token);
  const envelope = megabyte(1).subarray(0, ENVELOPE);
  const rate = (work: () => void): number => {
    const start = process.hrtime.bigint();
    work();
    return (ENVELOPE * ENVELOPES) / 1e6 / (Number(process.hrtime.bigint() - start) / 1e9);
  };
  const sealing: number[] = [];
  const unsealing: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const all: SealedBytes[] = [];
    const sealed = rate(() => {
      for (let i = 0; i < ENVELOPES; i++) all.push(client.seal(envelope));
    });
    const unsealed = rate(() => {
      for (const each of all) {
        if (service.unseal(each).length !== ENVELOPE) throw new Error('bytes are missing');
      }
    });
    // The first run warms up.
    if (run === 0) continue;
    sealing.push(sealed);
    unsealing.push(unsealed);
  }
  client.close();
  service.close();
  for (const [what, rates] of [
    ['seal', sealing],
    ['unseal', unsealing],
  ] as const) {
    const found = median(rates);
    line(`Kerberos (GSS): ${what}`, `${found.toFixed(0)} MB/s`, found >= 80, '80 MB/s');
  }
}

const [keytab] = process.argv.slice(2);
if (keytab !== undefined && keytab.endsWith('.keytab')) await measure(keytab);
else {
  const ends: (() => unknown)[] = [];
  const realm = await startRealm({
    skip: (why) => report(`Kerberos (GSS): left out, ${why ?? ''}`),
    after: (end) => ends.push(end as () => unknown),
  });
  try {
    // The environment of Kerberos belongs to a whole process.
    if (realm !== undefined) {
      const args = ['--no-warnings', import.meta.filename, realm.keytab];
      const { status } = spawnSync(process.execPath, args, { env: realm.env, stdio: 'inherit' });
      if (status !== 0) process.exitCode = 1;
    }
  } finally {
    for (const end of ends) await end();
  }
}
