import { describe, expect, it } from 'vitest';
import { type Texts } from './area';
import { actionLabel, fieldLabel, systemLanguage, textsIn } from './index';

function walk(en: Texts, de: Texts, path: string, visit: (path: string, en: unknown, de: unknown) => void): void {
  for (const [key, value] of Object.entries(en)) {
    const other = de[key];
    if (typeof value === 'object' && typeof other === 'object') walk(value, other, `${path}.${key}`, visit);
    else visit(`${path}.${key}`, value, other);
  }
}

function each(visit: (path: string, en: unknown, de: unknown) => void): void {
  const [en, de] = [textsIn('en'), textsIn('de')];
  for (const name of Object.keys(en) as (keyof typeof en)[]) walk(en[name], de[name], name, visit);
}

describe('the catalogue', () => {
  it('has words for everything in both languages', () => {
    const empty: string[] = [];
    each((path, en, de) => {
      if (en === '' || de === '' || typeof en !== typeof de) empty.push(path);
    });
    expect(empty).toEqual([]);
  });

  it('never speaks of how it works inside', () => {
    const jargon = /\b(quorum|CSN|replica|FSM|CRDT|Raft|opcode)\b/i;
    const found: string[] = [];
    each((path, en, de) => {
      if (typeof en === 'string' && jargon.test(en)) found.push(path);
      if (typeof de === 'string' && jargon.test(de)) found.push(path);
    });
    expect(found).toEqual([]);
  });

  it('counts in both languages', () => {
    expect(textsIn('en').frame.chip.waiting(1)).toBe('1 change waiting');
    expect(textsIn('en').frame.chip.waiting(1200)).toBe('1,200 changes waiting');
    expect(textsIn('de').frame.chip.waiting(3)).toBe('3 Änderungen warten');
  });
});

describe('labels', () => {
  it('names known fields in the language and unknown ones as the program does', () => {
    expect(fieldLabel(textsIn('de'), 'impact', 'Impact')).toBe('Auswirkung');
    expect(fieldLabel(textsIn('de'), 'cost_centre', 'Cost centre')).toBe('Cost centre');
    expect(actionLabel(textsIn('de'), 'resolve')).toBe('lösen');
    expect(actionLabel(textsIn('en'), 'custom')).toBe('custom');
  });

  it('takes the system language where there is one', () => {
    expect(systemLanguage(['fr-FR', 'de-AT', 'en'])).toBe('de');
    expect(systemLanguage(['fr'])).toBe('en');
    expect(systemLanguage([])).toBe('en');
  });
});
