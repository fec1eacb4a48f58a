import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../../support/checks/properties.ts';
import { MAX_LOG } from '../../../../src/engine/vss/diskshadow/log-text.ts';
import { readDiskshadowLog, readJobLog } from '../../../../src/engine/vss/diskshadow/read-log.ts';
import { hasFailed } from '../../../../src/engine/vss/model.ts';
import {
  componentLines,
  createLog,
  DEVICE,
  LANGUAGES,
  OTHER_SHADOW,
  PROVIDER,
  SET,
  SHADOW,
  shadowLines,
  VOLUME,
} from './logs.ts';

const read = (text: string): ReturnType<typeof readDiskshadowLog> =>
  readDiskshadowLog(Buffer.from(text, 'utf8'), 'x.log');

for (const language of Object.keys(LANGUAGES)) {
  test(`set, alias, volume and device are read of a log in ${language}`, () => {
    const expected = {
      ...{ id: SHADOW, set: SET, alias: 'RPV1', volume: VOLUME, device: DEVICE },
      ...{ noWriters: false, persistent: true },
    };
    const text = createLog(language);
    for (const bytes of [
      Buffer.from(text, 'utf8'),
      Buffer.from(`\ufeff${text}`, 'utf16le'),
      Buffer.from(text.replaceAll('\r\n', '\n'), 'latin1'),
    ]) {
      const log = readDiskshadowLog(bytes, 'x.log');
      assert.deepEqual(log.shadows, [expected]);
      assert.equal(log.set, SET);
      assert.deepEqual([log.hresults, log.writers, log.failedCalls], [[], [], []]);
    }
  });
}

test('a copy without writers is seen, and a foreign one has no alias', () => {
  const words = LANGUAGES['chinese'] as (typeof LANGUAGES)[string];
  const foreign = { alias: '', id: OTHER_SHADOW, set: '00000000-0000-0000-0000-0000000000aa' };
  const attributes = 'No_Auto_Release Persistent No_Writers Differential';
  const log = read(
    [...createLog('english').split('\r\n'), '-> list shadows all', '']
      .concat(shadowLines(words), shadowLines(words, { ...foreign, attributes }))
      .join('\r\n'),
  );
  assert.deepEqual(
    log.shadows.map(({ id, alias, set, noWriters }) => ({ id, alias, set, noWriters })),
    [
      { id: SHADOW, alias: 'RPV1', set: SET, noWriters: false },
      { id: OTHER_SHADOW, alias: null, set: foreign.set, noWriters: true },
    ],
  );
  assert.equal(log.set, SET, 'the set of the script, not the foreign one');
});

test('components that take part are read in each language, and excluded ones are not', () => {
  const vms = ['2B91FEB3-F1E0-4FFF-B8BE-29CED892A95A', '7D29A1C1-6F0A-4B7A-9D0E-3F4A5B6C7D8E'];
  for (const [language, words] of Object.entries(LANGUAGES)) {
    const text = [...componentLines(words, vms), ...createLog(language).split('\r\n')].join('\r\n');
    const log = read(text);
    assert.deepEqual(log.components, [`Volume{${PROVIDER}}`, ...vms], language);
    assert.equal(log.shadows.length, 1);
    assert.equal(log.set, SET);
    assert.deepEqual(log.writers, []);
  }
  assert.deepEqual(read(createLog('english')).components, []);
});

test('failures are read with 0x and without, each once, and calls without a number', () => {
  const log = read(
    [
      '-> create',
      'COM call "(*vssObject)->InitializeForBackup" failed.',
      'Fehler. HRESULT zurückgegeben: 80042306',
      '- Returned HRESULT: 80042306',
      'The writer failed (0x800423F3).',
      'A shadow copy 12345678 and 0x00000000 (S_OK) are no failures.',
    ].join('\n'),
  );
  assert.deepEqual(log.hresults, [0x80042306, 0x800423f3]);
  assert.deepEqual(log.failedCalls, ['(*vssObject)->InitializeForBackup']);
});

test('writers are read with state and failure', () => {
  const writer = (name: string, status: string, failure: string): string[] => [
    `* WRITER "${name}"`,
    `\t- Status: ${status}`,
    `\t- Writer Failure code: ${failure}`,
    `\t- Writer ID: {${SHADOW}}`,
    `\t- Instance ID: {${SET}}`,
    '',
  ];
  const log = read(
    [
      '-> list writers status',
      ...writer('A', '5 (VSS_WS_WAITING_FOR_BACKUP_COMPLETE)', '0x00000000 (S_OK)'),
      ...writer('B "quoted"', '8 (VSS_WS_FAILED_AT_PREPARE_SNAPSHOT)', '0x800423f4 (VSS_E)'),
    ].join('\r\n'),
  );
  const [a, b] = log.writers;
  assert.equal(a && hasFailed(a), false);
  assert.deepEqual([a?.writer, a?.instance], [SHADOW, SET]);
  assert.deepEqual([b?.state, b?.failure, b && hasFailed(b)], [8, 0x800423f4, true]);
});

test("a job's log that ends in diskshadow's greeting tells nothing, not even that it is another file", () => {
  for (const text of ['', 'Micros', 'Microsoft DiskShadow version 1.0\r\nCopyright (C)']) {
    assert.equal(readJobLog(Buffer.from(text)), null);
  }
  assert.equal(readJobLog(Buffer.from(createLog('english')))?.set, SET);
});

test('another file is refused with its first line, and so is a huge one', () => {
  for (const text of ['', 'Hello', '{"json": true}\n'.repeat(50)]) {
    assert.throws(() => read(text), {
      code: 'vss.log',
      message: 'x.log is not a log of diskshadow',
    });
  }
  assert.throws(() => readDiskshadowLog(Buffer.alloc(MAX_LOG + 1), 'x.log'), /has 16777217 bytes/);
});

/** Reads a log; undefined if it is refused as a log. */
function tryRead(text: string): ReturnType<typeof read> | undefined {
  try {
    return read(text);
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'vss.log');
    return undefined;
  }
}

test('any bytes are read or refused, within a bounded time', () => {
  const piece = fc.constantFrom(
    ...createLog('english').split(/(?<=[\r\n{}%*])/),
    ...[
      '{',
      '%',
      '* ',
      '\t+ ',
      '\\',
      '-> ',
      'HRESULT',
      '0x8004',
      '\0',
      '\\\\?\\Volume{',
      '(VSS_WS_',
    ],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
      const log = tryRead(pieces.join(''));
      assert.ok((log?.shadows.length ?? 0) <= pieces.length);
    }),
    { numRuns: 300 },
  );
  // Patterns do not go back over a long line again and again.
  const began = process.cpuUsage().user;
  for (const text of ['* {', '%', '\t+ \\ ', 'HRESULT ', '\\\\?\\', 'COM call "', '* WRITER "']) {
    tryRead(text.repeat(1_000_000));
  }
  assert.ok(process.cpuUsage().user - began < 5_000_000);
});
