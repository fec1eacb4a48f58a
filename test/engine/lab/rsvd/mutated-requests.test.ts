import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FSCTL, IOCTL } from '../../../../src/engine/net/smb/codec/files/ioctl.ts';
import { mutate, random } from '../../../support/smb/mutate.ts';
import { rawInput, rawRead, rawWrite } from '../../../support/rsvd/raw-tunnel.ts';
import { SET, sharedLab } from '../../../support/rsvd/shared-lab.ts';
import { readPcap } from '../../../support/smb/wire/pcap.ts';
import { assertInTime } from '../../../support/process/in-time.ts';

/** Requests; long runs set more. */
const ROUNDS = Number(process.env['REFPOINT_RSVD_REQUESTS'] ?? 400);
const SEED = Number(process.env['REFPOINT_RSVD_SEED'] ?? 1);

test('changed requests are answered with a status, and what is read stays right', async (t) => {
  const fixture = new URL('../../../support/smb/wire/rsvd-synthetic.pcap', import.meta.url);
  const requests = readPcap(readFileSync(fixture))
    .filter(({ from, bytes }) => from === 'client' && bytes.readUInt16LE(12) === 11)
    .map(({ bytes }) => IOCTL.decodeRequest(bytes))
    .filter(({ code }) => code === FSCTL.svhdxSync || code === FSCTL.svhdxAsync);
  assert.ok(requests.length >= 14);
  const lab = await sharedLab(t);
  const handle = await lab.handle(SET);
  const bytes = randomBytes(4096);
  assert.equal(await rawWrite(handle, 0, bytes), 0);
  const next = random(SEED);
  let refused = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const { input, code } = requests[next(requests.length)] as (typeof requests)[number];
    // The operation stays: an unknown one is refused at once.
    const changed = Buffer.concat([input.subarray(0, 4), mutate(input, next).subarray(4)]);
    const began = Date.now();
    const { smb, tunnel } = await rawInput(handle, changed, { most: 4096, control: code });
    if (smb !== 0 || tunnel !== 0) refused++;
    const took = Date.now() - began;
    assertInTime(took, 2000, `round ${round}, seed ${SEED}: ${changed.toString('hex')}`);
  }
  assert.ok(refused > ROUNDS / 20 && refused < ROUNDS, `${refused} of ${ROUNDS} refused`);
  const again = await lab.handle(SET);
  assert.ok((await rawRead(again, 0, 4096)).data.equals(bytes));
});
