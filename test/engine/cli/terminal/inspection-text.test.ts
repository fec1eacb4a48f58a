import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DiskInspection } from '../../../../src/engine/api/guest/inspection.ts';
import { inspectionText } from '../../../../src/engine/cli/terminal/inspection-text.ts';

test('the contents of a disk fit into 80 columns, however long its names are', () => {
  const inspection: DiskInspection = {
    table: 'gpt',
    hybrid: true,
    sectorSize: 4096,
    size: 2 ** 46,
    partitions: [
      {
        number: 128,
        start: 0,
        length: 1023 * 2 ** 30,
        type: 'Microsoft reserved',
        name: 'a name of thirty-six characters, all of them',
        volume: {
          kind: 'dynamic',
          name: 'Windows dynamic disk',
          label: 'a label\nwith many characters and a line end',
          id: null,
          size: null,
          blockSize: null,
          dirty: null,
          encrypted: true,
          browsable: false,
        },
      },
    ],
    warnings: [],
  };
  const lines = inspectionText(inspection).split('\n');
  assert.equal(lines[0], 'GPT, hybrid, sectors of 4096 bytes');
  assert.equal(lines.length, 3);
  for (const line of lines) assert.ok(line.length <= 80, `${line.length}: ${line}`);
});
