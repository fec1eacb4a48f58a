import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { readCertificate } from '../../../../src/engine/net/http/read-certificate.ts';
import { wsmanUrl } from '../../../../src/engine/net/wsman/address.ts';

test('the certificate of port 443 is read there, although addresses drop that port', async () => {
  // Nothing listens at this address, whose refusal names the port.
  const reading = readCertificate(wsmanUrl('https://127.0.0.1:443'), 5, never);
  await assert.rejects(reading, (error: Error) => {
    assert.equal((error.cause as { port?: number }).port, 443);
    return true;
  });
});
