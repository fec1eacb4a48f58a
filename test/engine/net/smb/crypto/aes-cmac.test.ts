import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AesCmac } from '../../../../../src/engine/net/smb/crypto/aes-cmac.ts';

const KEY = Buffer.from('2b7e151628aed2a6abf7158809cf4f3c', 'hex');
const TEXT = Buffer.from(
  '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51' +
    '30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
  'hex',
);

/** RFC 4493 section 4. */
const EXPECTED: readonly (readonly [length: number, mac: string])[] = [
  [0, 'bb1d6929e95937287fa37d129b756746'],
  [16, '070a16b46b4d4144f79bdd9dd04a287c'],
  [40, 'dfa66747de9ae63030ca32611497c827'],
  [64, '51f0bebf7e3b9d92fc49741779363cfe'],
];

test('the vectors of RFC 4493 come out, in one piece and in pieces of every length', () => {
  const cmac = new AesCmac(KEY);
  for (const [length, mac] of EXPECTED) {
    const message = TEXT.subarray(0, length);
    assert.equal(cmac.digest([message]).toString('hex'), mac);
    for (let size = 1; size <= 20; size++) {
      const pieces: Buffer[] = [];
      for (let at = 0; at < length; at += size) pieces.push(message.subarray(at, at + size));
      assert.equal(cmac.digest(pieces).toString('hex'), mac, `pieces of ${size}`);
    }
  }
});
