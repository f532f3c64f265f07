import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { faults, remedies, remedyOf } from './areas/faults';

const top = join(import.meta.dirname, '../../../..');

/** Codes that never reach a person who looks at the window, and why. */
const elsewhere: Record<string, string> = {
  done: 'a session that ended in good order',
  no_window: 'said on the command line, where there is no window',
  data_incomplete: 'said by holdfast recover, which wants the window closed',
};

/** Where the program makes codes: constants of faults and reasons, reasons and checks made in place. */
const patterns = [
  /\b(?:fault\.)?Code\s+= "([a-z_]+)"/g, /\bReason[A-Z]\w*\s+= "([a-z_]+)"/g, /\bReason\{Code: "([a-z_]+)"/g, /\bfault\.Newf?\("([a-z_]+)"/g,
  /\bcheck[A-Z]\w*\s+= "([a-z_]+)"/g, /\bCheck\{Name: "([a-z_]+)"/g, /^\t\t\{"([a-z_]+)", (?:health|setAside)/gm, /\bDevice(?:Revoked|Compromised)\s+= "([a-z_]+)"/g,
];

/** Codes that the interface makes itself. */
const own = ['unreachable', 'window'];

const found = new Map<string, string>();

beforeAll(() => {
  for (const folder of ['app', 'backend', 'sync']) {
    for (const name of readdirSync(join(top, folder), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.go') || name.endsWith('_test.go') || /(^|\/)sim\/|nodetest|enroltest/.test(name)) continue;
      const source = readFileSync(join(top, folder, name), 'utf8');
      for (const pattern of patterns) for (const [, code] of source.matchAll(pattern)) if (code !== undefined) found.set(code, join(folder, name));
    }
  }
});

describe('every fault that the program can raise to the window', () => {
  it('is found in its source', () => {
    expect(found.size).toBeGreaterThan(70);
    for (const code of ['disk_full', 'claimed', 'backup_age', 'clock', 'transition_refused', 'author_unknown', 'device_compromised']) expect([...found.keys()]).toContain(code);
  });

  it('has a sentence and a button', () => {
    const bare = [...found].filter(([code]) => !(code in faults) && !(code in elsewhere)).map(([code, file]) => `${code} (${file})`);
    expect(bare).toEqual([]);
  });

  it('is still raised', () => {
    expect([...Object.keys(faults), ...Object.keys(elsewhere)].filter((code) => !found.has(code) && !own.includes(code))).toEqual([]);
  });

  it.each(Object.entries(faults))('%s is said whole in both languages, with a button', (code, { en, de }) => {
    expect(en).toMatch(/^[A-Z].*\.$/);
    expect(de).toMatch(/^[A-ZÄÖÜ].*\.$/);
    expect(de).not.toBe(en);
    const remedy = remedyOf(code);
    expect(remedies.en[remedy]).not.toBe('');
    expect(remedies.de[remedy]).not.toBe(remedies.en[remedy]);
  });
});
