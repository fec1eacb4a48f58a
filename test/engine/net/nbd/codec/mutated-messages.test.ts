import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import {
  decodeBlockStatus,
  decodeDataHead,
  decodeError,
  decodeHole,
  encodeBlockStatus,
  encodeDataHead,
  encodeError,
  encodeHole,
} from '../../../../../src/engine/net/nbd/codec/chunks.ts';
import {
  decodeClientFlags,
  decodeHello,
  decodeOption,
  decodeOptionReply,
  encodeClientFlags,
  encodeHello,
  encodeOption,
  encodeOptionReply,
} from '../../../../../src/engine/net/nbd/codec/handshake.ts';
import {
  decodeExportInfo,
  decodeMetaContext,
  encodeExportInfo,
  encodeMetaContext,
} from '../../../../../src/engine/net/nbd/codec/option-answers.ts';
import {
  decodeContextQuestion,
  decodeExportName,
  decodeExportQuestion,
  encodeContextQuestion,
  encodeExportQuestion,
} from '../../../../../src/engine/net/nbd/codec/option-data.ts';
import {
  decodeReplyStart,
  encodeSimpleReply,
} from '../../../../../src/engine/net/nbd/codec/reply.ts';
import { decodeRequest, encodeRequest } from '../../../../../src/engine/net/nbd/codec/request.ts';
import { generator } from '../../../../support/files/crash-recorder.ts';
import { SEED as USUAL_SEED } from '../../../../support/process/all-cases.ts';

const RUNS = Number(process.env['REFPOINT_FUZZ_RUNS'] ?? 2000);
const SEED = Number(process.env['REFPOINT_FUZZ_SEED'] ?? USUAL_SEED);

const request = { flags: 0, command: 0, handle: 5n, offset: 512n, length: 4096 };
const descriptors = [
  { length: 512, status: 0 },
  { length: 4096, status: 3 },
];

/** Each message of the protocol: a sound one, and its decoder. */
const MESSAGES: Readonly<Record<string, readonly [Uint8Array, (bytes: Uint8Array) => unknown]>> = {
  hello: [encodeHello(3), decodeHello],
  clientFlags: [encodeClientFlags(3), decodeClientFlags],
  option: [encodeOption(7, new Uint8Array(4)), decodeOption],
  optionReply: [encodeOptionReply(7, 1, new Uint8Array(4)), (bytes) => decodeOptionReply(bytes, 7)],
  exportQuestion: [encodeExportQuestion({ name: 'disk', infos: [3] }), decodeExportQuestion],
  contextQuestion: [
    encodeContextQuestion({ name: 'disk', queries: ['base:allocation'] }),
    decodeContextQuestion,
  ],
  exportName: [Buffer.from('disk'), decodeExportName],
  exportInfo: [encodeExportInfo({ size: 2 ** 30, flags: 1 }), decodeExportInfo],
  metaContext: [encodeMetaContext({ id: 1, name: 'base:allocation' }), decodeMetaContext],
  request: [encodeRequest(request), decodeRequest],
  reply: [encodeSimpleReply(5n, 0), decodeReplyStart],
  dataHead: [encodeDataHead(512), decodeDataHead],
  hole: [encodeHole(512, 4096), decodeHole],
  blockStatus: [encodeBlockStatus(1, descriptors), (bytes) => decodeBlockStatus(bytes, 1)],
  error: [encodeError(5, 'broken', 512), decodeError],
};

test(`damaged messages are decoded or refused with a code (REFPOINT_FUZZ_SEED=${SEED})`, () => {
  const random = generator(SEED);
  const refused = new Set<string>();
  for (const [name, [sound, decode]] of Object.entries(MESSAGES)) {
    decode(sound);
    for (let run = 0; run < RUNS; run++) {
      const bytes = new Uint8Array(sound);
      for (let n = 0; n <= random() * 3; n++) {
        const values = [0, 1, 0x7f, 0x80, 0xff, Math.floor(random() * 256)];
        bytes[Math.floor(random() * bytes.length)] = values[Math.floor(random() * 6)] as number;
      }
      const end = random() < 0.3 ? Math.floor(random() * bytes.length) : bytes.length;
      try {
        decode(bytes.subarray(0, end));
      } catch (error) {
        assert.ok(isEngineError(error, 'nbd.answer', 'nbd.request'), `${name}: ${String(error)}`);
        refused.add(name);
      }
    }
  }
  assert.deepEqual([...refused], Object.keys(MESSAGES));
});
