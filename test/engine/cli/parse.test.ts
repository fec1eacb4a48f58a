import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { allCommands, commandsOf } from '../../../src/engine/cli/commands.ts';
import { VERSION } from '../../../src/engine/base/version.ts';
import { runCli } from '../../support/process/cli-io.ts';

test('lists every command of the contract, in 80 columns', async () => {
  const { status, out } = await runCli(['--help']);
  assert.equal(status, 0);
  const contract = [
    ...[
      'disk info',
      'disk map',
      'disk compare',
      'disk hash',
      'disk read',
      'host test',
      'vm list',
      'vm show',
    ],
    ...[
      'point create',
      'point list',
      'point remove',
      'changes',
      'export',
      'backup',
      'clean',
      'store show',
    ],
    ...[
      'restore',
      'verify',
      'lab start',
      'lab add-vm',
      'lab write',
      'lab fault',
      'lab checkpoint',
      'lab resize',
    ],
    ...['lab replace', 'lab reference-point', 'demo'],
  ];
  for (const name of contract) assert.match(out, new RegExp(`^  ${name} `, 'm'), name);
  for (const line of out.split('\n')) assert.ok(Array.from(line).length <= 80, line);
});

test('each command has help that fits 80 columns and names all its options', async () => {
  const commands = await allCommands();
  assert.ok(commands.length >= 27);
  for (const command of commands) {
    const { status, out } = await runCli([...command.name.split(' '), '--help']);
    assert.equal(status, 0);
    assert.match(out, new RegExp(`^refpoint ${command.name}`));
    for (const line of out.split('\n')) assert.ok(Array.from(line).length <= 80, line);
    for (const name of Object.keys(command.options)) assert.ok(out.includes(`--${name}`), name);
  }
});

test('a command is found among those of its area, without the code of the others', async () => {
  const all = await allCommands();
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
  for (const { name } of all) {
    const own = await commandsOf(name.split(' ')[0] ?? '');
    assert.ok(own.length < all.length, name);
    assert.ok(
      own.some((each) => each.name === name),
      name,
    );
  }
});

test('help with the name of a command or a group shows that one', async () => {
  for (const name of [['disk', 'convert'], ['disk'], ['backup']]) {
    const { status, out } = await runCli(['help', ...name]);
    assert.equal(status, 0);
    assert.equal(out, (await runCli([...name, '--help'])).out);
  }
  const { status, err } = await runCli(['help', 'disk', 'convrt']);
  assert.equal(status, 2);
  assert.match(err, /Did you mean “disk convert”/);
  assert.equal((await runCli(['help', '--help'])).out, (await runCli(['--help'])).out);
});

test('the help of backup reads as it should', async () => {
  const { out } = await runCli(['backup', '--help']);
  assert.match(out, /^refpoint backup VM… \[OPTIONS\]\n\nBacks up VMs into a store/);
  assert.match(
    out,
    /--max-chain N +Maximum number of images in a chain; the next is a\n +full\. Default 60\./,
  );
});

