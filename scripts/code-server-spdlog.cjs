// Takes the place of @vscode/spdlog in an installed code-server: the same calls, plain files, no native code. The editor opens
// one logger for each output channel; without any, channels stay empty and say nothing about it.
const { appendFileSync, mkdirSync } = require('node:fs');
const path = require('node:path');

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];
/** As spdlog writes them. */
const NAMES = { ...Object.fromEntries(LEVELS.map((each) => [each, each])), warn: 'warning' };

let common = LEVELS.indexOf('info');

class Logger {
  #file;
  #level;
  #plain = false;

  constructor(_kind, _name, file) {
    this.#file = file;
    mkdirSync(path.dirname(file), { recursive: true });
    // A channel that was opened has a file, whether or not anything is written to it.
    appendFileSync(file, '');
  }

  getLevel() {
    return this.#level ?? common;
  }

  setLevel(level) {
    this.#level = level;
  }

  setPattern() {
    this.#plain = false;
  }

  clearFormatters() {
    this.#plain = true;
  }

  flush() {}

  drop() {
    this.#file = undefined;
  }

  write(name, text) {
    if (this.#file === undefined || LEVELS.indexOf(name) < this.getLevel()) return;
    const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
    appendFileSync(this.#file, this.#plain ? text : `${time} [${NAMES[name]}] ${text}\n`);
  }
}

for (const name of LEVELS) {
  Logger.prototype[name] = function log(text) {
    this.write(name, String(text));
  };
}

const open = async (name, file) => new Logger('', name, file);

exports.version = 0;
exports.Logger = Logger;
exports.createRotatingLogger = open;
exports.createAsyncRotatingLogger = open;
exports.setLevel = (level) => {
  common = level;
};
exports.setFlushOn = () => {};
exports.shutdown = () => {};
