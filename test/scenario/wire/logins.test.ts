import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { peer } from '../../support/process/peers.ts';
import { afterwards } from '../../support/checks/afterwards.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { startRealm, USER } from '../../support/kerberos/realm.ts';
import { refpoint, refpointJson, startLabProcess } from '../../support/process/command.ts';

// The programs run as processes of their own: the environment of Kerberos belongs to a whole process.

const IDENTIFY =
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body><i:Identify/></s:Body></s:Envelope>';

interface Backup {
  readonly point: string;
  readonly warnings: readonly { readonly code: string }[];
}

interface Restored {
  readonly disks: readonly { readonly file: string }[];
}

interface Tested {
  readonly mechanism: string;
  readonly sealed: boolean;
  readonly findings: readonly { readonly code: string; readonly message: string }[];
}

interface Line {
  readonly http: string;
  readonly https: string;
  readonly user: string;
  readonly caFile: string;
}

/** An 8 MiB disk with something in it. */
async function diskImage(folder: string): Promise<string> {
  const disk = Buffer.alloc(8 * 2 ** 20);
  for (let at = 0; at < disk.length; at += 70_001) disk.write(`block ${at}`, at);
  const file = join(folder, 'disk.raw');
  await writeFile(file, disk);
  return file;
}

/** @param users principals of the realm that have an account on the lab. */
async function labWithRealm(t: TestContext, users: readonly string[] = [USER.name]) {
  const realm = await startRealm(t);
  if (realm === undefined) return undefined;
  const folder = await temporaryFolder(t);
  const login = [
    '--auth',
    'negotiate,kerberos,basic',
    '--keytab',
    realm.keytab,
    ...users.flatMap((user) => ['--kerberos-user', user]),
  ];
  // The lab reads the replay cache of the realm, too.
  const kerberos = Object.fromEntries(
    Object.entries(realm.env).filter(
      (entry): entry is [string, string] => entry[0].startsWith('KRB5') && entry[1] !== undefined,
    ),
  );
  const before = { ...process.env };
  Object.assign(process.env, kerberos);
  const lab = await startLabProcess(join(folder, 'lab'), [...login, '--https-port', '0']);
  for (const name of Object.keys(kerberos)) {
    if (before[name] === undefined) delete process.env[name];
  }
  afterwards(t, () => lab.stop());
  const image = await diskImage(folder);
  await refpointJson(['lab', 'add-vm', '--dir', lab.dir, '--name', 'web', '--image', image]);
  return { realm, folder, lab, line: lab.line as Line, kerberos };
}

test('a backup over NTLM, over Kerberos with a password and with a ticket, and over Basic with TLS gives one result', async (t) => {
  const made = await labWithRealm(t);
  if (made === undefined) return;
  const { realm, folder, lab, line, kerberos } = made;
  const named = line.http.replace('127.0.0.1', 'localhost');
  const account = ['--user', line.user];
  const principal = { ...kerberos, REFPOINT_PASSWORD: USER.password };
  realm.kinit();
  const ways = [
    ['ntlm', true, ['--host', line.http, '--auth', 'ntlm', ...account], lab.env],
    ['kerberos', true, ['--host', named, '--auth', 'kerberos', '--user', USER.name], principal],
    [
      'kerberos',
      false,
      [
        '--host',
        line.https.replace('127.0.0.1', 'localhost'),
        '--ca',
        line.caFile,
        '--auth',
        'kerberos',
      ],
      kerberos,
    ],
    [
      'ntlm',
      false,
      ['--host', line.https, '--ca', line.caFile, '--auth', 'ntlm', ...account],
      lab.env,
    ],
    [
      'basic',
      false,
      ['--host', line.https, '--ca', line.caFile, '--auth', 'basic', ...account],
      lab.env,
    ],
  ] as const;
  const image = await readFile(join(folder, 'disk.raw'));
  for (const [at, [mechanism, sealed, host, env]] of ways.entries()) {
    const tested = await refpointJson<Tested>(['host', 'test', ...host], { env });
    assert.deepEqual([tested.mechanism, tested.sealed], [mechanism, sealed], host.join(' '));
    assert.deepEqual(
      tested.findings.map(({ code }) => code),
      ['host.lab'],
    );
    const store = join(folder, `store-${at}`);
    const args = [
      'backup',
      'web',
      '--store',
      store,
      '--kind',
      'full',
      ...host,
      ...lab.pathMapOptions,
    ];
    const done = await refpointJson<Backup>(args, { env });
    assert.deepEqual(done.warnings, []);
    const to = join(folder, `restored-${at}`);
    const point = ['--store', store, '--vm', 'web', '--point', done.point];
    const { disks } = await refpointJson<Restored>([
      'restore',
      ...point,
      '--to',
      to,
      '--format',
      'raw',
    ]);
    assert.ok((await readFile(disks[0]?.file ?? '')).equals(image), host.join(' '));
  }
});