test('wrong usage ends with 2 and says what was meant', async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['disk', 'inof', 'x'], /Did you mean “disk info”/],
    [['frobnicate'], /Unknown command “frobnicate”/],
    [['disk', 'info'], /IMAGE is missing/],
    [['disk', 'info', 'a', 'b'], /Unexpected argument “b”/],
    [['disk', 'info', 'a', '--jsno'], /Unknown option --jsno.*Did you mean --json/],
    [
      ['backup', 'vm', '--store', 's', '--host', 'http://localhost:1', '--kind', 'half'],
      /Invalid value “half” of --kind: expected auto, full, incremental/,
    ],
    [
      ['disk', 'read', 'a', '--offset', '1.5G', '--format', 'vmdk'],
      /Invalid value “vmdk” of --format/,
    ],
    [
      ['disk', 'read', 'package.json', '--offset', '-1'],
      /Invalid value “-1” of --offset: expected a number of bytes/,
    ],
    [
      ['disk', 'read', 'package.json', '--length', '-.5K'],
      /Invalid value “-.5K” of --length: expected a number of bytes/,
    ],
    [
      ['lab', 'start', '--dir', 'x', '--http-port', '-1'],
      /Invalid value “-1” of --http-port: expected a whole number/,
    ],
    [
      ['disk', 'read', 'a', '--offset', '--length', '4'],
      /^--offset requires a value \(N\); for the value “--length”, write --offset=--length\./,
    ],
    [
      ['disk', 'read', 'a', '--offset'],
      /^--offset requires a value \(N\), but it is the last word\./,
    ],
    [['disk', 'info', 'a', '--json=yes'], /^--json takes no value\./],
    [['disk', 'info', 'a', '--', '--json'], /^Unexpected argument “--json”/],
    [['vm', 'list'], /--host \(or REFPOINT_HOST\) is required/],
    [['lab', 'add-vm', '--dir', 'x', '--name', 'y'], /--image FILE, --size N or --sample/],
    [['disk', 'info', 'a', '--log-level', 'loud'], /Invalid value “loud” of --log-level/],
  ];
  for (const [words, text] of cases) {
    const { status, err, out } = await runCli(words);
    assert.equal(status, 2, words.join(' '));
    assert.match(err, text);
    assert.equal(out, '', 'nothing on stdout');
  }
});

test('changes in two forms at once are wrong usage, before any host is asked', async () => {
  const changes = ['changes', 'web', '--disk', '0', '--since', 'x', '--host', 'http://127.0.0.1:9'];
  for (const forms of [
    ['--csv', '--json'],
    ['--csv', '--ndjson'],
    ['--json', '--ndjson'],
  ]) {
    const { status, out, err } = await runCli([...changes, ...forms]);
    assert.equal(status, 2);
    assert.match(out + err, new RegExp(`Give one of ${forms.join(', ')}`));
  }
});

test('no command at all shows the help and ends with 2', async () => {
  const { status, out } = await runCli([]);
  assert.equal(status, 2);
  assert.match(out, /refpoint COMMAND/);
});

test('errors with --json are one document on stdout', async () => {
  const { status, out } = await runCli(['disk', 'info', 'no-such-file.vhdx', '--json']);
  assert.equal(status, 3);
  const { error } = JSON.parse(out) as { error: Record<string, unknown> };
  assert.equal(error['code'], 'source.notFound');
  assert.equal(error['userFixable'], true);
  assert.match(String(error['message']), /no-such-file\.vhdx/);
});

test('an error for people is a sentence and its code, without a stack', async () => {
  const { status, err } = await runCli(['disk', 'info', 'no-such-file.vhdx']);
  assert.equal(status, 3);
  assert.match(err, /no-such-file\.vhdx.*\.\n\(source\.notFound\)\n$/s);
  assert.doesNotMatch(err, /\bat .*\.ts:/);
});

test('an interrupted command ends with 130', async () => {
  const abort = new AbortController();
  abort.abort();
  const { status, err } = await runCli(['disk', 'hash', 'package.json', '--format', 'raw'], {
    signal: abort.signal,
  });
  assert.equal(status, 130);
  assert.equal(err, 'Interrupted.\n');
});

test('an interrupted command with --json ends with 130 and one document', async () => {
  const words = ['disk', 'hash', 'package.json', '--format', 'raw', '--json'];
  const { status, out, err } = await runCli(words, { signal: AbortSignal.abort() });
  assert.equal(status, 130);
  assert.deepEqual(JSON.parse(out), {
    error: { code: 'interrupted', message: 'Interrupted', data: {}, userFixable: false },
  });
  assert.equal(err, '');
});

test('says its version, which is that of the package', async () => {
  const pack = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  assert.equal(VERSION, pack.version);
  assert.equal((await runCli(['--version'])).out, `${VERSION}\n`);
});

test('suggests only what is near', async () => {
  assert.match((await runCli(['bakcup'])).err, /Did you mean “backup”\?/);
  assert.match((await runCli(['xyz'])).err, /Unknown command “xyz”\. See refpoint --help/);
});
