import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { formatProbe, runProbe } from '../../scripts/probe/run-probe.ts';
import { hostLab } from '../support/windows/host-lab.ts';

const FOLDER = 'C:\\Lab';

test('the probe asks every question, removes its disks, and notices a wrong answer', async (t) => {
  const lab = await hostLab(t);
  if (lab === undefined) return;
  // The folder of the host exists with its first VM.
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 2 ** 20 }] });
  const sound = await runProbe(FOLDER);
  const about = (probe: typeof sound, id: string): string => {
    const found = probe.asked.find(({ question }) => question.id === id);
    return `${found?.failed ? 'failed: ' : ''}${found?.contradicts ? 'contradicts: ' : ''}${found?.text}`;
  };
  t.diagnostic(formatProbe(sound));
  assert.deepEqual(
    sound.asked
      .filter(({ failed, contradicts }) => failed || contradicts)
      .map(({ text, question }) => `${question.id}: ${text}`),
    [],
  );
  assert.match(about(sound, 'ids'), /^rctX:…/);
  assert.match(about(sound, 'vss writer'), /^components 2, excludes 1; captions/);
  assert.match(about(sound, 'diskshadow'), /^fails: ENOENT/);
  assert.match(about(sound, 'changed outside'), /^virtdisk\.tracking\./);
  assert.deepEqual(
    readdirSync(FOLDER).filter((name) => name.startsWith('refpoint-probe')),
    [],
  );
  await lab.fault('virtdisk.bytes');
  const wrong = await runProbe(FOLDER);
  assert.equal(about(wrong, 'same bytes'), 'contradicts: different bytes');
  assert.match(formatProbe(wrong), /different bytes \| EXPECTED: the same bytes \|/);
});