test('curl logs in with the ticket: Negotiate over HTTPS, and a wrong service gets nothing', async (t) => {
  const curl = peer(t, 'curl');
  const made = curl === undefined ? undefined : await labWithRealm(t);
  if (made === undefined || curl === undefined) return;
  const { realm, line } = made;
  realm.kinit();
  const ask = (url: string): string =>
    execFileSync(
      curl,
      [
        ...['--silent', '--noproxy', '*', '--cacert', line.caFile, '--negotiate', '--user', ':'],
        ...['--write-out', ' %{http_code}', '--header', 'Content-Type: application/soap+xml'],
        ...['--data-binary', IDENTIFY, `${url}/wsman`],
      ],
      { env: realm.env, encoding: 'utf8' },
    );
  assert.match(ask(line.https.replace('127.0.0.1', 'localhost')), /OS: 10\.0.* 200$/s);
  assert.match(ask(line.https), /^ 401$/, 'no service has an address for its name');
});

test('Kerberos that is not possible is an error with its reason if it was chosen, and a warning if NTLM follows it', async (t) => {
  const made = await labWithRealm(t);
  if (made === undefined) return;
  const { folder, lab, line, kerberos } = made;
  const named = line.http.replace('127.0.0.1', 'localhost');
  const test = (args: readonly string[], env: Readonly<Record<string, string>>) =>
    refpoint(['host', 'test', '--json', ...args], { env });
  const wrong = await test(['--host', named, '--auth', 'kerberos', '--user', USER.name], {
    ...kerberos,
    REFPOINT_PASSWORD: 'not-his-word',
  });
  assert.notEqual(wrong.status, 0);
  assert.match(wrong.stderr + wrong.stdout, /http\.auth\.failed/);
  assert.doesNotMatch(wrong.stderr + wrong.stdout, /not-his-word|NTLM/);
  const none = await test(['--host', named, '--auth', 'kerberos'], kerberos);
  assert.match(none.stderr + none.stdout, /http\.auth\.noTicket/);
  const address = await test(['--host', line.http, '--auth', 'kerberos'], kerberos);
  assert.match(address.stderr + address.stdout, /http\.auth\.spn/);
  const local = await test(['--host', named, '--auth', 'kerberos', '--user', `.\\${line.user}`], {
    ...kerberos,
    ...lab.env,
  });
  assert.match(local.stderr + local.stdout, /http\.auth\.mechanism/);

  // An address that leads here and is not a loopback address: there is no service name for it.
  const other = line.http.replace('127.0.0.1', '0.0.0.0');
  const account = ['--host', other, '--user', line.user];
  const tested = await refpointJson<Tested>(['host', 'test', ...account], { env: lab.env });
  assert.deepEqual([tested.mechanism, tested.sealed], ['ntlm', true]);
  const fallback = tested.findings.find(({ code }) => code === 'host.ntlmFallback');
  assert.match(fallback?.message ?? '', /Kerberos needs the name of the host/);
  const store = join(folder, 'store');
  const done = await refpointJson<Backup>(
    ['backup', 'web', '--store', store, ...account, ...lab.pathMapOptions],
    { env: lab.env },
  );
  assert.deepEqual(
    done.warnings.map(({ code }) => code),
    ['host.ntlmFallback'],
  );
  const forbidden = await test([...account, '--no-ntlm-fallback'], lab.env);
  assert.notEqual(forbidden.status, 0);
  assert.match(forbidden.stderr + forbidden.stdout, /http\.auth\.spn/);
  assert.match(
    forbidden.stderr + forbidden.stdout,
    /NTLM is forbidden for this login\. NTLM is tried without --no-ntlm-fallback/,
  );
  const plain = await test([...account, '--auth', 'basic'], lab.env);
  assert.match(plain.stderr + plain.stdout, /http\.auth\.plain/);
});

test('a principal of the realm that has no account on the host is refused, with its password and with its ticket', async (t) => {
  // The realm vouches for it in both labs; the second knows another principal only.
  for (const users of [[], ['somebody@OTHER.TEST']]) {
    const made = await labWithRealm(t, users);
    if (made === undefined) return;
    const { realm, line, kerberos } = made;
    const host = ['--host', line.http.replace('127.0.0.1', 'localhost'), '--auth', 'kerberos'];
    const password = { ...kerberos, REFPOINT_PASSWORD: USER.password };
    realm.kinit();
    for (const [login, env] of [
      [['--user', USER.name], password],
      [[], kerberos],
    ] as const) {
      const run = await refpoint(['host', 'test', '--json', ...host, ...login], { env });
      assert.equal(run.status, 3, run.stdout);
      assert.match(run.stderr + run.stdout, /http\.auth\.failed/);
    }
  }
});
