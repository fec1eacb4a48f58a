/** Sealing and unsealing with NTLM, in envelopes of a size that hosts send. */
import { Sealing } from '../src/engine/net/auth/ntlm/sealing.ts';
import { combineFlags } from '../src/engine/net/auth/ntlm/messages/flags.ts';
import { messageKeys } from '../src/engine/net/auth/ntlm/keys/message-keys.ts';
import { line } from './bounds.ts';
import { median, megabyte } from './measure.ts';

/** Half of what Windows allows an envelope to have. */
const ENVELOPE = 256 * 1024;
const ENVELOPES = 400;
const RUNS = 5;

const key = Buffer.alloc(16, 0x5a);
const up = messageKeys(key, combineFlags('key128'), 'client-to-server');
const down = messageKeys(key, combineFlags('key128'), 'server-to-client');

/** Returns the megabytes of one second in which each byte was both sealed and unsealed. */
function both(): number {
  const client = new Sealing({ ...up }, { ...down }, true);
  const server = new Sealing({ ...down }, { ...up }, true);
  const envelope = megabyte(1).subarray(0, ENVELOPE);
  const start = process.hrtime.bigint();
  for (let i = 0; i < ENVELOPES; i++) {
    if (server.unseal(client.seal(envelope)).length !== ENVELOPE)
      throw new Error('bytes are missing');
  }
  return (ENVELOPE * ENVELOPES) / 1e6 / (Number(process.hrtime.bigint() - start) / 1e9);
}

both();
const rates = Array.from({ length: RUNS }, both);
const rate = median(rates);
line(
  'NTLM: seal and unseal, one after the other',
  `${rate.toFixed(0)} MB/s`,
  rate >= 60,
  '60 MB/s',
);
