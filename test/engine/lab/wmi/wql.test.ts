import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClassTable } from '../../../../src/engine/lab/wmi/class-table.ts';
import { evaluateWql } from '../../../../src/engine/lab/wmi/wql-evaluate.ts';
import { parseWql } from '../../../../src/engine/lab/wmi/wql-parser.ts';
import { SmallRepository, VM_ID } from '../../../support/host/small-repository.ts';

const classes = new ClassTable(new SmallRepository(3));

/** Element names of the virtual machines that a condition selects. */
function select(where: string): string[] {
  const rows = evaluateWql(classes, parseWql(`SELECT * FROM Msvm_ComputerSystem WHERE ${where}`));
  return Array.from(rows, (row) => row.properties.get('ElementName') as string);
}

/** Backslashes of a WQL literal are doubled. */
const PATH = String.raw`\\\\LAB01\\root\\virtualization\\v2:Msvm_ComputerSystem`;
const EXTRA = ['extra 0', 'extra 1', 'extra 2'];
const SELECTIONS: readonly (readonly [where: string, names: readonly string[]])[] = [
  ["ElementName = 'EXTRA 1'", ['extra 1']],
  ['elementname="extra 1"', ['extra 1']],
  ["ElementName LIKE 'extra%'", EXTRA],
  ["ElementName LIKE 'extra _'", EXTRA],
  ["ElementName LIKE 'extra [0-1]'", ['extra 0', 'extra 1']],
  ["ElementName LIKE 'extra [^0]'", ['extra 1', 'extra 2']],
  ["ElementName LIKE 'extr'", []],
  ["ElementName LIKE '%.%'", []],
  ["ElementName <> 'LAB01' AND NOT ElementName LIKE 'extra%'", ['web & <db>']],
  ["ElementName = 'extra 0' OR ElementName = 'extra 2' AND Replica = TRUE", ['extra 0']],
  ["(ElementName = 'extra 0' OR ElementName = 'LAB01') AND Description IS NULL", ['extra 0']],
  ['Description IS NOT NULL', ['LAB01']],
  ['Replica = true', ['web & <db>']],
  [
    'EnabledState >= 2 AND EnabledState < 3 AND EnabledState != 1',
    ['web & <db>', 'LAB01', ...EXTRA],
  ],
  ['EnabledState > 2 OR EnabledState <= 1', []],
  ['OnTimeInMilliseconds > 9007199254740993', ['web & <db>']],
  ['InstallDate = "x"', []],
  ['OperationalStatus = 2', []],
  [`Name = '${VM_ID.toLowerCase()}'`, ['web & <db>']],
  // libvirt tells the host from its VMs so.
  ['Name = __SERVER', ['LAB01']],
  ['Name != __SERVER', ['web & <db>', ...EXTRA]],
  ["__SERVER = 'lab01' AND ElementName = 'extra 0'", ['extra 0']],
  ["__CLASS = 'Msvm_ComputerSystem' AND Replica = TRUE", ['web & <db>']],
  ["__CLASS = 'CIM_ComputerSystem'", []],
  ["__THIS ISA 'CIM_ComputerSystem' AND Replica = TRUE", ['web & <db>']],
  ["__THIS ISA 'Msvm_Service'", []],
  [`__PATH = '${PATH}.CreationClassName="Msvm_ComputerSystem",Name="${VM_ID}"'`, ['web & <db>']],
  [`__PATH = '${PATH}.Name="${VM_ID}",CreationClassName="Msvm_ComputerSystem"'`, ['web & <db>']],
  [`__PATH = '${PATH}.Name="${VM_ID}"'`, []],
  [
    `__PATH = '${PATH.replace('LAB01', '.')}.CreationClassName="Msvm_ComputerSystem",Name="${VM_ID}"'`,
    [],
  ],
  ["2 = EnabledState AND ElementName = 'extra 0'", ['extra 0']],
  ["InstallDate > '20260301000000.000000+000'", ['web & <db>']],
  ["InstallDate > '20260302101536.684240+120'", []],
  ["InstallDate >= '20260302101536.684240+120'", ['web & <db>']],
];
for (const [where, names] of SELECTIONS) {
  test(`WHERE ${where} selects ${names.length}`, () => {
    assert.deepEqual(select(where), names);
  });
}

const WRONG: readonly string[] = [
  '',
  'SELECT',
  'SELECT * FROM',
  'SELECT * FROM Msvm_Nothing',
  "SELECT * FROM 'Msvm_ComputerSystem'",
  'SELECT * FROM Msvm_ComputerSystem WHERE',
  'SELECT * FROM Msvm_ComputerSystem WHERE Colour = 1',
  'SELECT Colour FROM Msvm_ComputerSystem',
  "SELECT * FROM Msvm_ComputerSystem WHERE Name = 'open",
  'SELECT * FROM Msvm_ComputerSystem WHERE Name = Name',
  'SELECT * FROM Msvm_ComputerSystem WHERE Name IS 1',
  'SELECT * FROM Msvm_ComputerSystem WHERE (Name = 1',
  'SELECT * FROM Msvm_ComputerSystem WHERE Name = 1 Name = 2',
  'SELECT * FROM Msvm_ComputerSystem ORDER BY Name',
  "SELECT * FROM Msvm_ComputerSystem WHERE Name LIKE '[z-a]'",
  `SELECT * FROM Msvm_ComputerSystem WHERE ${'('.repeat(1000)}Name = 1`,
  `SELECT * FROM Msvm_ComputerSystem WHERE ${'NOT '.repeat(1000)}Name = 1`,
  `SELECT * FROM Msvm_ComputerSystem WHERE ${'Name = 1 OR '.repeat(1000)}Name = 1`,
  'DELETE FROM Msvm_ComputerSystem',
  'ASSOCIATORS OF {Msvm_ComputerSystem}',
  'ASSOCIATORS OF {Msvm_Nothing.Name="x"}',
  'ASSOCIATORS OF {Msvm_ComputerSystem.Name="x"} WHERE AssocClass=Msvm_Nothing',
  'ASSOCIATORS OF {Msvm_ComputerSystem.Name="x"} WHERE Colour=red',
  'REFERENCES OF Msvm_ComputerSystem.Name="x"',
];
for (const query of WRONG) {
  test(`“${query.slice(0, 90)}” is a filter that cannot be processed`, () => {
    assert.throws(() => Array.from(evaluateWql(classes, parseWql(query))), {
      name: 'CimFault',
      subcode: 'n:CannotProcessFilter',
    });
  });
}

test('a superclass gives the instances of its subclasses', () => {
  const rows = evaluateWql(classes, parseWql('select * from cim_computersystem'));
  assert.equal(Array.from(rows).length, 5);
});

test('a backslash in a pattern may be single or doubled, in a value it is doubled', () => {
  const notes = (text: string): number =>
    Array.from(
      evaluateWql(
        classes,
        parseWql(`SELECT * FROM Msvm_VirtualSystemSettingData WHERE Notes ${text}`),
      ),
    ).length;
  assert.equal(notes(String.raw`LIKE 'a\\b%'`), 1);
  assert.equal(notes(String.raw`LIKE 'a\b%'`), 1);
  assert.equal(notes(String.raw`LIKE '%\'d\''`), 1);
  assert.equal(notes(String.raw`= 'a\\b "c" \'d\''`), 1);
  assert.equal(notes(String.raw`= 'a\b "c" \'d\''`), 0);
});
